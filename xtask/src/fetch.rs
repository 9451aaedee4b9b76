//! `cargo xtask fetch`: downloads the vendor's description of a product version and imports it.

mod download;

use std::path::PathBuf;

use self::download::{Limits, get};
use crate::failure::{Failure, say, unknown, value, workspace};
use crate::import::{Json, Options, import_into, is_name};

const HELP: &str = "\
cargo xtask fetch PRODUCT [VERSION] [--base URL] [--into DIR] [--with-prose] [--skip-unknown]

Downloads the description of a product version from the vendor's metadata service and imports it, as
`cargo xtask import` does. Without VERSION it takes the one that the vendor has as default.

  --base URL      the metadata service (default: https://api.aliyun.com)
  --into DIR      where specs are (default: specs/)
  --with-prose    take the vendor's own texts, too; for private use
  --skip-unknown  leave out operations with constructs that the importer does not know";

/// What the user asked for.
#[derive(Debug)]
struct Request {
    base: String,
    product: String,
    version: Option<String>,
    into: PathBuf,
    options: Options,
}

/// Runs `cargo xtask fetch`.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let (mut base, mut into, mut options) = ("https://api.aliyun.com".to_owned(), None, Options::default());
    let mut named = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-h" | "--help" => {
                say(HELP);
                return Ok(());
            }
            "--base" => base = value(arg, &mut args)?.to_owned(),
            "--into" => into = Some(PathBuf::from(value(arg, &mut args)?)),
            "--with-prose" => options.prose = true,
            "--skip-unknown" => options.skip_unknown = true,
            option if option.starts_with('-') => {
                let known = ["--base", "--into", "--with-prose", "--skip-unknown", "--help"];
                return Err(unknown("option", option, known.into_iter()));
            }
            name => named.push(name.to_owned()),
        }
    }
    let mut named = named.into_iter();
    let (Some(product), version, None) = (named.next(), named.next(), named.next()) else {
        return Err(Failure(HELP.to_owned()));
    };
    let into = into.unwrap_or_else(|| workspace().join("specs"));
    fetch(Request { base, product, version, into, options }, Limits::default())
}

fn fetch(request: Request, limits: Limits) -> Result<(), Failure> {
    let base = checked_base(&request.base)?;
    let list = get(&format!("{base}/meta/v1/products.json?language=EN_US"), limits)?;
    let product = find(&list, &request.product)?;
    let versions: Vec<&str> =
        product.get("versions").map(Json::elements).unwrap_or_default().iter().filter_map(Json::text).collect();
    let version = match &request.version {
        Some(version) if versions.is_empty() || versions.contains(&version.as_str()) => version.as_str(),
        Some(version) => return Err(unknown("version", version, versions.into_iter())),
        None => product
            .text_of("defaultVersion")
            .or(versions.last().copied())
            .ok_or_else(|| Failure(format!("the vendor lists no version of {}; name one", request.product)))?,
    };
    let code = product.text_of("code").unwrap_or(&request.product);
    let url = format!("{base}/meta/v1/products/{}/versions/{}/api-docs.json", segment(code)?, segment(version)?);
    say(format_args!("{url}"));
    let docs = get(&url, limits)?;
    let title = product.text_of("name").map(str::to_owned);
    import_into(&docs, &Options { title, ..request.options }, &request.into)?.print();
    Ok(())
}

/// What is downloaded becomes code, so it does not travel unprotected, except on this machine.
fn checked_base(base: &str) -> Result<&str, Failure> {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = |base: &str| {
        local
            .iter()
            .filter_map(|local| base.strip_prefix(local))
            .any(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    if base.starts_with("https://") || is_local(base) {
        Ok(base.trim_end_matches('/'))
    } else {
        Err(Failure(format!("--base `{base}` must begin with https://")))
    }
}

/// The product of a list, whatever case its code is written in.
fn find<'a>(list: &'a Json, name: &str) -> Result<&'a Json, Failure> {
    let products = list.get("products").unwrap_or(list).elements();
    let code = |product: &'a Json| product.text_of("code");
    let same = |product: &&'a Json| code(product).is_some_and(|code| code.eq_ignore_ascii_case(name));
    products.iter().find(same).ok_or_else(|| unknown("product", name, products.iter().filter_map(code)))
}

/// A part of a path, taken from a download or from the user.
fn segment(text: &str) -> Result<&str, Failure> {
    is_name(text).then_some(text).ok_or_else(|| Failure(format!("`{text}` is no name of a product or version")))
}

#[cfg(test)]
mod tests;
