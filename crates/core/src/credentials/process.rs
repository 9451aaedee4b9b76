//! Keys that an external command prints.

use std::{
    io::Read as _,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    BoxFuture, Credentials, CredentialsKind, Environment, ProvideCredentials, Secret, answer, environment, file,
};
use crate::{Document, error::CredentialsError};

/// Longest output that is read.
const MAX_OUTPUT: u64 = 64 << 10;
/// Pause between two looks at a running command.
const POLL: Duration = Duration::from_millis(10);

/// Runs a command and takes the keys that it prints as JSON:
/// `{"mode": "StsToken", "access_key_id": …, "access_key_secret": …, "sts_token": …, "expiration": …}`.
///
/// The command line is split as a shell does it, quotes included, but no shell runs: `;`, `|`, `$(…)` and
/// `~` mean nothing. The command sees a few variables such as `PATH` and `HOME`, no keys; it reads nothing,
/// and what it writes to standard error is dropped. Whatever it prints, none of it appears in an error.
/// After 60 s it is ended together with what it has started. `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS=1`
/// forbids all this.
#[derive(Clone)]
pub struct ProcessProvider {
    command_line: String,
    time_limit: Duration,
    environment: Environment,
}

impl ProcessProvider {
    /// Keys from a command.
    pub fn new(command_line: impl Into<String>) -> Self {
        let time_limit = Duration::from_secs(60);
        Self { command_line: command_line.into(), time_limit, environment: Environment::default() }
    }

    /// How long the command may run. Default: 60 s.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Works in another environment.
    #[must_use]
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = environment.clone();
        self
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        if self.environment.is_true("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS") {
            return Err(broken("running one is forbidden by ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS"));
        }
        let words = split(&self.command_line).map_err(broken)?;
        let (program, arguments) = words.split_first().ok_or_else(|| broken("the command line is empty"))?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        for name in environment::INHERITED {
            command.envs(self.environment.get(name).map(|value| (name, value)));
        }
        let abandoned = Abandoned::default();
        let flag = abandoned.0.clone();
        let limit = self.time_limit;
        let output = file::blocking(move || run(command, limit, &flag)).await?;
        read(&output)
    }
}

fn broken(reason: impl AsRef<str>) -> CredentialsError {
    CredentialsError::broken(format!("the external command: {}", reason.as_ref()))
}

/// Says, when it is dropped, that nobody waits for the command any more.
#[derive(Default)]
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a command to its end, or ends it.
fn run(mut command: Command, limit: Duration, abandoned: &AtomicBool) -> Result<Secret, CredentialsError> {
    // A group of its own can be ended as a whole.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn().map_err(|error| broken(format!("cannot be started: {}", error.kind())))?;
    let mut running = Running(child);
    let stdout = running.0.stdout.take();
    let mut reader = Some(thread::spawn(move || {
        let mut output = Vec::new();
        // One byte more, to notice what is too long.
        let read = stdout.map(|stdout| stdout.take(MAX_OUTPUT + 1).read_to_end(&mut output));
        read.is_some_and(|read| read.is_ok()).then_some(output)
    }));
    let begun = Instant::now();
    let (mut status, mut output): (Option<ExitStatus>, Option<Vec<u8>>) = (None, None);
    // Also until the output ends: something that the command has left running may hold it open.
    while status.is_none() || output.is_none() {
        if abandoned.load(Ordering::Relaxed) {
            return Err(broken("nobody waits for it any more"));
        }
        if begun.elapsed() >= limit {
            return Err(broken(format!("did not end within {limit:?}")));
        }
        if status.is_none() {
            status = running.0.try_wait().map_err(|error| broken(format!("is lost: {}", error.kind())))?;
        }
        if let Some(finished) = reader.take_if(|reader| reader.is_finished()) {
            let text = finished.join().ok().flatten().ok_or_else(|| broken("its output cannot be read"))?;
            if text.len() as u64 > MAX_OUTPUT {
                return Err(broken("prints more than 64 KiB"));
            }
            output = Some(text);
        }
        thread::sleep(POLL);
    }
    match status {
        Some(status) if !status.success() => Err(broken(format!("failed with {status}"))),
        _ => {
            String::from_utf8(output.unwrap_or_default()).map(Secret::new).map_err(|_| broken("its output is no text"))
        }
    }
}

/// A command that is ended when nobody looks after it any more.
struct Running(Child);

impl Running {
    #[cfg(unix)]
    fn end(&mut self) {
        use nix::{
            sys::signal::{Signal, killpg},
            unistd::Pid,
        };
        if let Ok(group) = i32::try_from(self.0.id()) {
            _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
    }

    #[cfg(not(unix))]
    fn end(&mut self) {
        _ = self.0.kill();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What has ended is not waited for again; its group may still have members.
        self.end();
        _ = self.0.wait();
    }
}

/// Reads what the command has printed.
fn read(output: &Secret) -> Result<Credentials, CredentialsError> {
    let document = Document::parse(output.expose()).map_err(|_| broken("its output is not JSON"))?;
    let text = |name: &str| document.get(name).and_then(Document::as_str).filter(|text| !text.is_empty());
    let token = text("sts_token");
    match text("mode") {
        None | Some("AK") => {}
        Some("StsToken") if token.is_some() => {}
        Some("StsToken") => return Err(broken("its output lacks sts_token")),
        Some(_) => return Err(broken("its output has another mode than AK or StsToken")),
    }
    let member = |name: &str| text(name).ok_or_else(|| broken(format!("its output lacks {name}")));
    let kind = CredentialsKind::AccessKey {
        id: member("access_key_id")?.to_owned(),
        secret: Secret::new(member("access_key_secret")?),
        token: token.map(Secret::new),
    };
    let credentials = Credentials::new(kind, "external");
    match text("expiration").map(answer::time) {
        None => Ok(credentials),
        Some(Some(end)) => Ok(credentials.expiring_at(end)),
        Some(None) => Err(broken("the expiration in its output is no date")),
    }
}

/// Splits a command line at blanks; quotes and backslashes keep blanks together. Nothing else has a
/// meaning.
fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or("a quote in the command line is not closed")? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or("a quote in the command line is not closed")? {
                        '"' => break,
                        '\\' => match characters.next().ok_or("the command line ends in a backslash")? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        other => word.push(other),
                    }
                }
            }
            // Windows separates directories by it.
            '\\' if !cfg!(windows) => {
                let escaped = characters.next().ok_or("the command line ends in a backslash")?;
                word.get_or_insert_default().push(escaped);
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

impl ProvideCredentials for ProcessProvider {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.fetch())
    }

    fn adopt(&self, client: &Environment) {
        self.environment.adopt(client);
    }
}

/// Without the command line: some pass secrets there.
impl std::fmt::Debug for ProcessProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessProvider").field("time_limit", &self.time_limit).finish_non_exhaustive()
    }
}
