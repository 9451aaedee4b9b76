//! `cargo xtask catalog`: what of the vendor's catalogue becomes code, and what does not and why.

mod compile;
mod paging;
mod survey;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use self::survey::{Outcome, Version};
use crate::failure::{Failure, say, unknown};
use crate::import::find_sources;
use crate::usage::Usage;

const HELP: &str = "\
cargo xtask catalog --from DIR [--compile] [--seed N] [--sample K] [--scratch DIR] [--decisions] [--paging]

Imports and generates every product version below DIR, which holds the vendor's descriptions, and prints
operations, skipped ones with reasons, types, lines and seconds of each. Nothing is written to specs/.

  --compile      also run `cargo check` on the generated crates, in a workspace of their own
  --sample K     take K versions only, chosen by the seed
  --seed N       seed of the choice; printed, and chosen from the clock when absent
  --scratch DIR  where the crates to compile go (default: a folder below the system's temporary one)
  --decisions    print every decision of the importer, not just their numbers
  --paging       print how every operation pages, not just their numbers";

/// What the user asked for.
#[derive(Debug, Default)]
struct Options {
    from: Option<PathBuf>,
    compile: bool,
    seed: Option<u64>,
    sample: Option<usize>,
    scratch: Option<PathBuf>,
    decisions: bool,
    paging: bool,
}

/// Runs `cargo xtask catalog`.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| Failure(format!("`{arg}` needs a value")));
        let number = |text: &String| text.parse::<u64>().map_err(|_| Failure(format!("`{text}` is no number")));
        match arg.as_str() {
            "-h" | "--help" => {
                say(HELP);
                return Ok(());
            }
            "--from" => options.from = Some(PathBuf::from(value()?)),
            "--scratch" => options.scratch = Some(PathBuf::from(value()?)),
            "--seed" => options.seed = Some(number(value()?)?),
            "--sample" => options.sample = Some(usize::try_from(number(value()?)?).unwrap_or(usize::MAX)),
            "--compile" => options.compile = true,
            "--decisions" => options.decisions = true,
            "--paging" => options.paging = true,
            other => {
                let known =
                    ["--from", "--compile", "--seed", "--sample", "--scratch", "--decisions", "--paging", "--help"];
                return Err(unknown("option", other, known.into_iter()));
            }
        }
    }
    let Some(from) = &options.from else { return Err(Failure(format!("--from is missing\n\n{HELP}"))) };
    let started = Instant::now();
    let (mut sources, _) = find_sources(std::slice::from_ref(from))?;
    if let Some(sample) = options.sample {
        let seed = options.seed.unwrap_or_else(clock);
        say(format_args!("seed {seed}: {sample} of {} versions", sources.len()));
        sources = choose(sources, sample, seed);
    }
    let keep = options.compile;
    let versions = survey::survey(&sources, keep)?;
    let (seconds, usage) = (started.elapsed().as_secs_f64(), Usage::now());
    print_table(&versions);
    print_decisions(&versions, options.decisions);
    let made = versions.iter().filter_map(|version| match &version.outcome {
        Outcome::Made(made) => Some((version, &made.paging)),
        _ => None,
    });
    paging::print(made, options.paging);
    let mut failed = print_totals(&versions, seconds, usage);
    if options.compile {
        let scratch = options.scratch.unwrap_or_else(|| std::env::temp_dir().join("alicloud-catalog"));
        failed |= !compile::check(&versions, &scratch)?;
    }
    if failed { Err(Failure("the catalogue is not clean; see above".to_owned())) } else { Ok(()) }
}

fn clock() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.as_secs() % 1_000_000)
}

/// Takes `count` elements, the same for the same seed, in their old order.
fn choose<T>(elements: Vec<T>, count: usize, seed: u64) -> Vec<T> {
    // SplitMix64: small, and good enough to shuffle.
    let mut state = seed;
    let mut random = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let mut keyed: Vec<(u64, usize, T)> =
        elements.into_iter().enumerate().map(|(index, element)| (random(), index, element)).collect();
    keyed.sort_by_key(|(key, ..)| *key);
    keyed.truncate(count);
    keyed.sort_by_key(|(_, index, _)| *index);
    keyed.into_iter().map(|(.., element)| element).collect()
}

fn print_table(versions: &[Version]) {
    say(format_args!(
        "{:44} {:>6} {:>6} {:>5} {:>6} {:>8} {:>7}",
        "version", "ops", "made", "skip", "types", "lines", "s"
    ));
    for version in versions {
        match &version.outcome {
            Outcome::Made(made) => say(format_args!(
                "{:44} {:>6} {:>6} {:>5} {:>6} {:>8} {:>7.2}",
                version.name,
                made.operations,
                made.generated,
                made.skipped.len(),
                made.types,
                made.lines,
                version.seconds
            )),
            Outcome::Empty => say(format_args!("{:44} {:>6} documents no operations", version.name, 0)),
            Outcome::Failed(reason) => say(format_args!("{:44} FAILED: {reason}", version.name)),
            Outcome::Crashed(reason) => say(format_args!("{:44} CRASHED: {reason}", version.name)),
        }
    }
}

fn print_decisions(versions: &[Version], all: bool) {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for decision in versions.iter().flat_map(|version| &version.decisions) {
        *rules.entry(decision.rule).or_default() += 1;
        if all {
            say(format_args!("decided: {decision}"));
        }
    }
    say(format_args!("\ndecisions of the importer, by rule"));
    for (rule, count) in rules {
        say(format_args!("{count:>8} {rule}"));
    }
}

/// Prints the sums, and says whether something failed that must not.
fn print_totals(versions: &[Version], seconds: f64, usage: Usage) -> bool {
    let (mut operations, mut generated, mut types, mut lines) = (0, 0, 0, 0);
    let (mut skipped, mut failed, mut crashed, mut dropped) = (0, 0, 0, 0);
    let mut digest = 0_u64;
    say(format_args!("\nskipped operations"));
    for version in versions {
        match &version.outcome {
            Outcome::Made(made) => {
                operations += made.operations;
                generated += made.generated;
                types += made.types;
                lines += made.lines;
                digest = digest.rotate_left(1) ^ made.digest;
                skipped += made.skipped.len();
                dropped += made.operations - made.generated.min(made.operations) - made.skipped.len();
                for (operation, reason) in &made.skipped {
                    say(format_args!("  {} {operation}: {reason}", version.name));
                }
            }
            Outcome::Empty => {}
            Outcome::Failed(_) => failed += 1,
            Outcome::Crashed(_) => crashed += 1,
        }
    }
    let share = 100.0 * generated as f64 / f64::from(u32::try_from(operations.max(1)).unwrap_or(u32::MAX));
    say(format_args!(
        "\n{} versions, {operations} operations: {generated} generated ({share:.2} %), {skipped} skipped, \
         {dropped} dropped silently; {failed} versions failed, {crashed} crashed",
        versions.len()
    ));
    say(format_args!("{types} types, {lines} lines with the digest {digest:016x}; {seconds:.1} s, {usage}"));
    failed + crashed + dropped > 0
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn the_seed_decides_the_choice() {
        let all: Vec<u32> = (0..100).collect();
        let one = choose(all.clone(), 10, 7);
        assert_eq!(one, choose(all.clone(), 10, 7));
        assert_ne!(one, choose(all.clone(), 10, 8));
        assert!(one.is_sorted() && one.len() == 10);
        assert_eq!(choose(all.clone(), 1000, 7), all);
    }
}
