//! Changes the file so that a reader, a second writer or a crash never sees half of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::profile;
use crate::{
    Document,
    credentials::{FileAccess, file::read_now},
    error::CredentialsError,
    runtime::{Entropy, nonce},
};

/// How long we wait for another process to finish: as long as one renewal takes.
const LOCK_TIME: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// The right to change the file, for all processes that keep to it. It is held on a file of its own, which
/// stays: the configuration itself is replaced, and a lock on it would go with it.
#[derive(Clone)]
pub(super) struct Lock(Arc<Locked>);

struct Locked {
    /// The file itself, not a link to it.
    target: PathBuf,
    _held: Held,
}

#[cfg(unix)]
type Held = nix::fcntl::Flock<File>;
#[cfg(not(unix))]
type Held = File;

impl Lock {
    /// Waits for the right to change a file; `None` when another process keeps it for too long. A link is
    /// followed once, and only to a place in the same directory or in the home directory.
    pub(super) fn take(path: &Path, home: Option<&Path>) -> Result<Option<Self>, CredentialsError> {
        let failed = |error: io::Error| problem(path, format_args!("cannot be changed: {error}"));
        let target = fs::canonicalize(path).map_err(failed)?;
        let directory = path.parent().map(fs::canonicalize).transpose().map_err(failed)?;
        let home = home.and_then(|home| fs::canonicalize(home).ok());
        let stays = target.parent() == directory.as_deref() || home.is_some_and(|home| target.starts_with(home));
        if !stays {
            return Err(problem(path, "is a link to outside the home directory and is not changed"));
        }
        check_owner(&target)?;
        let held = lock(&beside(&target, "lock")).map_err(failed)?;
        Ok(held.map(|held| Self(Arc::new(Locked { target, _held: held }))))
    }

    /// Reads the file, changes it, and puts the whole new one in the place of the old one.
    pub(super) fn update(
        &self,
        access: FileAccess,
        entropy: &dyn Entropy,
        change: impl FnOnce(&mut Document) -> Option<()>,
    ) -> Result<(), CredentialsError> {
        let target = &self.0.target;
        let mut document = profile::parse(&read_now(target, Some(access))?.text)?;
        change(&mut document).ok_or_else(|| problem(target, "has lost the profile"))?;
        let text = serde_json::to_vec_pretty(&document).map_err(|_| problem(target, "cannot be written as JSON"))?;
        let name = nonce(entropy).map_err(|error| problem(target, error))?;
        replace(target, &beside(target, &name), &text)
            .map_err(|error| problem(target, format_args!("cannot be written: {error}")))
    }
}

/// Under `sudo` the file may be another user's: ours in its place would lock them out. And who can write
/// into its directory can exchange it.
#[cfg(unix)]
fn check_owner(target: &Path) -> Result<(), CredentialsError> {
    use std::os::unix::fs::MetadataExt as _;
    let failed = |error: io::Error| problem(target, format_args!("cannot be changed: {error}"));
    if fs::metadata(target).map_err(failed)?.uid() != nix::unistd::Uid::effective().as_raw() {
        return Err(problem(target, "belongs to another user and is not changed"));
    }
    if let Some(directory) = target.parent()
        && fs::metadata(directory).map_err(failed)?.mode() & 0o022 != 0
    {
        tracing::warn!(path = %directory.display(), "the directory of a credential file can be changed by other users; chmod 700 it");
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner(_: &Path) -> Result<(), CredentialsError> {
    Ok(())
}

fn problem(path: &Path, problem: impl std::fmt::Display) -> CredentialsError {
    CredentialsError::broken(format!("{} {problem}", path.display()))
}

/// `.config.json.<suffix>` in the same directory.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{suffix}"))
}

/// Writes a new file, gets it onto the disk, and only then gives it the name of the old one.
fn replace(target: &Path, temporary: &Path, text: &[u8]) -> io::Result<()> {
    // What is in the way is not ours to remove.
    let mut file = private().create_new(true).open(temporary)?;
    let written = file.write_all(text).and_then(|()| file.sync_all()).and_then(|()| fs::rename(temporary, target));
    if written.is_err() {
        _ = fs::remove_file(temporary);
        return written;
    }
    #[cfg(unix)]
    if let Some(directory) = target.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// For us alone from its first moment on.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn lock(path: &Path) -> io::Result<Option<Held>> {
    use nix::{
        errno::Errno,
        fcntl::{Flock, FlockArg, OFlag},
    };
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = private().create(true).truncate(false).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)?;
    let begun = Instant::now();
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => return Ok(Some(held)),
            Err((_, Errno::EWOULDBLOCK)) if begun.elapsed() >= LOCK_TIME => return Ok(None),
            Err((returned, Errno::EWOULDBLOCK | Errno::EINTR)) => file = returned,
            Err((_, errno)) => return Err(errno.into()),
        }
        std::thread::sleep(POLL);
    }
}

/// Nobody else can open the file while we have it open.
#[cfg(windows)]
fn lock(path: &Path) -> io::Result<Option<Held>> {
    use std::os::windows::fs::OpenOptionsExt as _;
    /// The system's number for: somebody else has it open.
    const ERROR_SHARING_VIOLATION: i32 = 32;
    let begun = Instant::now();
    loop {
        match private().create(true).truncate(false).share_mode(0).open(path) {
            Ok(held) => return Ok(Some(held)),
            Err(error) if error.raw_os_error() != Some(ERROR_SHARING_VIOLATION) => return Err(error),
            Err(_) if begun.elapsed() >= LOCK_TIME => return Ok(None),
            Err(_) => std::thread::sleep(POLL),
        }
    }
}

#[cfg(not(any(unix, windows)))]
fn lock(_: &Path) -> io::Result<Option<Held>> {
    Err(io::ErrorKind::Unsupported.into())
}
