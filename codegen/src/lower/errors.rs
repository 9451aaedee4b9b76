//! Documented error codes into constants.

use std::collections::{BTreeMap, BTreeSet};

use alicloud_spec::Spec;

use super::{
    describe::sentence,
    docs,
    link::{self, Names},
    names, operation,
};
use crate::{error::Error, model::ErrorCode};

/// What all operations say of one code.
#[derive(Default)]
struct Facts<'s> {
    statuses: BTreeSet<u16>,
    prose: Vec<&'s str>,
    operations: BTreeSet<&'s str>,
}

/// A constant per code that can be compared with, sorted by code. Patterns stand in the docs of operations only.
pub(crate) fn lower(spec: &Spec, names: &Names) -> Result<Vec<ErrorCode>, Error> {
    let mut codes: BTreeMap<&str, Facts<'_>> = BTreeMap::new();
    for (name, operation) in link::operations(spec) {
        for error in &operation.errors {
            if error.code.is_empty() {
                return Err(Error::new("an error has no `code`").inside(format!("operation {name}")));
            }
            if names.error(&error.code).is_none() {
                continue;
            }
            let facts = codes.entry(&error.code).or_default();
            facts.statuses.extend(error.status);
            facts.operations.insert(name);
            for prose in [Some(error.summary.as_str()), error.note.as_deref()].into_iter().flatten() {
                if !facts.prose.contains(&prose) {
                    facts.prose.push(prose);
                }
            }
        }
    }
    codes.into_iter().map(|(code, facts)| constant(names, code, &facts)).collect()
}

fn constant(names: &Names, code: &str, facts: &Facts<'_>) -> Result<ErrorCode, Error> {
    let Some(name) = names.error(code) else { return Err(Error::new(format!("the error `{code}` has no name"))) };
    let statuses: Vec<_> = facts.statuses.iter().map(u16::to_string).collect();
    let mut paragraphs: Vec<String> = facts.prose.iter().map(|prose| sentence(prose)).collect();
    let http = if statuses.is_empty() { String::new() } else { format!(", HTTP {}", statuses.join(" or ")) };
    paragraphs.push(format!("{}{http}. {}", docs::name(code), returned_by(names, facts)?));
    Ok(ErrorCode { name: names::ident(name)?, code: code.to_owned(), docs: docs::comment(paragraphs) })
}

fn returned_by(names: &Names, facts: &Facts<'_>) -> Result<String, Error> {
    const MOST: usize = 8;
    if facts.operations.len() > MOST {
        return Ok(format!("Documented for {} operations.", facts.operations.len()));
    }
    let links = facts.operations.iter().map(|name| Ok(operation::method_link(names, &names.method(name)?)));
    Ok(format!("Documented for {}.", links.collect::<Result<Vec<_>, Error>>()?.join(", ")))
}
