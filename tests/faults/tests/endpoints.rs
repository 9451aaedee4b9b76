//! Where calls go: as the vendor's own SDKs say where they are right, and never silently elsewhere.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use alicloud_core::{
    Call, Client, Config, ConfigOverride, Error,
    config::ConfigBuilder,
    credentials::Credentials,
    endpoint::{Endpoints, Network},
    operation::{Protocol, Service},
};
use alicloud_faults::{
    Act, Scripted,
    scripted::Seen,
    things::{self, DescribePlainThing},
};
use alicloud_tests::json_fixture;
use serde_json::Value;

fn builder() -> ConfigBuilder {
    Config::builder().credentials(Credentials::access_key("id", "secret")).ignore_configured_endpoints()
}

async fn host(builder: ConfigBuilder, service: &'static Service) -> Result<String, Error> {
    let client = Client::new(&builder.build()?, service);
    let request = Call::<DescribePlainThing>::new(&client).prepare().await?;
    Ok(request.uri().authority().unwrap().to_string())
}

#[tokio::test]
async fn recorded_hosts() {
    let records: Value = json_fixture("vectors/endpoints.json");
    let services = [
        ("servicemesh", &alicloud_servicemesh::endpoint::SERVICE),
        ("cs", &alicloud_cs::endpoint::SERVICE),
        ("computenestsupplier", &alicloud_computenestsupplier::endpoint::SERVICE),
        ("smartag", &alicloud_smartag::endpoint::SERVICE),
        ("ecs", &alicloud_ecs::endpoint::SERVICE),
        ("sts", &alicloud_sts::endpoint::SERVICE),
    ];
    let mut compared = 0;
    for (product, service) in services {
        for record in records[product]["resolved"].as_array().unwrap() {
            let [settings, network, expected] = [&record[0], &record[1], &record[2]];
            let expected = expected.as_str().unwrap();
            let (mut builder, mut note) = (builder(), format!("{product} {settings} {network}"));
            let region = settings.as_str().or(settings["region_id"].as_str());
            if let Some(region) = region {
                builder = builder.region(region);
            }
            match (network.as_str(), settings["suffix"].as_str(), settings["endpoint"].as_str()) {
                (_, _, Some(endpoint)) => {
                    assert_eq!(host(builder.endpoint(endpoint), service).await.unwrap(), expected, "{note}");
                }
                // The vendor's Python SDK ignores suffixes.
                (_, Some(suffix), _) => {
                    let found = host(builder.endpoint_suffix(suffix), service).await.unwrap();
                    assert!(found.starts_with(&format!("{product}-{suffix}.")), "{note}: {found}");
                }
                // The vendor's SDKs silently give the public host where a table lists one.
                (Some("vpc"), ..) => {
                    let public = host(builder.clone(), service).await.unwrap();
                    match host(builder.network(Network::Vpc), service).await {
                        Ok(found) => assert!(found != public && found.contains("vpc"), "{note}: {found}"),
                        Err(error) => assert!(error.to_string().contains("VPC"), "{note}: {error}"),
                    }
                }
                (None | Some("public"), ..) => {
                    let found = host(builder, service).await;
                    if region.is_none() && expected.starts_with('!') {
                        assert!(found.unwrap_err().to_string().contains("no region is set"), "{note}");
                    } else {
                        let found = found.unwrap();
                        note.push_str(&format!(": {found}, recorded {expected}"));
                        // Later tables of the vendor's know more regions than the recorded SDKs.
                        let newer = service
                            .endpoints
                            .regions
                            .iter()
                            .any(|(name, host)| Some(*name) == region && *host == found);
                        assert!(found == expected || newer, "{note}");
                    }
                }
                (Some(_), ..) => continue,
            }
            compared += 1;
        }
    }
    assert!(compared > 150, "{compared}");
}

static LOCATED: Service = Service {
    product: "located",
    code: "Located",
    version: "2026-01-01",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "located",
        global: None,
        location_service_code: Some("located"),
        regions: &[],
        vpc_regions: &[],
    },
};

