//! Stands in for rustc while a crate is measured: cargo calls it for every crate of the workspace.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::Command;

use crate::failure::Failure;

/// The subcommand that cargo calls, through a script. Not for people.
pub(super) const COMMAND: &str = "rustc";

/// Variable that names the file to which measurements are appended.
pub(super) const LOG: &str = "ALICLOUD_BENCH_LOG";

/// What one rustc used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// User and system time.
    pub(super) cpu_micros: u64,
    /// Most memory that was resident.
    pub(super) peak_bytes: u64,
}

/// Runs rustc as cargo asked, and notes what it used.
pub(super) fn run(args: &[String]) -> Result<(), Failure> {
    let Some((rustc, args)) = args.split_first() else {
        return Err(Failure("this command is for cargo, which names the compiler to run".to_owned()));
    };
    let status =
        Command::new(rustc).args(args).status().map_err(|error| Failure(format!("{rustc} does not start: {error}")))?;
    if let (Some(name), Some(log)) = (crate_name(args), std::env::var_os(LOG)) {
        // The compiler is the only child that this process ever had.
        let Usage { cpu_micros, peak_bytes } = children()?;
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .and_then(|mut file| file.write_all(format!("{name} {cpu_micros} {peak_bytes}\n").as_bytes()))
            .map_err(|error| Failure(format!("{}: {error}", log.display())))?;
    }
    std::process::exit(status.code().unwrap_or(1))
}

fn crate_name(args: &[String]) -> Option<&String> {
    let at = args.iter().position(|arg| arg == "--crate-name")?;
    args.get(at + 1)
}

/// The usage of a crate, from the lines of a log.
pub(super) fn read(log: &str, crate_name: &str) -> Option<Usage> {
    log.lines().rev().find_map(|line| {
        let mut words = line.split(' ');
        if words.next()? != crate_name {
            return None;
        }
        Some(Usage { cpu_micros: words.next()?.parse().ok()?, peak_bytes: words.next()?.parse().ok()? })
    })
}

#[cfg(unix)]
fn children() -> Result<Usage, Failure> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| Failure(format!("the system does not tell what the compiler used: {error}")))?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    let positive = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(Usage { cpu_micros: positive(micros), peak_bytes: positive(usage.max_rss()) * unit })
}

#[cfg(not(unix))]
fn children() -> Result<Usage, Failure> {
    Err(Failure("this system does not tell what the compiler used".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Usage, read};

    #[test]
    fn the_last_line_of_a_crate_counts() {
        let log = "alicloud_core 9 9\nalicloud_ecs 100 7\nalicloud_ecs_serde 300 8\nalicloud_ecs 200 6\nalicloud_ecs";
        assert_eq!(read(log, "alicloud_ecs"), Some(Usage { cpu_micros: 200, peak_bytes: 6 }));
        assert_eq!(read(log, "alicloud_ecs_serde"), Some(Usage { cpu_micros: 300, peak_bytes: 8 }));
        assert_eq!(read(log, "alicloud_sts"), None);
    }
}
