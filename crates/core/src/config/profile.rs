//! The region of the command-line tool's profile.

use std::{fs::File, io::Read as _, path::PathBuf};

use super::env;
use crate::{Document, credentials::is_true, endpoint::check_label};

const MAX_SIZE: u64 = 1 << 20;

/// `region_id` of the profile in use, from `~/.aliyun/config.json`. A file that cannot be read is no
/// error: whoever needs a region is told how to set one.
pub(super) fn region() -> Option<String> {
    if env("ALIBABA_CLOUD_CLI_PROFILE_DISABLED").as_deref().is_some_and(is_true) {
        return None;
    }
    let path = match env("ALIBABA_CLOUD_CONFIG_FILE") {
        Some(path) => PathBuf::from(path),
        // Relative, it would be the working directory's: files there decide nothing.
        None => std::env::home_dir().filter(|home| home.is_absolute())?.join(".aliyun").join("config.json"),
    };
    // Anything but a regular file could block or never end.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_SIZE).read_to_string(&mut text).ok()?;
    region_of(&text, env("ALIBABA_CLOUD_PROFILE").as_deref())
}

fn region_of(text: &str, profile: Option<&str>) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let name = profile.or_else(|| document.get("current")?.as_str())?;
    let profiles = document.get("profiles")?.as_list()?;
    let profile = profiles.iter().find(|profile| profile.get("name").and_then(Document::as_str) == Some(name))?;
    let region = profile.get("region_id")?.as_str()?;
    check_label(region).ok().map(|()| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"current": "one", "profiles": [
        {"name": "one", "region_id": "cn-hangzhou", "access_key_secret": "x"},
        {"name": "two", "region_id": "cn-beijing"}, {"name": "bad", "region_id": "x@evil.com"}, {"name": "none"}]}"#;

    #[test]
    fn region_of_the_profile_in_use() {
        assert_eq!(region_of(FILE, None).as_deref(), Some("cn-hangzhou"));
        assert_eq!(region_of(FILE, Some("two")).as_deref(), Some("cn-beijing"));
        for other in ["bad", "none", "missing"] {
            assert_eq!(region_of(FILE, Some(other)), None);
        }
        for broken in ["", "{", "[]", "{}", r#"{"current": 1}"#, r#"{"current": "a", "profiles": {}}"#] {
            assert_eq!(region_of(broken, None), None);
        }
    }
}
