//! Asks the location service for a host.

use super::Client;
use crate::{
    config::CallOptions,
    endpoint::{
        DESCRIBE_ENDPOINTS, DescribeEndpointsRequest, DescribeEndpointsResponse, LOCATION, is_known, is_loopback,
    },
    error::{ConfigError, ErrorKind},
};

impl Client {
    pub(super) async fn locate(
        &self,
        code: &'static str,
        region: &str,
        options: &CallOptions,
    ) -> Result<String, ErrorKind> {
        let settings = self.settings();
        settings.locations.get(code, region, self.ask(code, region, options)).await
    }

    async fn ask(&self, code: &'static str, region: &str, options: &CallOptions) -> Result<String, ErrorKind> {
        let request = DescribeEndpointsRequest {
            id: Some(region.to_owned()),
            service_code: Some(code.to_owned()),
            kind: Some("openAPI".to_owned()),
        };
        let mut location =
            CallOptions { timeout: options.timeout, retry: options.retry.clone(), ..CallOptions::default() };
        location.overrides.credentials = options.overrides.credentials.clone();
        location.overrides.endpoint = Some(self.settings().location_endpoint.clone());
        let mut response = DescribeEndpointsResponse::default();
        let client = Client::new(self.config(), &LOCATION);
        // Boxed, because a call cannot hold itself.
        Box::pin(client.execute(&DESCRIBE_ENDPOINTS, &request, &mut response, &location)).await.map_err(|error| {
            let message =
                format!("the endpoint is not known and was asked for: {error}; set .endpoint(\"…\") to do without");
            ErrorKind::Config(ConfigError { message })
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
        Err(ErrorKind::Config(ConfigError { message }))
    }

    fn location_host(&self) -> &str {
        let endpoint = self.settings().location_endpoint.as_str();
        endpoint.split_once("://").map_or(endpoint, |(_, host)| host)
    }
}
