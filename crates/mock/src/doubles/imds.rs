//! The metadata service of instances, with tokens (v2) and without (v1).

use super::{Double, Settings, issue, success};
use crate::clock::Clock;
use crate::error::ServiceError;
use crate::keys::Keyring;
use crate::reply::Reply;
use crate::request::Request;

pub(super) fn answer(
    settings: &mut Settings,
    double: Double,
    request: &Request,
    keys: &Keyring,
    clock: &Clock,
) -> Result<Reply, ServiceError> {
    let now = clock.millis();
    let plain = |status: u16, text: &str| Ok(Reply::raw(status, "text/plain", text.to_owned()));
    if double == Double::ImdsToken {
        let seconds =
            request.header("x-aliyun-ecs-metadata-token-ttl-seconds").and_then(|text| text.parse::<i64>().ok());
        return match seconds {
            Some(seconds @ 1..=21_600) if request.method == http::Method::PUT => {
                let token = format!("{}{}", settings.random.word(), settings.random.word());
                settings.tokens.retain(|(_, expires)| *expires > now);
                settings.tokens.push((token.clone(), now + seconds * 1000));
                plain(200, &token)
            }
            _ if request.method != http::Method::PUT => plain(405, "405 - Method Not Allowed"),
            _ => plain(400, "400 - Bad Request"),
        };
    }
    let admitted = match request.header("x-aliyun-ecs-metadata-token") {
        Some(token) => settings.tokens.iter().any(|(known, expires)| known == token && *expires > now),
        None => !settings.only_v2,
    };
    if !admitted {
        return plain(403, "403 - Forbidden");
    }
    let asked = request.path().rsplit('/').next().unwrap_or_default();
    match (double, asked) {
        (Double::ImdsRole, _) if settings.role.is_empty() => plain(404, "404 - Not Found"),
        (Double::ImdsRole, _) => plain(200, &settings.role),
        (Double::ImdsCredentials, role) if role == settings.role => {
            let issued = issue(settings, None, keys, clock)?;
            Ok(Reply::document(200, success(&issued, clock)))
        }
        (_, "region-id") => plain(200, "cn-hangzhou"),
        (_, "zone-id") => plain(200, "cn-hangzhou-h"),
        (_, "instance-id") => plain(200, "i-test"),
        (_, "owner-account-id") => plain(200, "1234567890123456"),
        _ => plain(404, "404 - Not Found"),
    }
}
