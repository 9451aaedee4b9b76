//! The members of requests and answers, by path.

use alicloud_spec::{Kind, Shape, Spec};

/// Deepest member that is looked at.
const MAX_DEPTH: usize = 8;

/// A member that is reached without entering a list or map.
#[derive(Clone, Debug)]
pub(super) struct Member<'s> {
    /// Names joined by dots.
    pub(super) path: String,
    /// Path of the object that holds it; empty at the top.
    pub(super) parent: String,
    /// The last name without case, `_` and `-`.
    pub(super) word: String,
    /// What it is, references followed.
    pub(super) shape: &'s Shape,
    pub(super) depth: usize,
}

impl Member<'_> {
    pub(super) fn is_list(&self) -> bool {
        self.shape.kind == Some(Kind::List)
    }
}

/// Kinds of value that a member can be told by.
#[derive(Clone, Copy)]
pub(super) enum Holds {
    /// A number, or text that holds one.
    Number,
    Token,
    Flag,
}

impl Holds {
    fn fits(self, member: &Member<'_>) -> bool {
        let Some(kind) = member.shape.kind else { return false };
        match self {
            Self::Number => matches!(kind, Kind::Int32 | Kind::Int64 | Kind::Double | Kind::Float | Kind::String),
            Self::Token => matches!(kind, Kind::Int32 | Kind::Int64 | Kind::String),
            Self::Flag => matches!(kind, Kind::Boolean | Kind::String),
        }
    }
}

/// A name without case, `_` and `-`.
pub(super) fn word(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// All members, outer ones first, in the order of the spec.
pub(super) fn members<'s>(spec: &'s Spec, shapes: &'s [Shape]) -> Vec<Member<'s>> {
    let mut found = Vec::new();
    let mut level: Vec<(String, &'s [Shape])> = vec![(String::new(), shapes)];
    for depth in 0..MAX_DEPTH {
        let mut deeper = Vec::new();
        for (parent, shapes) in level {
            for shape in shapes {
                let path = if parent.is_empty() { shape.name.clone() } else { format!("{parent}.{}", shape.name) };
                let target = follow(spec, shape);
                if target.kind == Some(Kind::Object) {
                    deeper.push((path.clone(), target.fields.as_slice()));
                }
                found.push(Member { path, parent: parent.clone(), word: word(&shape.name), shape: target, depth });
            }
        }
        level = deeper;
    }
    found
}

/// The shape that a reference leads to.
pub(super) fn follow<'s>(spec: &'s Spec, mut shape: &'s Shape) -> &'s Shape {
    // Shared types may name each other, but not in a circle without end.
    for _ in 0..MAX_DEPTH {
        match shape.reference.as_ref().and_then(|name| spec.types.get(name)) {
            Some(target) => shape = target,
            None => break,
        }
    }
    shape
}

/// The first of some words that a member has; among equals the outermost.
pub(super) fn pick<'m, 's>(members: &'m [Member<'s>], words: &[&str], holds: Holds) -> Option<&'m Member<'s>> {
    words.iter().find_map(|word| members.iter().find(|member| member.word == *word && holds.fits(member)))
}
