//! S41: which files are read. And the ini file beyond the records.

use alicloud_core::credentials::{CliConfigProvider, CredentialsKind, FileAccess, IniFileProvider, ProvideCredentials};

use crate::double::{Home, Net, triple};

const KEYS: &str = "[default]\ntype = access_key\naccess_key_id = a\naccess_key_secret = s\n";

#[cfg(unix)]
#[tokio::test]
async fn s41_files_that_others_can_read_or_change() {
    use crate::double::mode;
    for (bits, by_default, strictly) in [
        (0o600, true, true),
        (0o400, true, true),
        (0o644, true, false),
        (0o640, true, false),
        (0o666, false, false),
        (0o602, false, false),
        (0o620, false, false),
        (0o660, false, false),
    ] {
        crate::log::capture();
        let home = Home::new();
        let path = home.write(".alibabacloud/credentials", KEYS);
        mode(&path, bits);
        let provider = IniFileProvider::new().environment(&home.environment());
        assert_eq!(provider.provide().await.is_ok(), by_default, "{bits:o}");
        // Read although it is not as it should be: the log says so.
        let warnings = crate::log::lines_with(path.to_str().unwrap());
        assert_eq!(warnings.iter().any(|line| line.starts_with("WARN")), by_default && !strictly, "{bits:o}");
        let strict = home.environment().file_access(FileAccess::Deny);
        let result = IniFileProvider::new().environment(&strict).provide().await;
        assert_eq!(result.is_ok(), strictly, "{bits:o}");
        if let Err(error) = result {
            assert!(error.message.contains("chmod 600") && !error.not_configured, "{error}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn s41_files_of_another_user() {
    let home = Home::new();
    let path = home.write(".alibabacloud/credentials", KEYS);
    // Only root can give files away.
    if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
        return;
    }
    crate::log::capture();
    IniFileProvider::new().environment(&home.environment()).provide().await.unwrap();
    let warnings = crate::log::lines_with(path.to_str().unwrap());
    assert!(warnings[0].starts_with("WARN") && warnings[0].contains("belongs to another user"), "{warnings:?}");
    let strict = home.environment().file_access(FileAccess::Deny);
    let error = IniFileProvider::new().environment(&strict).provide().await.unwrap_err();
    assert!(error.message.contains("belongs to another user"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn s41_a_file_of_another_user_runs_no_command_and_asks_no_url() {
    use crate::double::{END, Reply, Server, keys};
    let server = Server::new(|_| Reply::ok(keys(END)));
    for (members, works) in [
        (r#""mode": "External", "process_command": "touch $HOME/ran""#.to_owned(), false),
        (format!(r#""mode": "CredentialsURI", "credentials_uri": "http://{}/""#, server.address), false),
        (r#""mode": "ChainableRamRoleArn", "ram_role_arn": "r", "source_profile": "q""#.to_owned(), false),
        (r#""mode": "AK", "access_key_id": "a", "access_key_secret": "s""#.to_owned(), true),
    ] {
        let home = Home::new();
        let source = r#"{"name": "q", "mode": "External", "process_command": "touch $HOME/ran"}"#;
        let path = home.write(
            ".aliyun/config.json",
            &format!(r#"{{"current": "p", "profiles": [{{"name": "p", {members}}}, {source}]}}"#),
        );
        // Only root can give files away.
        if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
            return;
        }
        let environment = home.environment().variable("PATH", "/usr/bin:/bin");
        let result = CliConfigProvider::new().environment(&environment).provide().await;
        assert_eq!(result.is_ok(), works, "{members}");
        if let Err(error) = result {
            assert!(error.message.contains("belongs to another user") && !error.not_configured, "{error}");
        }
        assert!(!home.path().join("ran").exists(), "{members}");
    }
    assert_eq!(server.received().len(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn s41_only_regular_files() {
    let home = Home::new();
    let pipe = home.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for path in [pipe.to_str().unwrap(), "/dev/zero", "/dev/null", home.path().to_str().unwrap()] {
        let ini = IniFileProvider::new().path(path).environment(&home.environment());
        let error = ini.provide().await.unwrap_err();
        assert!(error.message.contains("no regular file"), "{path}: {error}");
        let cli = CliConfigProvider::new().path(path).environment(&home.environment());
        cli.provide().await.unwrap_err();
    }
}

#[tokio::test]
async fn s41_files_that_are_too_long() {
    let home = Home::new();
    home.write(".alibabacloud/credentials", &format!("{KEYS}# {}\n", "x".repeat(1 << 20)));
    let error = IniFileProvider::new().environment(&home.environment()).provide().await.unwrap_err();
    assert!(error.message.contains("longer than 1 MiB"), "{error}");
}

#[tokio::test]
async fn ini_files_are_read_as_people_write_them() {
    let home = Home::new();
    home.write(
        ".alibabacloud/credentials",
        "\u{feff}# comment\r\n; comment\r\n\r\n[ default ]\r\nType=access_key\r\n  access_key_id  =  a b\t# comment\r\n\
         access_key_secret = s#3;c=ret== ; comment\r\nnonsense\r\n[other]\r\ntype = sts\r\naccess_key_id = o\r\n\
         access_key_secret = s\r\nsecurity_token = t\r\n[default]\r\nunused = x\r\n",
    );
    let environment = home.environment();
    let credentials = IniFileProvider::new().environment(&environment).provide().await;
    // Keys are lower case, titles may have blanks, values are taken up to a comment.
    let (id, secret, _) = triple(&credentials.unwrap());
    assert_eq!((id.as_str(), secret.as_str()), ("a b", "s#3;c=ret=="));
    let credentials = IniFileProvider::new().profile("other").environment(&environment).provide().await.unwrap();
    assert_eq!(credentials.provider(), "profile/static_sts");
    assert!(matches!(credentials.kind(), CredentialsKind::AccessKey { token: Some(_), .. }));
    let error = IniFileProvider::new().profile("gone").environment(&environment).provide().await.unwrap_err();
    assert!(!error.not_configured && error.message.contains("has no section [gone]"), "{error}");
}

#[tokio::test]
async fn ini_types_beyond_the_records() {
    let home = Home::new();
    let net = Net::well();
    let environment = home.environment().transport(net.clone());
    let provider = IniFileProvider::new().environment(&environment);
    home.write(".alibabacloud/credentials", "[default]\ntype = bearer\nbearer_token = b\n");
    let credentials = provider.provide().await.unwrap();
    assert!(matches!(credentials.kind(), CredentialsKind::Bearer(token) if token.expose() == "b"));
    let role = |seconds: &str| {
        let role = format!("{}role_arn = r\nrole_session_expiration = {seconds}\n", KEYS);
        home.write(".alibabacloud/credentials", &role.replace("access_key\n", "ram_role_arn\n"));
    };
    for (seconds, sent) in [("900", "900"), ("0", "3600")] {
        role(seconds);
        provider.provide().await.unwrap();
        assert_eq!(net.received().last().unwrap().form()["DurationSeconds"], sent);
    }
    for wrong in ["soon", "-1", "60"] {
        role(wrong);
        let error = provider.provide().await.unwrap_err();
        assert!(!error.not_configured && error.message.contains("[default]"), "{error}");
    }
}

#[tokio::test]
async fn the_vendors_two_names_of_the_ini_file() {
    let home = Home::new();
    home.write(".alibabacloud/credentials.ini", &KEYS.replace("= a\n", "= python\n"));
    let provider = IniFileProvider::new().environment(&home.environment());
    assert_eq!(triple(&provider.provide().await.unwrap()).0, "python");
    home.write(".alibabacloud/credentials", &KEYS.replace("= a\n", "= go\n"));
    assert_eq!(triple(&provider.provide().await.unwrap()).0, "go");
    let other = home.write("other", &KEYS.replace("= a\n", "= other\n"));
    let environment = home.environment().variable("ALIBABA_CLOUD_CREDENTIALS_FILE", other.to_str().unwrap());
    assert_eq!(triple(&IniFileProvider::new().environment(&environment).provide().await.unwrap()).0, "other");
}
