//! Downloads of API metadata.

use super::Settings;
use crate::error::ServiceError;
use crate::reply::Reply;
use crate::request::Request;

/// `/meta/v1/products/{product}/versions/{version}/api-docs.json`, from a folder.
pub(super) fn answer(settings: &Settings, request: &Request) -> Result<Reply, ServiceError> {
    let not_found = || ServiceError::new(404, "NotFound", format!("There is no metadata at {}.", request.path()));
    let folder = settings.metadata.as_ref().ok_or_else(not_found)?;
    let steps: Vec<&str> = request.path().split('/').collect();
    let ["", "meta", "v1", "products", product, "versions", version, "api-docs.json"] = steps.as_slice() else {
        return Err(not_found());
    };
    let plain = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) && !name.contains("..")
    };
    if !plain(product) || !plain(version) {
        return Err(not_found());
    }
    let path = folder.join(product.to_lowercase()).join(format!("{version}.json"));
    let text = std::fs::read(path).map_err(|_| not_found())?;
    Ok(Reply::raw(200, "application/json;charset=utf-8", text))
}
