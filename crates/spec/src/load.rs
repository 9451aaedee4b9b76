//! Reading specs.

use std::{collections::HashSet, ffi::OsStr, fmt, fs, path::Path};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::{Error, Problem, Spec, place::Place, validate};

impl Spec {
    /// Reads and checks a spec file.
    ///
    /// # Errors
    /// The file cannot be read, or does not hold a valid spec.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| Error::Read { file: file.clone(), source })?;
        Self::parse(&file, &text)
    }

    /// Reads and checks the text of a spec; `file` is what messages call it.
    ///
    /// # Errors
    /// The text is not JSON, does not follow the dialect, or contradicts itself. What cannot be read is
    /// reported once, at its first fault; what can be read is checked to its end, and every fault reported.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        read::<Unique>(file, text)?;
        let spec = read::<Self>(file, text)?;
        let problems = validate(file, &spec);
        if problems.is_empty() { Ok(spec) } else { Err(Error::Invalid(problems)) }
    }
}

/// Reads every spec below a folder that holds `<product>/<version>.json`, sorted by product and version.
/// Other files are left alone.
///
/// # Errors
/// A file cannot be read; or some are no valid specs, or belong elsewhere by what they say: then the
/// problems of all files are reported together.
pub fn load_dir(dir: impl AsRef<Path>) -> Result<Vec<Spec>, Error> {
    let (mut specs, mut problems) = (Vec::new(), Vec::new());
    for folder in entries(dir.as_ref())?.iter().filter(|entry| entry.is_dir()) {
        for path in entries(folder)?.iter().filter(|entry| entry.extension() == Some(OsStr::new("json"))) {
            match Spec::load(path) {
                Ok(spec) => {
                    problems.extend(misplaced(path, &spec));
                    specs.push(spec);
                }
                Err(Error::Invalid(more)) => problems.extend(more),
                Err(error) => return Err(error),
            }
        }
    }
    specs.sort_by(|a, b| (&a.product, &a.version).cmp(&(&b.product, &b.version)));
    if problems.is_empty() { Ok(specs) } else { Err(Error::Invalid(problems)) }
}

fn entries(dir: &Path) -> Result<Vec<std::path::PathBuf>, Error> {
    let error = |source| Error::Read { file: dir.display().to_string(), source };
    let mut entries = fs::read_dir(dir)
        .map_err(error)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(error)?;
    entries.sort();
    Ok(entries)
}

/// A spec in a folder or file that is not named after it would overwrite another one's crate.
fn misplaced(path: &Path, spec: &Spec) -> Option<Problem> {
    let right = Path::new(&spec.product).join(format!("{}.json", spec.version));
    let message = format!("product and version say that this file is `{}`", right.display());
    (!path.ends_with(&right))
        .then(|| Problem::new(&path.display().to_string(), &Value::Null, &Place::default(), message))
}

/// Reads JSON text and says where it went wrong.
fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let fault = match serde_path_to_error::deserialize(&mut json) {
        Ok(value) => match json.end() {
            Ok(()) => return Ok(value),
            Err(error) => (Place::default(), error),
        },
        Err(error) => (Place::from(error.path()), error.into_inner()),
    };
    let (place, error) = fault;
    // Without the position, which stands in front of the message.
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    // An unknown key is no place; the message names it.
    let known = if message.starts_with("unknown field") { place.outside() } else { place.clone() };
    let message = if error.is_data() { explain(message) } else { format!("not JSON: {message}") };
    let spec = serde_json::from_str(text).unwrap_or_default();
    let mut problem = Problem::new(file, &spec, &known, message);
    problem.path = place.to_string();
    problem.position = Some((error.line(), error.column()));
    Err(Error::Invalid(vec![problem]))
}

/// Serde's words for a wrong key or value, with the one that was probably meant.
fn explain(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let what = match message {
        _ if message.starts_with("unknown field") => "key",
        _ if message.starts_with("unknown variant") => "value",
        _ => return message.replace("missing field", "missing key"),
    };
    let wrong = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    match nearest(wrong, &known) {
        Some(right) => format!("unknown {what} `{wrong}`, did you mean `{right}`?"),
        None => format!("unknown {what} `{wrong}`, known are `{}`", known.join("`, `")),
    }
}

/// The known word that looks most like `wrong`, when one does.
pub(crate) fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = |word: &str| word.replace(['_', '-'], "").to_lowercase();
    let wrong = plain(wrong);
    let likeness = |word: &str| strsim::normalized_damerau_levenshtein(&wrong, &plain(word));
    let (best, word) = known.iter().map(|word| (likeness(word), *word)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best > 0.5).then_some(word)
}

/// Any JSON in which no object repeats a key. Parsers keep the last of them and say nothing, so that
/// whoever repeats a key loses facts.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;

        impl<'de> Visitor<'de> for Walk {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Unique, A::Error> {
                while seq.next_element::<Unique>()?.is_some() {}
                Ok(Unique)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
                let mut keys = HashSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    if keys.contains(&key) {
                        return Err(A::Error::custom(format_args!("the key `{key}` occurs twice")));
                    }
                    map.next_value::<Unique>()?;
                    keys.insert(key);
                }
                Ok(Unique)
            }
        }

        deserializer.deserialize_any(Walk)
    }
}
