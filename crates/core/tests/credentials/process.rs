//! S5, S38, S39: external commands.
#![cfg(unix)]

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use alicloud_core::credentials::{Environment, ProcessProvider, ProvideCredentials};

use crate::double::{Home, mode, triple};

const KEYS: &str = r#"{"mode":"AK","access_key_id":"a","access_key_secret":"s"}"#;

fn environment(home: &Home) -> Environment {
    home.environment().variable("PATH", "/usr/bin:/bin")
}

/// A script in the home directory.
fn script(home: &Home, text: &str) -> PathBuf {
    let path = home.write("helper", &format!("#!/bin/sh\n{text}\n"));
    mode(&path, 0o700);
    path
}

async fn run(home: &Home, command: &str) -> Result<String, String> {
    let provider = ProcessProvider::new(command.replace("$HOME", home.path().to_str().unwrap()));
    let result = provider.environment(&environment(home)).provide().await;
    result.map(|credentials| triple(&credentials).0).map_err(|error| error.message)
}

#[tokio::test]
async fn s38_no_shell_reads_the_command_line() {
    let home = Home::new();
    home.write("keys.json", KEYS);
    home.write("with blank.json", KEYS);
    for command in [
        "cat $HOME/keys.json",
        "  cat\t'$HOME/with blank.json' ",
        "cat \"$HOME/with blank.json\"",
        "cat $HOME/with\\ blank.json",
        "'cat' \"$HOME\"/'keys'.json",
    ] {
        assert_eq!(run(&home, command).await.unwrap(), "a", "{command}");
    }
    for command in [
        "cat $HOME/keys.json ; touch $HOME/ran",
        "cat $HOME/keys.json; touch $HOME/ran",
        "cat $HOME/keys.json && touch $HOME/ran",
        "cat $HOME/keys.json | tee $HOME/ran",
        "cat $HOME/keys.json > $HOME/ran",
        "cat $(touch $HOME/ran)",
        "cat `touch $HOME/ran`",
        "cat \"$(touch $HOME/ran)\"",
        "cat ~/keys.json",
        "cat $HOME/*.json\ntouch $HOME/ran",
    ] {
        run(&home, command).await.unwrap_err();
        assert!(!home.path().join("ran").exists(), "{command}");
    }
    for (command, part) in [
        ("", "is empty"),
        ("   ", "is empty"),
        ("cat 'open", "is not closed"),
        ("cat \"open", "is not closed"),
        ("cat \\", "ends in a backslash"),
        ("nonexistent-command canary", "cannot be started"),
    ] {
        let error = run(&home, command).await.unwrap_err();
        assert!(error.contains(part) && !error.contains("canary"), "{command}: {error}");
    }
}

#[tokio::test]
async fn s38_the_command_sees_little() {
    let home = Home::new();
    let path = script(
        &home,
        &format!(
            "test -n \"$PATH\" && test -n \"$LANG\" && ! env | grep -q -e SECRET -e ALIBABA -e CARGO && test ! -t 0 && ! read line && echo '{KEYS}'"
        ),
    );
    let environment = environment(&home)
        .variable("LANG", "C")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "canary")
        .variable("SOME_SECRET", "canary");
    ProcessProvider::new(path.to_str().unwrap()).environment(&environment).provide().await.unwrap();
}

#[tokio::test]
async fn s38_a_command_that_does_not_end_is_ended_with_all_it_has_started() {
    let home = Home::new();
    // A child of a child, and both hold the output open.
    let path = script(&home, "(sleep 987 & echo $! > $HOME/inner; sleep 987) &\necho $! > $HOME/outer\nwait");
    let start = Instant::now();
    let provider = ProcessProvider::new(path.to_str().unwrap()).time_limit(Duration::from_millis(300));
    let error = provider.environment(&environment(&home)).provide().await.unwrap_err();
    assert!(error.message.contains("did not end within 300ms"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10));
    for name in ["inner", "outer"] {
        assert_gone(&home, name).await;
    }
}

