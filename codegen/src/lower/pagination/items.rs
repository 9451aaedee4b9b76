//! Which list of an answer the page is.

use alicloud_spec::{Kind, Spec};

use super::{
    super::words,
    members::{Member, follow},
    spellings,
};

/// Where the items are.
#[derive(Debug)]
pub(super) enum Items {
    At(String),
    /// Nowhere, or nobody could say.
    None(String),
}

/// Why there are no items, where there is nothing that they could be.
pub const NO_LIST: &str = "the answer has no list";

/// Names of lists that could hold anything.
const GENERIC: &[&str] = &["items", "list", "rows", "records", "data", "datalist", "result", "results", "content"];

/// Words after which the name of an operation says something about its subject.
const JOINTS: &[&str] = &["by", "for", "from", "in", "of", "on", "to", "under", "with"];

/// The list, by the first rule that leaves one: the only list; the one that the operation is named after;
/// the one with a name that says nothing; the only one of objects; among neighbours, the one whose name ends
/// that of the operation; the only one beside a token or total.
pub(super) fn find(spec: &Spec, name: &str, response: &[Member<'_>]) -> Items {
    let lists: Vec<_> = response.iter().filter(|member| member.is_list()).collect();
    let subject = subject(name);
    let chosen =
        |fits: &dyn Fn(&Member<'_>) -> bool| -> Vec<_> { lists.iter().copied().filter(|list| fits(list)).collect() };
    let named = chosen(&|list| singular(&list.word) == subject);
    let generic = chosen(&|list| GENERIC.contains(&list.word.as_str()));
    let of_objects = chosen(&|list| holds_objects(spec, list));
    let candidates = if of_objects.is_empty() { &lists } else { &of_objects };
    let neighbours = candidates.windows(2).all(|pair| matches!(pair, [one, other] if one.parent == other.parent));
    let ends = |list: &Member<'_>| list.word.len() > 3 && subject.ends_with(&singular(&list.word));
    let ending: Vec<_> = candidates.iter().copied().filter(|list| neighbours && ends(list)).collect();
    let anchors: Vec<_> = response.iter().filter(|member| is_anchor(member)).map(|member| &member.parent).collect();
    // The total may be in an object of its own: `PageInfo.TotalCount`.
    let above = |parent: &str| parent.rsplit_once('.').map_or("", |(above, _)| above).to_owned();
    let anchored = |list: &Member<'_>| {
        anchors.iter().any(|anchor| **anchor == list.parent || (!anchor.is_empty() && above(anchor) == list.parent))
    };
    let anchored: Vec<_> = candidates.iter().copied().filter(|list| anchored(list)).collect();
    for found in [&lists, &named, &generic, &of_objects, &ending, &anchored] {
        if let [only] = found.as_slice() {
            return Items::At(only.path.clone());
        }
    }
    if lists.is_empty() {
        return Items::None(NO_LIST.to_owned());
    }
    let names: Vec<_> = candidates.iter().map(|list| format!("`{}`", list.path)).collect();
    Items::None(format!("the answer has several lists: {}", names.join(", ")))
}

/// A token or total: what is said about the list.
fn is_anchor(member: &Member<'_>) -> bool {
    let word = member.word.as_str();
    spellings::TOTAL.contains(&word) || spellings::TOKENS.iter().any(|(_, next)| next.contains(&word))
}

fn holds_objects(spec: &Spec, list: &Member<'_>) -> bool {
    list.shape.of.as_deref().is_some_and(|element| follow(spec, element).kind == Some(Kind::Object))
}

/// `replicapair` of `DescribeReplicaPairs`, `partition` of `ListPartitionsByFilter`.
fn subject(name: &str) -> String {
    let words = words::split(name);
    let words = words.iter().skip(1).take_while(|word| !JOINTS.contains(&word.as_str()));
    singular(&words.map(String::as_str).collect::<String>())
}

fn singular(word: &str) -> String {
    let word = ["list", "set", "infos", "info"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}
