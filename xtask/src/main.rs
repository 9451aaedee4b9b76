//! Everything that is done to this repository: `cargo xtask COMMAND`.

mod bench;
mod catalog;
mod codegen;
mod demo;
mod dependencies;
mod dependents;
mod failure;
mod faults;
mod fetch;
mod import;
mod interop;
mod parallel;
mod python;
mod usage;

use std::process::ExitCode;

use self::failure::Failure;

/// A command: its name, what it does, and the function that does it.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const COMMANDS: &[Command] = &[
    Command { name: "demo", about: "The product's main job, end to end, on a fresh machine", run: demo::run },
    Command {
        name: "codegen",
        about: "Generate the product crates from their specs, or check them",
        run: codegen::run,
    },
    Command {
        name: "dependencies",
        about: "What a program gets with a product crate: how many crates, from where, under which licences",
        run: dependencies::run,
    },
    Command { name: "faults", about: "Measure every promise of the runtime with servers that fail", run: faults::run },
    Command {
        name: "interop",
        about: "Let the vendor's own SDKs for Python call the gateway, and judge what they are told",
        run: interop::run,
    },
    Command { name: "import", about: "Turn the vendor's published descriptions into specs", run: import::run },
    Command { name: "fetch", about: "Download a product's description from the vendor and import it", run: fetch::run },
    Command { name: "catalog", about: "Try every product version, and say what becomes of it", run: catalog::run },
    Command { name: "bench", about: "Measure what must stay cheap: compiling a product crate", run: bench::run },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), Failure> {
    let Some((name, rest)) = args.split_first() else { return Err(Failure(help())) };
    if ["help", "-h", "--help"].contains(&name.as_str()) {
        println!("{}", help());
        return Ok(());
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(rest),
        None => Err(failure::unknown("command", name, COMMANDS.iter().map(|command| command.name))),
    }
}

fn help() -> String {
    let commands: String =
        COMMANDS.iter().map(|Command { name, about, .. }| format!("  {name:12} {about}\n")).collect();
    format!("cargo xtask COMMAND\n\n{commands}\n`cargo xtask COMMAND --help` says more about a command.")
}
