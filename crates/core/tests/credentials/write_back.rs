//! S42–S45: what is written back into the configuration file. Each renewal of an OAuth sign-in spends the
//! refresh token in the file and writes the next one: a lost update would be a token that was used before.
//!
//! `ALICLOUD_TEST_ROUNDS` multiplies the work.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use alicloud_core::credentials::{CliConfigProvider, Environment, ProvideCredentials};
use serde_json::{Value, json};

use crate::double::{Home, Net, Received, Reply, Seeded, nowhere, soon};

fn rounds() -> usize {
    std::env::var("ALICLOUD_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

/// Tokens and keys that last so briefly that each call renews both; the nth refresh token gives the next.
fn service() -> Net {
    Net::new(|request: &Received| match request.path() {
        "/v1/token" => {
            let number: u64 = request.form()["refresh_token"].parse().unwrap();
            let next = number + 1;
            Reply::ok(format!(r#"{{"access_token":"acc{next}","refresh_token":"{next}","expires_in":1}}"#))
        }
        _ => Reply::ok(format!(
            r#"{{"accessKeyId":"a","accessKeySecret":"s","securityToken":"t","expiration":"{}"}}"#,
            soon(60)
        )),
    })
}

fn sign_in(home: &Home) -> PathBuf {
    let profile = json!({"name": "p", "mode": "OAuth", "oauth_site_type": "CN", "oauth_refresh_token": "0"});
    let other = json!({"name": "other", "mode": "AK", "exact": "kept"});
    let big = "12345678901234567890.123456789012345678901";
    let text = json!({"current": "p", "profiles": [other, profile], "unknown": {"number": 0}}).to_string();
    home.write(".aliyun/config.json", &text.replace(r#""number":0"#, &format!(r#""number":{big}"#)))
}

fn provider(environment: &Environment) -> CliConfigProvider {
    CliConfigProvider::new().environment(&environment.clone().transport(service()))
}

fn token(path: &Path) -> u64 {
    let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).expect("whole JSON at any time");
    document["profiles"][1]["oauth_refresh_token"].as_str().unwrap().parse().unwrap()
}

/// Files that are neither the configuration nor its lock.
fn leftovers(home: &Home) -> Vec<String> {
    let names = fs::read_dir(home.path().join(".aliyun")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "config.json" && name != ".config.json.lock").collect()
}

#[tokio::test]
async fn s42_the_file_stays_private_and_whole() {
    nix::sys::stat::umask(nix::sys::stat::Mode::empty());
    let home = Home::new();
    let path = sign_in(&home);
    let stop = Arc::new(AtomicBool::new(false));
    let (directory, stopped) = (home.path().join(".aliyun"), stop.clone());
    let watcher = std::thread::spawn(move || {
        let (mut looks, mut temporary) = (0_u64, 0_u64);
        while !stopped.load(Ordering::SeqCst) {
            for entry in fs::read_dir(&directory).unwrap().flatten() {
                let Ok(metadata) = entry.metadata() else { continue };
                assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
                temporary += u64::from(entry.file_name() != "config.json" && entry.file_name() != ".config.json.lock");
            }
            looks += 1;
        }
        (looks, temporary)
    });
    let provider = provider(&home.environment());
    for count in 1..=50 {
        provider.provide().await.unwrap();
        assert_eq!(token(&path), count);
    }
    stop.store(true, Ordering::SeqCst);
    let (looks, temporary) = watcher.join().unwrap();
    assert!(looks > 50 && temporary > 0, "{looks} looks have seen {temporary} temporary files");
    assert!(leftovers(&home).is_empty(), "{:?}", leftovers(&home));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("12345678901234567890.123456789012345678901") && text.contains(r#""exact": "kept""#));
}

#[tokio::test]
async fn s42_a_file_in_the_way_is_neither_used_nor_followed() {
    // Every random name is the same one, and it is taken: by a link to somewhere else.
    #[derive(Debug)]
    struct Same;
    impl alicloud_core::runtime::Entropy for Same {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), alicloud_core::runtime::NoEntropy> {
            buffer.fill(7);
            Ok(())
        }
    }
    let home = Home::new();
    let path = sign_in(&home);
    let victim = home.write("victim", "untouched");
    let name = format!(".config.json.{}", "07".repeat(16));
    std::os::unix::fs::symlink(&victim, path.with_file_name(&name)).unwrap();
    // Keys are given all the same; the new token is kept in memory.
    let provider = provider(&home.environment().entropy(Same));
    provider.provide().await.unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
    assert_eq!(token(&path), 0);
    // The next renewal spends the one in memory, not the old one again.
    provider.provide().await.unwrap();
    fs::remove_file(path.with_file_name(&name)).unwrap();
    provider.provide().await.unwrap();
    assert_eq!(token(&path), 3);
}

#[tokio::test]
async fn s43_links_are_followed_once_and_not_to_elsewhere() {
    // Within the home directory: the target is replaced, the link stays.
    let home = Home::new();
    let path = sign_in(&home);
    let target = home.path().join("dotfiles.json");
    fs::rename(&path, &target).unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    provider(&home.environment()).provide().await.unwrap();
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(token(&target), 1);

    // Out of it: read, but never written.
    let elsewhere = Home::new();
    let outside = elsewhere.path().join("config.json");
    fs::rename(&target, &outside).unwrap();
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&outside, &path).unwrap();
    let before = fs::metadata(&outside).unwrap().ino();
    let provider = provider(&home.environment());
    provider.provide().await.unwrap();
    provider.provide().await.unwrap();
    assert_eq!(token(&outside), 1);
    assert_eq!(fs::metadata(&outside).unwrap().ino(), before);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_directory_without_permission_costs_nothing_but_the_file() {
    let home = Home::new();
    let path = sign_in(&home);
    // No lock can be made: for root, too.
    fs::create_dir(path.with_file_name(".config.json.lock")).unwrap();
    let provider = provider(&home.environment());
    for _ in 0..3 {
        provider.provide().await.unwrap();
    }
    assert_eq!(token(&path), 0);
}

#[tokio::test]
async fn s44_a_token_that_another_process_is_spending_is_left_alone() {
    use nix::fcntl::{Flock, FlockArg};
    let home = Home::new();
    let path = sign_in(&home);
    let file = fs::File::create(path.with_file_name(".config.json.lock")).unwrap();
    let held = Flock::lock(file, FlockArg::LockExclusiveNonblock).unwrap();
    let net = service();
    let provider = CliConfigProvider::new().environment(&home.environment().transport(net.clone()));
    let call = tokio::spawn(async move { provider.provide().await.map(drop) });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(net.received().is_empty() && !call.is_finished());
    drop(held);
    call.await.unwrap().unwrap();
    assert_eq!(token(&path), 1);
}

/// This test again, in a process of its own.
fn worker(home: &Home, updates: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "write_back::helper", "--ignored", "--test-threads=1"])
        .env("ALICLOUD_TEST_HOME", home.path())
        .env("ALICLOUD_TEST_UPDATES", updates.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "started by other tests"]
async fn helper() {
    let Ok(home) = std::env::var("ALICLOUD_TEST_HOME") else { return };
    let updates: usize = std::env::var("ALICLOUD_TEST_UPDATES").unwrap().parse().unwrap();
    let provider = provider(&nowhere().home(home));
    for _ in 0..updates {
        provider.provide().await.unwrap();
    }
}

#[test]
fn s44_updates_of_many_processes_are_not_lost() {
    let home = Home::new();
    let path = sign_in(&home);
    let (processes, updates) = (16, 12 * rounds());
    let mut children: Vec<_> = (0..processes).map(|_| worker(&home, updates)).collect();
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        token(&path);
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(token(&path), (processes * updates) as u64);
    assert!(leftovers(&home).is_empty(), "{:?}", leftovers(&home));
}

#[test]
fn s45_a_crash_at_any_moment_leaves_a_whole_file() {
    let home = Home::new();
    let path = sign_in(&home);
    let random = Seeded::new(3);
    for _ in 0..25 * rounds() {
        let mut child = worker(&home, usize::MAX);
        // From before the first write on.
        std::thread::sleep(Duration::from_micros(random.below(60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        token(&path);
    }
    assert!(token(&path) > 0, "nobody came to write");
    // What a crash has left does not stand in the way.
    let mut child = worker(&home, 1);
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn a_file_of_another_user_is_not_replaced() {
    let home = Home::new();
    let path = sign_in(&home);
    // Only root can give files away.
    if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
        return;
    }
    crate::log::capture();
    // The keys are got all the same; nothing is left beside the file, not even a lock of ours.
    provider(&home.environment()).provide().await.unwrap();
    assert_eq!((fs::metadata(&path).unwrap().uid(), token(&path)), (12_345, 0));
    assert_eq!(fs::read_dir(home.path().join(".aliyun")).unwrap().count(), 1);
    let warnings = crate::log::lines_with(path.to_str().unwrap());
    assert!(warnings.iter().any(|line| line.contains("belongs to another user and is not changed")), "{warnings:?}");
}

#[tokio::test]
async fn s42_a_directory_that_others_can_change_is_warned_about() {
    crate::log::capture();
    for (mode, is_warned) in [(0o700, false), (0o755, false), (0o775, true), (0o707, true)] {
        let home = Home::new();
        let path = sign_in(&home);
        let directory = fs::canonicalize(path.parent().unwrap()).unwrap();
        crate::double::mode(&directory, mode);
        provider(&home.environment()).provide().await.unwrap();
        assert_eq!(token(&path), 1);
        let warnings = crate::log::lines_with(directory.to_str().unwrap());
        let found = warnings.iter().any(|line| line.starts_with("WARN") && line.contains("chmod 700"));
        assert_eq!(found, is_warned, "{mode:o}: {warnings:?}");
    }
}
