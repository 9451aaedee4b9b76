//! The location service: every product is here.

use serde_json::{Value, json};

use super::Settings;
use crate::error::ServiceError;
use crate::stub::Call;

pub(super) fn answer(settings: &Settings, call: &Call) -> Option<Result<Value, ServiceError>> {
    if call.operation != "DescribeEndpoints" {
        return None;
    }
    let host = settings.endpoint.split("://").nth(1).unwrap_or_default();
    let text = |name: &str| call.text(name).unwrap_or_default();
    Some(Ok(json!({
        "Success": true,
        "Endpoints": {"Endpoint": [{
            "Id": text("Id"),
            "Type": "openAPI",
            "Namespace": "",
            "Endpoint": host,
            "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
            // The service itself spells it so.
            "SerivceCode": text("ServiceCode"),
        }]},
    })))
}
