//! `cargo xtask demo`: the product's main job on a fresh machine.

use crate::{
    codegen,
    failure::{Failure, cargo},
};

const HELP: &str = "\
cargo xtask demo

Generates the founding crates from their specs and proves that nothing drifted, starts the gateway on
loopback, and tells the founding documents' story through the generated crates. No account, no
configuration. Exit code 0 only if all went as told.";

const FOUNDING: [&str; 4] = ["servicemesh", "cs", "computenestsupplier", "smartag"];

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    if let Some(arg) = args.first() {
        if ["-h", "--help"].contains(&arg.as_str()) {
            println!("{HELP}");
            return Ok(());
        }
        return Err(crate::failure::unknown("option", arg, ["--help"].into_iter()));
    }
    println!("The founding crates, generated again from their specs and compared:");
    let check: Vec<String> = FOUNDING.into_iter().chain(["--check"]).map(str::to_owned).collect();
    codegen::run(&check)?;
    // The story needs the product crates, which this program does not: it must run when they do not compile.
    println!("\nBuilding the story (the first time takes a minute) ...");
    let status = cargo()
        .args(["run", "--quiet", "--package", "xtask-demo"])
        .status()
        .map_err(|error| Failure(format!("cargo cannot be started: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure("the demo failed".to_owned())) }
}
