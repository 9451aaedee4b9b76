//! The location service: says where a product is in a region that the tables do not list.

use http::Method;

use super::{EndpointRule, Endpoints};
use crate::{
    model::{Field, Model, Schema, Value},
    models,
    operation::{Operation, Protocol, Service},
};

/// The service itself.
pub(crate) static LOCATION: Service = Service {
    product: "location",
    code: "Location",
    version: "2015-06-12",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: Some(EndpointRule::Central),
        prefix: "location-readonly",
        global: None,
        location_service_code: None,
        regions: &[],
        vpc_regions: &[],
    },
};

/// Its operation.
pub(crate) static DESCRIBE_ENDPOINTS: Operation = Operation::rpc("DescribeEndpoints", Method::POST).read();

/// Parameters of the operation.
#[derive(Clone, Default)]
pub(crate) struct DescribeEndpointsRequest {
    /// Region.
    pub(crate) id: Option<String>,
    /// Product code.
    pub(crate) service_code: Option<String>,
    /// Kind of endpoint.
    pub(crate) kind: Option<String>,
}

impl Model for DescribeEndpointsRequest {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new(
            "DescribeEndpointsRequest",
            &[Field::query("Id"), Field::query("ServiceCode"), Field::query("Type")],
        );
        SCHEMA
    }
    fn field(&self, index: usize) -> &dyn Value {
        match index {
            0 => &self.id,
            1 => &self.service_code,
            _ => &self.kind,
        }
    }
    fn field_mut(&mut self, index: usize) -> &mut dyn Value {
        match index {
            0 => &mut self.id,
            1 => &mut self.service_code,
            _ => &mut self.kind,
        }
    }
}

/// Answer of the operation.
#[derive(Clone, Default)]
pub(crate) struct DescribeEndpointsResponse {
    /// Endpoints, the best first.
    pub(crate) endpoints: Option<Vec<LocatedEndpoint>>,
}

impl Model for DescribeEndpointsResponse {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema =
            &Schema::new("DescribeEndpointsResponse", &[Field::new("Endpoints").wrapper("Endpoint")]);
        SCHEMA
    }
    fn field(&self, _: usize) -> &dyn Value {
        &self.endpoints
    }
    fn field_mut(&mut self, _: usize) -> &mut dyn Value {
        &mut self.endpoints
    }
}

/// One endpoint.
#[derive(Clone, Default)]
pub(crate) struct LocatedEndpoint {
    /// Host.
    pub(crate) endpoint: Option<String>,
}

impl Model for LocatedEndpoint {
    fn schema(&self) -> &'static Schema {
        const SCHEMA: &Schema = &Schema::new("LocatedEndpoint", &[Field::new("Endpoint")]);
        SCHEMA
    }
    fn field(&self, _: usize) -> &dyn Value {
        &self.endpoint
    }
    fn field_mut(&mut self, _: usize) -> &mut dyn Value {
        &mut self.endpoint
    }
}

models!(DescribeEndpointsRequest, DescribeEndpointsResponse, LocatedEndpoint);
