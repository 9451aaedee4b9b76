//! `cargo xtask faults`: every promise of the runtime, measured.

use crate::failure::{Failure, cargo, unknown};

const HELP: &str = "\
cargo xtask faults [--quick] [P1 P2 …]

Starts servers on loopback that fail on purpose, measures every promise of the runtime, and prints each
figure next to its pass mark. --quick measures less, for every change: about two minutes on two cores after
the build. Names restrict what is measured. Exit code 1 when a promise is missed or
unknown.";

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    if args.iter().any(|arg| ["-h", "--help"].contains(&arg.as_str())) {
        println!("{HELP}");
        return Ok(());
    }
    let is_name = |arg: &str| arg.strip_prefix(['P', 'p']).is_some_and(|number| number.parse::<u8>().is_ok());
    if let Some(arg) = args.iter().find(|arg| *arg != "--quick" && !is_name(arg)) {
        return Err(unknown("option", arg, ["--quick", "--help"].into_iter()));
    }
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "alicloud-faults"]);
    // The whole measure is long enough to pay for a release build, and for all models.
    if !args.iter().any(|arg| arg == "--quick") {
        command.args(["--release", "--features", "all-models"]);
    }
    let status = command.arg("--").args(args).status();
    let status = status.map_err(|error| Failure(format!("cargo cannot be started: {error}")))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(1) => Err(Failure("a promise is missed".to_owned())),
        _ => Err(Failure("the promises were not measured".to_owned())),
    }
}
