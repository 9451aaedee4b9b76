//! Which operations page, and of which of them the items are known.

use std::fmt::Write as _;

use alicloud_codegen::{NO_LIST, Paging, paging};
use alicloud_spec::{Pagination, Spec};

use super::survey::Version;
use crate::failure::say;

/// What is known of the paging of one version.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Operations with `pages()` and `items()`, and how they page.
    items: Vec<(String, Pagination)>,
    /// Operations with `pages()` alone, and why.
    pages: Vec<(String, Pagination, String)>,
    /// Operations that look as if they page and have neither, and why.
    neither: Vec<(String, String)>,
    /// Operations of the latter two whose answers have no list.
    listless: usize,
}

impl Coverage {
    pub(super) fn of(spec: &Spec) -> Self {
        let mut coverage = Self::default();
        for (name, operation) in &spec.operations {
            let name = name.clone();
            match paging(spec, &name, operation) {
                Paging::None => {}
                Paging::Unclear(reason) => {
                    coverage.listless += usize::from(reason.starts_with(NO_LIST));
                    coverage.neither.push((name, reason));
                }
                Paging::Pages { how, without_items: None } => coverage.items.push((name, *how)),
                Paging::Pages { how, without_items: Some(reason) } => {
                    coverage.listless += usize::from(reason.starts_with(NO_LIST));
                    coverage.pages.push((name, *how, reason));
                }
            }
        }
        coverage
    }
}

/// Prints the sums, and with `all` every operation.
pub(super) fn print<'a>(versions: impl Iterator<Item = (&'a Version, &'a Coverage)>, all: bool) {
    let (mut items, mut pages, mut neither, mut listless) = (0, 0, 0, 0);
    say(format_args!("\npaging"));
    for (Version { name, .. }, coverage) in versions {
        items += coverage.items.len();
        pages += coverage.pages.len();
        neither += coverage.neither.len();
        listless += coverage.listless;
        if !all {
            continue;
        }
        for (operation, how) in &coverage.items {
            say(format_args!("  items {name} {operation}: {}", words(how)));
        }
        for (operation, how, reason) in &coverage.pages {
            say(format_args!("  pages {name} {operation}: {} [{reason}]", words(how)));
        }
        for (operation, reason) in &coverage.neither {
            say(format_args!("  neither {name} {operation}: {reason}"));
        }
    }
    let total = items + pages + neither;
    let share = |count: usize| 100.0 * count as f64 / total.max(1) as f64;
    say(format_args!(
        "{total} operations page: {items} give their items ({:.1} %), {pages} only pages ({:.1} %), {neither} neither ({:.1} %)",
        share(items),
        share(pages),
        share(neither)
    ));
    let bare = listless.min(total);
    let listed = total - bare;
    say(format_args!(
        "{:.1} % of them have a paginator; {listed} have a list in their answers, of which {:.1} % give its items",
        share(items + pages),
        100.0 * items as f64 / listed.max(1) as f64,
    ));
}

fn words(how: &Pagination) -> String {
    let mut text = String::new();
    let parts = [
        ("token", &how.token),
        ("next", &how.next),
        ("page", &how.page),
        ("offset", &how.offset),
        ("size", &how.size),
        ("total", &how.total),
        ("more", &how.more),
        ("items", &how.items),
    ];
    for (key, value) in parts {
        if let Some(value) = value {
            let _ = write!(text, "{key}={value} ");
        }
    }
    for (key, value) in [("first", how.first), ("ask", how.ask)] {
        if let Some(value) = value {
            let _ = write!(text, "{key}={value} ");
        }
    }
    if how.scroll {
        text.push_str("scroll");
    }
    text.trim_end().to_owned()
}