/// A location service that gives one answer, and the hosts that were called.
fn location(answer: &'static str) -> (Scripted, Arc<AtomicU64>) {
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let service = Scripted::recording(move |seen: &Seen| {
        if seen.operation != "DescribeEndpoints" {
            return Act::ok();
        }
        count.fetch_add(1, Ordering::Relaxed);
        assert_eq!(seen.raw.uri().host(), Some("location-readonly.aliyuncs.com"));
        assert_eq!((seen.header("x-acs-version"), seen.parameters["Type"].as_str()), ("2015-06-12", "openAPI"));
        assert_eq!(
            (seen.parameters["Id"].as_str(), seen.parameters["ServiceCode"].as_str()),
            ("cn-hangzhou", "located")
        );
        Act::json(
            200,
            format!(
                r#"{{"RequestId": "R", "Endpoints": {{"Endpoint": [{{"Id": "cn-hangzhou", "Endpoint": "{answer}", "SerivceCode": "located"}}]}}}}"#
            ),
        )
    });
    (service, asked)
}

#[tokio::test]
async fn the_location_service_is_asked_once() {
    let (service, asked) = location("located.cn-hangzhou.aliyuncs.com");
    let config = builder().region("cn-hangzhou").transport(service.clone()).build().unwrap();
    let calls = (0..100).map(|_| {
        let client = Client::new(&config, &LOCATED);
        tokio::spawn(async move { Call::<DescribePlainThing>::new(&client).send().await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let hosts = service.take().into_iter().filter(|seen| seen.operation == "DescribePlainThing");
    assert!(
        hosts
            .map(|seen| seen.raw.uri().host().unwrap().to_owned())
            .all(|host| host == "located.cn-hangzhou.aliyuncs.com")
    );
}

#[tokio::test]
async fn the_location_service_cannot_send_requests_to_others() {
    for answer in [
        "evil.com",
        "evilaliyuncs.com",
        "x.aliyuncs.com.evil.com",
        "x@evil.com/.aliyuncs.com",
        "127.0.0.1",
        "a\\nb.aliyuncs.com",
        "",
    ] {
        let (service, _) = location(answer);
        let config = builder().region("cn-hangzhou").transport(service.clone()).build().unwrap();
        let error = Call::<DescribePlainThing>::new(&Client::new(&config, &LOCATED)).send().await.unwrap_err();
        assert!(error.to_string().contains(".endpoint(") || error.to_string().contains("not used"), "{error}");
        assert!(service.take().iter().all(|seen| seen.operation == "DescribeEndpoints"), "{answer}");
    }
}

#[tokio::test]
async fn a_private_network_is_never_left_silently() {
    let (service, asked) = location("located.cn-hangzhou.aliyuncs.com");
    let config = builder().region("cn-hangzhou").network(Network::Vpc).transport(service).build().unwrap();
    let error = Call::<DescribePlainThing>::new(&Client::new(&config, &LOCATED)).send().await.unwrap_err();
    assert!(error.to_string().contains("inside a VPC"), "{error}");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_call_can_go_elsewhere() {
    let service = Scripted::recording(|_| Act::ok());
    let client = things::client(&service.builder().build().unwrap());
    let mut call = things::describe(&client, "x");
    call.config_override(ConfigOverride::new().endpoint("other.example.com:8443"));
    call.send().await.unwrap();
    let seen = service.take();
    assert_eq!(seen[0].raw.uri().to_string().split('/').nth(2), Some("other.example.com:8443"));
    assert_eq!(seen[0].header("host"), "other.example.com:8443");
    // Plain HTTP stays forbidden where the configuration forbids it.
    let mut call = things::describe(&client, "x");
    call.config_override(ConfigOverride::new().endpoint("http://other.example.com"));
    assert!(call.send().await.is_err());
    assert_eq!(service.count(), 1);
}
