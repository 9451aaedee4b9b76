//! Reads files that hold secrets, after a look at what they are.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::error::CredentialsError;

/// Longest file that is read.
const MAX_LENGTH: u64 = 1 << 20;

/// What happens with a credential file that other users can read or own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileAccess {
    /// It is read, with a warning in the log. Refused all the same are files that others can change, and
    /// profiles in a file of another user that run a command or fetch keys from a URL.
    #[default]
    Warn,
    /// It is refused.
    Deny,
}

/// What a file holds.
pub(super) struct Contents {
    pub(super) text: String,
    /// It belongs to another user than us and root.
    pub(super) is_anothers: bool,
}

/// Reads a text file without holding up other tasks. `access` says how strict to be about its owner and
/// mode; `None`: not at all.
pub(super) async fn read(path: PathBuf, access: Option<FileAccess>) -> Result<Contents, CredentialsError> {
    blocking(move || read_now(&path, access)).await
}

/// Runs what may block on a thread for that.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CredentialsError> + Send + 'static,
) -> Result<T, CredentialsError> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => match runtime.spawn_blocking(work).await {
            Ok(result) => result,
            Err(_) => Err(CredentialsError::broken("reading was interrupted because the runtime is shutting down")),
        },
        Err(_) => work(),
    }
}

pub(super) fn read_now(path: &Path, access: Option<FileAccess>) -> Result<Contents, CredentialsError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => CredentialsError::not_configured(format!("{} does not exist", path.display())),
        _ => CredentialsError::broken(format!("{} cannot be read: {error}", path.display())),
    };
    let refused = |reason: &str| CredentialsError::broken(format!("{} {reason}", path.display()));
    let file = open(path).map_err(failed)?;
    // Of the open file, so that it cannot be exchanged in between.
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(refused("is no regular file"));
    }
    if let Some(problem) = access.and_then(|_| weakness(&metadata)) {
        if problem.always_refused || access == Some(FileAccess::Deny) {
            return Err(refused(problem.text));
        }
        tracing::warn!(path = %path.display(), "a credential file {}", problem.text);
    }
    let mut text = String::new();
    // One byte more, to notice files that grow or have no length.
    let length = file.take(MAX_LENGTH + 1).read_to_string(&mut text).map_err(failed)?;
    if length as u64 > MAX_LENGTH {
        return Err(refused("is longer than 1 MiB"));
    }
    Ok(Contents { text, is_anothers: is_anothers(&metadata) })
}

#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has modes"))]
struct Weakness {
    text: &'static str,
    always_refused: bool,
}

/// Opening a pipe must not wait for somebody to write into it.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn weakness(metadata: &Metadata) -> Option<Weakness> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = metadata.mode();
    let weakness = |text, always_refused| Some(Weakness { text, always_refused });
    if mode & 0o022 != 0 {
        weakness("can be changed by other users; chmod 600 it", true)
    } else if is_anothers(metadata) {
        weakness("belongs to another user", false)
    } else if mode & 0o077 != 0 {
        weakness("can be read by other users; chmod 600 it", false)
    } else {
        None
    }
}

#[cfg(unix)]
fn is_anothers(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.uid() != nix::unistd::Uid::effective().as_raw() && metadata.uid() != 0
}

#[cfg(not(unix))]
fn weakness(_: &Metadata) -> Option<Weakness> {
    None
}

#[cfg(not(unix))]
fn is_anothers(_: &Metadata) -> bool {
    false
}
