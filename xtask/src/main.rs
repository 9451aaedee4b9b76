//! x
#![allow(dead_code, missing_docs, unreachable_pub)]
mod catalog;
mod failure;
mod import;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = args.split_first().map_or(("", &[][..]), |(command, rest)| (command.as_str(), rest));
    let result = match command {
        "import" => import::run(rest),
        "catalog" => {
            catalog::run(std::path::Path::new(&rest[0]));
            Ok(())
        }
        _ => Err(failure::Failure("commands: import, catalog".to_owned())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
