//! Paths: templates of URLs, and paths into responses.

use super::{Checker, hint};
use crate::{Kind, Shape};

/// The placeholders of a path template.
pub(super) struct Template {
    pub(super) placeholders: Vec<String>,
}

impl Template {
    /// Reads `/clusters/{ClusterId}/{+Rest}?fixed=query`.
    pub(super) fn parse(path: &str) -> Result<Self, String> {
        if !path.starts_with('/') {
            return Err("must begin with `/`".to_owned());
        }
        let (segments, query) = path.split_once('?').unwrap_or((path, ""));
        if query.contains(['{', '}']) {
            return Err("the query after `?` is fixed and takes no placeholders".to_owned());
        }
        let mut placeholders: Vec<String> = Vec::new();
        let mut rest = segments;
        while let Some(at) = rest.find(['{', '}']) {
            let inside = rest.get(at..).and_then(|text| text.strip_prefix('{')).and_then(|text| text.split_once('}'));
            let Some((name, after)) = inside else { return Err("has a brace without its partner".to_owned()) };
            let name = name.strip_prefix('+').unwrap_or(name);
            if name.is_empty() || name.contains(['{', '/']) {
                return Err(format!("`{{{name}}}` is not a placeholder"));
            }
            if placeholders.iter().any(|known| known == name) {
                return Err(format!("placeholder `{{{name}}}` occurs twice"));
            }
            placeholders.push(name.to_owned());
            rest = after;
        }
        Ok(Self { placeholders })
    }
}

impl<'a> Checker<'a> {
    /// The shape that a path like `UpgradeDetail.GatewayStatusRecord.*.Status` leads to; else which part
    /// of it is not there.
    pub(super) fn resolve(&self, fields: &'a [Shape], path: &str) -> Result<&'a Shape, String> {
        // A name may hold dots itself: the longest one that fits is meant.
        let fits = |name: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let field = fields.iter().filter(|field| fits(&field.name)).max_by_key(|field| field.name.len());
        let Some(field) = field else {
            let name = path.split('.').next().unwrap_or_default();
            return Err(format!("`{name}`{}", hint(name, fields.iter().map(|field| &field.name))));
        };
        self.into(field, path.get(field.name.len()..).unwrap_or_default())
    }

    /// Follows what is left of a path: empty, or a dot and more.
    fn into(&self, shape: &'a Shape, rest: &str) -> Result<&'a Shape, String> {
        let Some(rest) = rest.strip_prefix('.') else { return Ok(shape) };
        let target = self.target(shape).ok_or_else(|| format!("type for `{}`", shape.name))?;
        if target.kind == Some(Kind::Any) {
            return Ok(target);
        }
        match (rest.strip_prefix('*'), &target.of) {
            (Some(after), Some(element)) if after.is_empty() || after.starts_with('.') => self.into(element, after),
            (Some(after), None) if after.is_empty() || after.starts_with('.') => {
                Err(format!("list or map for `*` in `{}`", shape.name))
            }
            _ if target.of.is_some() => Err(format!("`{rest}`: a list or map is entered with `*`")),
            _ => self.resolve(&target.fields, rest),
        }
    }
}
