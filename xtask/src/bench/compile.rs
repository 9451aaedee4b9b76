//! What a product crate costs whoever compiles it.

use std::path::PathBuf;

use super::measure::{self, Cost, Step};
use super::report::{self, Row, Verdict};
use super::{reference, scratch};
use crate::failure::{Failure, say, unknown};

/// What the user asked for.
#[derive(Debug, PartialEq)]
pub(super) struct Options {
    product: String,
    runs: usize,
    strict: bool,
    scratch: PathBuf,
}

impl Options {
    /// Reads the command line; nothing when it asks for help.
    pub(super) fn parse(args: &[String]) -> Result<Option<Self>, Failure> {
        let mut product = None;
        let scratch = std::env::temp_dir().join("alicloud-bench");
        let mut options = Self { product: "ecs".to_owned(), runs: 1, strict: false, scratch };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| Failure(format!("`{arg}` needs a value")));
            match arg.as_str() {
                "-h" | "--help" => return Ok(None),
                "--strict" => options.strict = true,
                "--scratch" => options.scratch = PathBuf::from(value()?),
                "--runs" => {
                    let text = value()?;
                    let runs = text.parse().ok().filter(|runs| *runs > 0);
                    options.runs = runs.ok_or_else(|| Failure(format!("`--runs {text}`: at least 1 is needed")))?;
                }
                option if option.starts_with('-') => {
                    let known = ["--runs", "--strict", "--scratch", "--help"];
                    return Err(unknown("option", option, known.into_iter()));
                }
                name if product.is_some() => {
                    return Err(Failure(format!("one product at a time; `{name}` is a second one")));
                }
                name => product = Some(name.to_owned()),
            }
        }
        options.product = product.unwrap_or(options.product);
        Ok(Some(options))
    }
}

/// Compiles both crates, prints the figures, and fails when they are not good enough.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if !cfg!(unix) {
        return Err(Failure("CPU time and memory of a compiler are measured on Unix only; nothing was run".to_owned()));
    }
    let workspace = scratch::prepare(&options.scratch, &options.product)?;
    say(format_args!("measuring in {}", workspace.root.display()));
    let generated = measured(&workspace, &workspace.product, options.runs)?;
    let derived = measured(&workspace, &workspace.reference, options.runs)?;
    let size = |lines| reference::Size { lines, ..workspace.size };
    let rows = [
        Row { style: "generated", size: size(workspace.product.lines), costs: generated },
        Row { style: "serde derives", size: size(workspace.reference.lines), costs: derived },
    ];
    say(report::table(&rows));
    let verdicts = report::verdicts(&rows);
    say(report::list(&verdicts));
    let missed = |verdict: &&Verdict| !verdict.met && (verdict.portable || options.strict);
    match verdicts.iter().filter(missed).count() {
        0 => Ok(()),
        count => Err(Failure(format!("{count} targets missed; see above"))),
    }
}

/// The smallest figures of some runs: whatever else the machine does only adds to them.
fn measured(workspace: &scratch::Workspace, package: &scratch::Package, runs: usize) -> Result<[Cost; 2], Failure> {
    let mut costs = Vec::new();
    for step in [Step::Check, Step::Release] {
        let mut best: Option<Cost> = None;
        for run in 1..=runs {
            say(format_args!("{} of {}, run {run} of {runs}", step.name(), package.name));
            let cost = measure::compile(workspace, package, step)?;
            say(format_args!("  {:.2} CPU s, {} MB", cost.cpu_seconds, report::megabytes(cost.peak_bytes)));
            best = Some(best.map_or(cost, |best| best.least(cost)));
        }
        costs.push(best.unwrap_or_default());
    }
    let [check, release] = costs.as_slice() else { return Err(Failure("two steps have two costs".to_owned())) };
    Ok([*check, *release])
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&args).map_err(|failure| failure.0)
    }

    #[test]
    fn options_have_defaults_and_are_checked() {
        let defaults = parse("").ok().flatten().map(|options| (options.product, options.runs, options.strict));
        assert_eq!(defaults, Some(("ecs".to_owned(), 1, false)));
        let given = parse("--runs 3 sts --strict").ok().flatten();
        assert_eq!(
            given.map(|options| (options.product, options.runs, options.strict)),
            Some(("sts".to_owned(), 3, true))
        );
        assert_eq!(parse("sts --help"), Ok(None));
        for (line, reason) in [
            ("--runs 0", "at least 1"),
            ("--runs many", "at least 1"),
            ("--runs", "needs a value"),
            ("ecs sts", "`sts` is a second one"),
            ("--run 3", "`--runs` meant?"),
        ] {
            assert!(parse(line).is_err_and(|text| text.contains(reason)), "{line}");
        }
    }
}
