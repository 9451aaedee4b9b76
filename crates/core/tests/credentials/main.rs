//! Credentials: every source against a double, the cache in virtual time, the security checklist.

mod cache;
mod chain;
mod cli_config;
mod client;
mod double;
mod ecs_role;
mod files;
mod log;
mod process;
mod records;
mod roles;
mod secrets;
mod stalled;
mod ten_ways;
mod uri;
#[cfg(unix)]
mod write_back;
