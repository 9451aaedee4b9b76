//! Which list of an answer the page is.

use alicloud_spec::{Kind, Spec};

use super::{
    super::words,
    members::{Member, follow},
};

/// Where the items are.
#[derive(Debug)]
pub(super) enum Items {
    At(String),
    /// Nowhere, or nobody could say.
    None(String),
}

/// Names of lists that could hold anything.
const GENERIC: &[&str] = &["items", "list", "rows", "records", "data", "datalist", "result", "results", "content"];

/// Words after which the name of an operation says something about its subject.
const JOINTS: &[&str] = &["by", "for", "from", "in", "of", "on", "to", "under", "with"];

/// The list, by the first rule that leaves one: the only list; the one that the operation is named after;
/// the only one of objects; the one whose name ends that of the operation; the one with a name that says
/// nothing; the outermost one.
pub(super) fn find(spec: &Spec, name: &str, response: &[Member<'_>]) -> Items {
    let lists: Vec<_> = response.iter().filter(|member| member.is_list()).collect();
    let of_objects: Vec<_> = lists.iter().copied().filter(|list| holds_objects(spec, list)).collect();
    let candidates = if of_objects.is_empty() { &lists } else { &of_objects };
    let chosen = |fits: &dyn Fn(&Member<'_>) -> bool| -> Vec<_> {
        candidates.iter().copied().filter(|list| fits(list)).collect()
    };
    let subject = subject(name);
    let named: Vec<_> = lists.iter().copied().filter(|list| singular(&list.word) == subject).collect();
    let ending = chosen(&|list| list.word.len() > 3 && subject.ends_with(&singular(&list.word)));
    let generic = chosen(&|list| GENERIC.contains(&list.word.as_str()));
    let depth = candidates.iter().map(|list| list.depth).min();
    let outermost = chosen(&|list| Some(list.depth) == depth);
    for found in [&lists, &named, &of_objects, &ending, &generic, &outermost] {
        if let [only] = found.as_slice() {
            return Items::At(only.path.clone());
        }
    }
    if lists.is_empty() {
        return Items::None("the answer has no list".to_owned());
    }
    let names: Vec<_> = candidates.iter().map(|list| format!("`{}`", list.path)).collect();
    Items::None(format!("the answer has several lists: {}", names.join(", ")))
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
