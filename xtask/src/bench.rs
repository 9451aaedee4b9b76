//! `cargo xtask bench`: what must stay cheap is measured here.

mod compile;
mod measure;
mod reference;
mod report;
mod scratch;
mod wrapper;

use crate::failure::{Failure, say, unknown};

const HELP: &str = "\
cargo xtask bench compile [PRODUCT] [--runs N] [--strict] [--scratch DIR]

Compiles a product crate (default: ecs) and, for reference, the same types with serde's derives: the same
structs, fields, docs and setters, made from the crate's own source, without client and error codes. Each
crate is compiled alone, after its dependencies, in a workspace outside of the repository that holds a copy
of the crates and is kept for the next run. Prints CPU seconds of `cargo check` and of the release build
(user and system time of the crate's own rustc, not incremental), the compiler's peak memory and the size
of what it wrote, then the targets. Fails when a ratio to the reference is missed; absolute figures depend
on the machine.

  --runs N       compile everything N times and take the smallest figures (default 1)
  --strict       fail when an absolute target is missed, too
  --scratch DIR  where the copy goes (default: a folder below the system's temporary one)";

/// Runs `cargo xtask bench`.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    match args.split_first() {
        Some((name, rest)) if name == "compile" => match compile::Options::parse(rest)? {
            Some(options) => compile::run(&options),
            None => help(),
        },
        Some((name, rest)) if name == wrapper::COMMAND => wrapper::run(rest),
        Some((name, _)) if ["-h", "--help"].contains(&name.as_str()) => help(),
        Some((name, _)) => Err(unknown("benchmark", name, ["compile"].into_iter())),
        None => Err(Failure(HELP.to_owned())),
    }
}

fn help() -> Result<(), Failure> {
    say(HELP);
    Ok(())
}
