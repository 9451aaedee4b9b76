//! Asks the location service for a host.

use std::time::Duration;

use super::Client;
use crate::{
    config::CallOptions,
    endpoint::{
        DESCRIBE_ENDPOINTS, DescribeEndpointsRequest, DescribeEndpointsResponse, LOCATION, Missed, is_known,
        is_loopback,
    },
    error::{ConfigError, ErrorKind},
};

/// How long the service is waited for. The limit is the same for all callers, who share its answer; the
/// deadline of each call holds besides.
const PATIENCE: Duration = Duration::from_secs(10);

impl Client {
    pub(super) async fn locate(
        &self,
        code: &'static str,
        region: &str,
        options: &CallOptions,
    ) -> Result<String, ErrorKind> {
        let settings = self.settings();
        let ask = self.ask(code, region, options);
        settings.locations.get(code, region, &*settings.entropy, ask).await.map_err(ErrorKind::Config)
    }

    async fn ask(&self, code: &'static str, region: &str, options: &CallOptions) -> Result<String, Missed> {
        let request = DescribeEndpointsRequest {
            id: Some(region.to_owned()),
            service_code: Some(code.to_owned()),
            kind: Some("openAPI".to_owned()),
        };
        let mut location =
            CallOptions { timeout: Some(PATIENCE), retry: options.retry.clone(), ..CallOptions::default() };
        location.overrides.credentials = options.overrides.credentials.clone();
        location.overrides.endpoint = Some(self.settings().location_endpoint.clone());
        let mut response = DescribeEndpointsResponse::default();
        let client = Client::new(self.config(), &LOCATION);
        // Boxed, because a call cannot hold itself.
        Box::pin(client.execute(&DESCRIBE_ENDPOINTS, &request, &mut response, &location)).await.map_err(|error| {
            // Other callers may have other credentials.
            let of_caller = matches!(error.kind(), ErrorKind::Credentials(_))
                || error.status().is_some_and(|status| status.is_client_error() && status != 429);
            let message =
                format!("the endpoint is not known and was asked for: {error}; set .endpoint(\"…\") to do without");
            Missed { error: ConfigError { message }, lasting: !of_caller }
        })?;
        let endpoints = response.endpoints.unwrap_or_default();
        let host = endpoints.into_iter().find_map(|endpoint| endpoint.endpoint).unwrap_or_default();
        // What comes over the network must not send signed requests to anybody else.
        if is_known(&host) || (is_loopback(&host) && is_loopback(self.location_host())) {
            tracing::info!(product = self.0.service.product, region, host, "endpoint from the location service");
            return Ok(host);
        }
        let message = if host.is_empty() {
            format!("the location service knows no host of {code} in region {region}: set .endpoint(\"…\")")
        } else {
            let host = crate::decode::snippet(host.as_bytes());
            format!("the location service answered with {host:?}, which is no host of Alibaba Cloud: it is not used")
        };
        Err(Missed { error: ConfigError { message }, lasting: true })
    }

    fn location_host(&self) -> &str {
        let endpoint = self.settings().location_endpoint.as_str();
        endpoint.split_once("://").map_or(endpoint, |(_, host)| host)
    }
}
