//! Specs from a folder, read as far as routing needs; operations are read when they are called.
//!
//! Twenty products are ten megabytes of specs, and a test calls three operations.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use alicloud_spec::{Endpoints, Method, Operation, Protocol, Shape, Spec, Style};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Entry, Product};
use crate::check::path::Template;
use crate::error::Error;

/// The parts of a spec by which requests are told apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline<'a> {
    product: String,
    code: String,
    version: String,
    style: Style,
    #[serde(default)]
    protocol: Protocol,
    #[serde(default)]
    endpoints: Endpoints,
    #[serde(borrow)]
    operations: BTreeMap<String, &'a RawValue>,
    #[serde(borrow, default)]
    types: Option<&'a RawValue>,
}

/// A part of a file that is kept as text; copying all of them would take as long as finding them.
#[derive(Debug)]
struct Part {
    file: Arc<String>,
    range: Range<usize>,
}

impl Part {
    fn new(file: &Arc<String>, part: &RawValue) -> Self {
        let start = (part.get().as_ptr() as usize).wrapping_sub(file.as_ptr() as usize);
        Self { file: Arc::clone(file), range: start..start.saturating_add(part.get().len()) }
    }

    fn text(&self) -> &str {
        self.file.get(self.range.clone()).unwrap_or_default()
    }
}

/// The parts of an operation by which requests are told apart.
#[derive(Deserialize)]
struct Glimpse {
    #[serde(default)]
    style: Option<Style>,
    #[serde(default)]
    method: Method,
    #[serde(default)]
    also: Vec<Method>,
    #[serde(default)]
    path: Option<String>,
}

/// Something that is in the spec as text until it is asked for.
#[derive(Debug)]
pub(super) struct Late<T> {
    text: Option<Part>,
    value: OnceLock<Result<T, String>>,
}

impl<T> Late<T> {
    fn from_text(text: Option<Part>) -> Self {
        Self { text, value: OnceLock::new() }
    }

    fn from_value(value: T) -> Self {
        Self { text: None, value: OnceLock::from(Ok(value)) }
    }
}

impl<T: for<'de> Deserialize<'de> + Default> Late<T> {
    /// The value, or what is wrong with its text.
    pub(super) fn get(&self) -> Result<&T, &str> {
        let value = self.value.get_or_init(|| match &self.text {
            Some(part) => serde_json::from_str(part.text()).map_err(|error| error.to_string()),
            None => Ok(T::default()),
        });
        value.as_ref().map_err(String::as_str)
    }
}

/// Reads `<product>/<version>.json` below folders, the specs of products, or single specs; beside each product a
/// digest of its text.
pub(crate) fn specs(paths: &[PathBuf]) -> Result<Vec<(Product, u64)>, Error> {
    let files: Vec<PathBuf> = paths.iter().map(|path| files(path)).collect::<Result<Vec<_>, _>>()?.concat();
    // Two threads that take the next file when they are done with one: the time to start is what every test
    // waits for.
    let next = AtomicUsize::new(0);
    let read = || {
        let mut products = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(at) else { return Ok(products) };
            products.push((at, file(path)?));
        }
    };
    let mut products = std::thread::scope(|scope| {
        let other = scope.spawn(read);
        let mut products = read()?;
        let other = other.join().unwrap_or_else(|_| Err(Error::Spec("reading the specs was interrupted".to_owned())));
        products.extend(other?);
        Ok::<_, Error>(products)
    })?;
    products.sort_by_key(|(at, _)| *at);
    Ok(products.into_iter().map(|(_, product)| product).collect())
}

/// The files of specs, in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let is_spec = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "json");
    let (folders, mut files): (Vec<_>, Vec<_>) = entries(path)?.into_iter().partition(|path| path.is_dir());
    if !folders.is_empty() {
        // What lies beside the products is not a product.
        files = folders.iter().map(|folder| entries(folder)).collect::<Result<Vec<_>, _>>()?.concat();
    }
    files.retain(is_spec);
    match files.is_empty() {
        true => Err(Error::Spec(format!("there are no specs in {}", path.display()))),
        false => Ok(files),
    }
}