#[tokio::test]
async fn s38_a_command_that_nobody_waits_for_is_ended() {
    let home = Home::new();
    let path = script(&home, "echo $$ > $HOME/self\nsleep 987");
    let provider = ProcessProvider::new(path.to_str().unwrap()).environment(&environment(&home));
    let call = tokio::spawn(async move { provider.provide().await.map(drop) });
    while fs::read_to_string(home.path().join("self")).map_or(true, |text| text.is_empty()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    call.abort();
    assert_gone(&home, "self").await;
}

/// Waits until the process whose number is in a file is no more.
async fn assert_gone(home: &Home, name: &str) {
    let number = fs::read_to_string(home.path().join(name)).unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", number.trim()));
    for _ in 0..500 {
        match fs::read_to_string(&status) {
            Ok(text) if !text.contains("State:\tZ") => tokio::time::sleep(Duration::from_millis(10)).await,
            _ => return,
        }
    }
    panic!("the process {name} still runs");
}

#[tokio::test]
async fn a_command_may_close_its_output_before_it_ends() {
    let home = Home::new();
    let path = script(&home, &format!("echo '{KEYS}'\nexec >&-\nsleep 1.5"));
    assert_eq!(run(&home, path.to_str().unwrap()).await.unwrap(), "a");
}

#[tokio::test]
async fn s38_output_is_limited() {
    let home = Home::new();
    let path = script(&home, "while :; do echo canary canary canary canary canary canary; done");
    let start = Instant::now();
    let error = run(&home, path.to_str().unwrap()).await.unwrap_err();
    assert!(error.contains("more than 64 KiB") && !error.contains("canary"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn s5_nothing_that_is_printed_appears_in_an_error() {
    for (text, part) in [
        ("echo canary; echo canary >&2", "is not JSON"),
        ("echo canary >&2; exit 3", "exit status: 3"),
        ("kill -9 $$", "signal: 9"),
        ("echo '{\"mode\":\"canary\",\"access_key_secret\":\"canary\"}'", "another mode than"),
        ("echo '{\"mode\":\"AK\",\"access_key_secret\":\"canary\"}'", "lacks access_key_id"),
        (
            "echo '{\"mode\":\"StsToken\",\"access_key_id\":\"canary\",\"access_key_secret\":\"canary\"}'",
            "lacks sts_token",
        ),
        (
            "echo '{\"access_key_id\":\"canary\",\"access_key_secret\":\"canary\",\"expiration\":\"canary\"}'",
            "is no date",
        ),
        ("printf '\\377canary'", "is no text"),
        ("true", "is not JSON"),
    ] {
        let home = Home::new();
        let error = run(&home, script(&home, text).to_str().unwrap()).await.unwrap_err();
        assert!(error.contains(part) && !error.contains("canary"), "{text}: {error}");
    }
}

#[tokio::test]
async fn p12_an_end_is_taken_over() {
    let home = Home::new();
    home.write("keys.json", &KEYS.replace('}', ",\"expiration\":\"2099-01-01T08:00:00.5+08:00\"}"));
    let provider = ProcessProvider::new(format!("cat {}/keys.json", home.path().display()));
    let credentials = provider.environment(&environment(&home)).provide().await.unwrap();
    assert_eq!(credentials.provider(), "external");
    let end = credentials.expires_at().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(end.as_millis(), 4_070_908_800_500);
}

#[tokio::test]
async fn s39_commands_can_be_forbidden() {
    let home = Home::new();
    home.write("keys.json", KEYS);
    for value in ["1", "true"] {
        let environment = environment(&home).variable("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", value);
        let provider = ProcessProvider::new(format!("cat {}/keys.json", home.path().display()));
        let error = provider.environment(&environment).provide().await.unwrap_err();
        assert!(error.message.contains("forbidden by ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS"), "{error}");
        assert!(!error.not_configured);
    }
}
