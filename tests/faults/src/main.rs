//! Measures every promise and prints the figures next to the pass marks.

use std::{process::ExitCode, time::Instant};

use alicloud_faults::promises::{PROMISES, Scale};

/// Nothing was measured: the exit code tells it from a promise that is missed.
const UNKNOWN: u8 = 2;

fn main() -> ExitCode {
    let mut scale = Scale::Full;
    let mut only = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => scale = Scale::Quick,
            name => only.push(name.to_ascii_uppercase()),
        }
    }
    let known: Vec<&str> = PROMISES.iter().flat_map(|promise| promise.id.split(", ")).collect();
    if let Some(name) = only.iter().find(|name| !known.contains(&name.as_str())) {
        eprintln!("there is no promise {name} to measure; there are {}", known.join(", "));
        return ExitCode::from(UNKNOWN);
    }
    let mut missed = 0;
    let mut measured = 0;
    for promise in PROMISES {
        let wanted = only.is_empty() || promise.id.split(", ").any(|id| only.iter().any(|name| name == id));
        if !wanted {
            continue;
        }
        let begun = Instant::now();
        let figure = (promise.measure)(scale);
        measured += 1;
        missed += usize::from(!figure.kept);
        println!("{} {:7} {}", if figure.kept { "kept  " } else { "MISSED" }, promise.id, promise.title);
        println!("               pass: {}", promise.pass);
        println!("           measured: {} ({:.1} s)", figure.measured, begun.elapsed().as_secs_f64());
    }
    println!("\n{} promises measured, {missed} missed", measured);
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