fn file(path: &Path) -> Result<(Product, u64), Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(format!("read {}", path.display()), source))?;
    let text = Arc::new(text);
    let outline = serde_json::from_str(&text);
    let outline = outline.map_err(|error| Error::Spec(format!("{}: {error}", path.display())))?;
    Ok((Product::outlined(&text, outline), digest(&text)))
}

/// Tells one text from another; not meant to withstand an attack.
pub(super) fn digest(text: &str) -> u64 {
    let mut words = text.as_bytes().chunks_exact(8);
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let whole = words.by_ref().fold(0, |hash, bytes| mix(hash, word(bytes)));
    mix(whole, word(words.remainder()) ^ text.len() as u64)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut entries = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>())
        .map_err(|source| Error::io(format!("read {}", folder.display()), source))?;
    entries.sort();
    Ok(entries)
}

/// The pairs of a query that a path template fixes: `/logstores/{name}?type=log`.
fn fixed(path: &str) -> Vec<(String, String)> {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl Product {
    /// A product whose spec is there completely.
    pub(super) fn whole(spec: Spec) -> Self {
        let operations = spec.operations.into_iter().map(|(name, operation)| {
            let style = operation.style.unwrap_or(spec.style);
            let path = operation.path.as_deref().filter(|_| style == Style::Roa).unwrap_or("/");
            let methods = std::iter::once(operation.method).chain(operation.also.iter().copied()).collect();
            let template = Template::new(path);
            let fixed = fixed(path);
            (name, Entry { style, template, fixed, methods, operation: Late::from_value(operation.into()) })
        });
        Self {
            operations: operations.collect(),
            product: spec.product,
            code: spec.code,
            version: spec.version,
            protocol: spec.protocol,
            endpoints: spec.endpoints,
            types: Late::from_value(spec.types),
        }
    }

    fn outlined(file: &Arc<String>, outline: Outline<'_>) -> Self {
        let operations = outline.operations.into_iter().map(|(name, text)| {
            // Most operations are called by name at `/`; only a path makes it worth looking.
            let glimpse = text.get().contains("\"path\"").then(|| serde_json::from_str::<Glimpse>(text.get()).ok());
            let glimpse = glimpse.flatten();
            let style = glimpse.as_ref().and_then(|glimpse| glimpse.style).unwrap_or(outline.style);
            let path = glimpse.as_ref().and_then(|glimpse| glimpse.path.as_deref());
            let path = path.filter(|_| style == Style::Roa).unwrap_or("/");
            let (template, fixed) = (Template::new(path), fixed(path));
            let methods =
                glimpse.map_or_else(Vec::new, |glimpse| std::iter::once(glimpse.method).chain(glimpse.also).collect());
            (name, Entry { style, template, fixed, methods, operation: Late::from_text(Some(Part::new(file, text))) })
        });
        Self {
            operations: operations.collect(),
            product: outline.product,
            code: outline.code,
            version: outline.version,
            protocol: outline.protocol,
            endpoints: outline.endpoints,
            types: Late::from_text(outline.types.map(|types| Part::new(file, types))),
        }
    }

    /// Types that operations share; none when their text is not valid.
    pub(super) fn shared(&self) -> Option<&BTreeMap<String, Shape>> {
        self.types.get().ok()
    }
}

impl Entry {
    pub(super) fn operation(&self) -> Result<&Arc<Operation>, &str> {
        self.operation.get().map(|Lent(operation)| operation)
    }
}

/// An operation that is lent to many requests.
#[derive(Debug, Default)]
pub(super) struct Lent(Arc<Operation>);

impl<'de> Deserialize<'de> for Lent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Operation::deserialize(deserializer).map(Self::from)
    }
}

impl From<Operation> for Lent {
    fn from(operation: Operation) -> Self {
        Self(operation.into())
    }
}
