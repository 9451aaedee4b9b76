//! Path templates, matched against the path exactly as it was sent.

use crate::request::decode;

/// A parsed path template such as `/clusters/{ClusterId}/nodes`.
#[derive(Debug)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    /// A value without a slash.
    Segment(String),
    /// A value that may hold slashes.
    Rest(String),
}

impl Template {
    pub(crate) fn new(template: &str) -> Self {
        // A fixed query behind the path belongs to the query.
        let mut rest = template.split('?').next().unwrap_or_default();
        let mut parts = Vec::new();
        while let Some((text, tail)) = rest.split_once('{') {
            let (name, tail) = tail.split_once('}').unwrap_or((tail, ""));
            if !text.is_empty() {
                parts.push(Part::Text(text.to_owned()));
            }
            parts.push(match name.strip_prefix('+') {
                Some(name) => Part::Rest(name.to_owned()),
                None => Part::Segment(name.to_owned()),
            });
            rest = tail;
        }
        if !rest.is_empty() || parts.is_empty() {
            parts.push(Part::Text(if rest.is_empty() { "/".to_owned() } else { rest.to_owned() }));
        }
        Self { parts }
    }

    /// Names and decoded values, if the path fits. Segments that decode to `.` or `..` never do: every
    /// proxy on the way may resolve them.
    pub(crate) fn read(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut values = Vec::new();
        let path = if path.is_empty() { "/" } else { path };
        walk(&self.parts, path, &mut values).then_some(values)
    }

    /// How much of the template is literal; of two that fit the heavier is meant.
    pub(crate) fn weight(&self) -> usize {
        self.parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 }).sum()
    }
}

fn walk(parts: &[Part], path: &str, values: &mut Vec<(String, String)>) -> bool {
    let Some((part, parts)) = parts.split_first() else { return path.is_empty() };
    let (name, longest) = match part {
        Part::Text(text) => return path.strip_prefix(text.as_str()).is_some_and(|rest| walk(parts, rest, values)),
        Part::Segment(name) => (name, path.find('/').unwrap_or(path.len())),
        Part::Rest(name) => (name, path.len()),
    };
    let slashes = matches!(part, Part::Rest(_));
    for end in (1..=longest).rev().filter(|end| path.is_char_boundary(*end)) {
        let (raw, rest) = path.split_at(end);
        let Some(value) = decode(raw.as_bytes(), false) else { continue };
        let dotted = if slashes {
            value.split('/').any(|segment| segment == "." || segment == "..")
        } else {
            value == "." || value == ".."
        };
        if dotted {
            continue;
        }
        values.push((name.clone(), value));
        if walk(parts, rest, values) {
            return true;
        }
        values.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(template: &str, path: &str) -> Option<Vec<String>> {
        let values = Template::new(template).read(path)?;
        Some(values.into_iter().map(|(name, value)| format!("{name}={value}")).collect())
    }

    #[test]
    fn reads_values_from_the_raw_path() {
        let strings = |items: &[&str]| Some(items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>());
        assert_eq!(read("/", "/"), strings(&[]));
        assert_eq!(read("/", ""), strings(&[]));
        assert_eq!(read("/c/{Id}/nodes", "/c/a%2Fb%20c+d/nodes"), strings(&["Id=a/b c+d"]));
        assert_eq!(read("/c/{Id}/nodes?type=log", "/c/x/nodes"), strings(&["Id=x"]));
        assert_eq!(read("/o/{+Key}/acl", "/o/a/b/acl"), strings(&["Key=a/b"]));
        assert_eq!(read("/v/{Id}:stop", "/v/x:y:stop"), strings(&["Id=x:y"]));
        for (template, path) in [
            ("/c/{Id}", "/c/"),
            ("/c/{Id}", "/c/a/b"),
            ("/c/{Id}", "/c/.."),
            ("/c/{Id}", "/c/%2e%2E"),
            ("/o/{+Key}", "/o/a/../b"),
            ("/c/{Id}", "/c/%ff"),
            ("/c", "/c/"),
        ] {
            assert_eq!(read(template, path), None, "{template} {path}");
        }
    }
}
