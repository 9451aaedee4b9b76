//! Requests against the spec of their operation.

mod support;

use alicloud_mock::{Check, MockGateway};
use serde_json::json;
use support::{Request, call, code, gateway, message, send};

/// What a call of `CreateThing` is answered, and that the message names what matters.
#[track_caller]
fn assert_create(gateway: &MockGateway, extra: &[(&str, &str)], expected: &str, named: &str) {
    let mut parameters = vec![("Name", "thing")];
    parameters.extend(extra);
    let answer = send(gateway, &call("CreateThing", &parameters));
    assert_eq!(code(&answer), expected, "{extra:?}: {}", answer.text());
    assert!(message(&answer).contains(named), "{extra:?}: {}", message(&answer));
}

#[test]
fn accepts_what_the_spec_says() {
    let gateway = gateway();
    for parameters in [
        [].as_slice(),
        &[("Size", "10"), ("Big", "-9223372036854775808"), ("Ratio", "1e-7"), ("Force", "True"), ("Mode", "Slow")],
        &[
            ("Since", "2024-01-02T03:04Z"),
            ("Ids", "[\"a\",\"b\"]"),
            ("Zones", "a,b"),
            ("Port.1", "80"),
            ("Port.2", "81"),
        ],
        &[("Tag.1.Key", "k"), ("Tag.1.Value", ""), ("Tag.2.Key", "l"), ("Disk.Size", "4"), ("Disk.Label", "x")],
        &[("Labels.a", "1"), ("Labels.b", "2"), ("Note", "in the wrong place, which RPC services do not mind")],
        &[("OwnerId", "1"), ("RegionId", "cn-hangzhou")],
    ] {
        assert_create(&gateway, parameters, "", "");
    }
    let parameters = &gateway.ledger().effects("CreateThing")[3].parameters;
    assert_eq!(parameters["Tag"], json!([{"Key": "k", "Value": ""}, {"Key": "l"}]));
    assert_eq!((&parameters["Disk"], &parameters["Disk.Label"]), (&json!({"Size": 4}), &json!("x")));
}

#[test]
fn refuses_what_the_spec_does_not_say() {
    let gateway = gateway();
    for (parameters, expected, named) in [
        ([("Nmae", "x")].as_slice(), "InvalidParameter", "is Name meant?"),
        (&[("Size", "ten")], "InvalidParameter", "whole number"),
        (&[("Size", "11")], "InvalidParameter", "more than 10"),
        (&[("Size", "0")], "InvalidParameter", "less than 1"),
        (&[("Size", "3000000000")], "InvalidParameter", "32 bits"),
        (&[("Big", "9223372036854775808")], "InvalidParameter", "whole number"),
        (&[("Ratio", "much")], "InvalidParameter", "a number"),
        (&[("Force", "yes")], "InvalidParameter", "`true` or `false`"),
        (&[("Mode", "Medium")], "InvalidParameter", "Fast, Slow"),
        (&[("Since", "yesterday")], "InvalidParameter", "time"),
        (&[("Ids", "a,b")], "InvalidParameter", "JSON"),
        (&[("Ids.1", "a")], "InvalidParameter", "as JSON text"),
        (&[("Ids", "[1]")], "InvalidParameter", "a text"),
        (&[("Ids", "[\"a\",\"b\",\"c\",\"d\"]")], "InvalidParameter", "more than 3"),
        (&[("Zones.1", "a")], "InvalidParameter", "commas"),
        (&[("Port.0", "80")], "InvalidParameter", "numbered from 1"),
        (&[("Port.1", "80"), ("Port.3", "81")], "InvalidParameter", "element 2"),
        (&[("Port.01", "80")], "InvalidParameter", "numbered from 1"),
        (&[("Port", "[80]")], "InvalidParameter", "numbered"),
        (&[("Port.1", "http")], "InvalidParameter", "Port.1"),
        (&[("Tag.1.Value", "v")], "MissingParameter", "Tag.1.Key"),
        (&[("Tag.1.Key", "v"), ("Tag.1.Vaule", "v")], "InvalidParameter", "is Value meant?"),
        (&[("Disk.Category", "floppy")], "InvalidParameter", "cloud_ssd"),
        (&[("Size", "1"), ("Size", "2")], "InvalidParameter", "twice"),
        (&[("Size.1", "1")], "InvalidParameter", "Size.1"),
    ] {
        assert_create(&gateway, parameters, expected, named);
    }
    for (name, expected, named) in [
        ("", "MissingParameter", "Name"),
        ("x", "InvalidParameter", "fewer than 2"),
        ("UPPER", "InvalidParameter", "match"),
    ] {
        let answer = send(&gateway, &call("CreateThing", &[("Name", name)]));
        assert_eq!(code(&answer), expected, "{}", answer.text());
        assert!(message(&answer).contains(named), "{}", message(&answer));
    }
    gateway.assert_effects("CreateThing", 0);
}

#[test]
fn finds_operations_or_says_what_is_wrong() {
    let gateway = gateway();
    let rpc = Request::rpc;
    for (request, status, expected) in [
        (rpc("DescribeThing", "2024-01-01"), 404, "InvalidAction.NotFound"),
        (rpc("DescribeThings", "2024-01-02"), 404, "NoSuchVersion"),
        (Request::roa("POST", "/elsewhere", "DescribeThings", "2024-01-01"), 404, "InvalidAction.NotFound"),
        (Request::roa("GET", "/", "DescribeThings", "2024-01-01"), 405, "UnsupportedHTTPMethod"),
        (Request::roa("PUT", "/things/../parts/x", "UpdateThing", "2024-01-01"), 404, "InvalidAction.NotFound"),
    ] {
        let answer = send(&gateway, &request);
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{request:?}");
    }
    let answer = send(&gateway, &rpc("DescribeThing", "2024-01-01"));
    assert!(message(&answer).contains("DescribeThings"), "{}", message(&answer));
}

#[test]
fn reads_paths_headers_and_bodies() {
    let gateway = gateway();
    let update = |path: &str| Request::roa("PUT", path, "UpdateThing", "2024-01-01");
    let good = update("/things/a%2Fb/parts/x/y").query(&[("dry_run", "false")]).header("x-owner", "me");
    let body = json!({"name": "n", "count": 9_007_199_254_740_993_i64, "disks": [{"Category": "cloud_ssd"}]});
    assert_eq!(code(&send(&gateway, &good.clone().json(&body))), "");
    let parameters = &gateway.ledger().effects("UpdateThing")[0].parameters;
    assert_eq!(parameters["thing_id"], "a/b");
    assert_eq!(parameters["part"], "x/y");
    assert_eq!(parameters["x-owner"], "me");
    assert_eq!(parameters["count"], json!(9_007_199_254_740_993_i64));

    for (body, named) in [
        (json!({"count": 1}), "name"),
        (json!({"name": 1}), "text"),
        (json!({"name": "n", "count": "1"}), "whole number"),
        (json!({"name": "n", "cuont": 1}), "is count meant?"),
        (json!({"name": "n", "disks": [{"category": 1}]}), "is Category meant?"),
        (json!({"name": "n", "disks": {}}), "a list"),
        (json!([]), "JSON object"),
    ] {
        let answer = send(&gateway, &good.clone().json(&body));
        assert_eq!(answer.status, 400, "{body}");
        assert!(message(&answer).contains(named), "{body}: {}", message(&answer));
        assert!(answer.json()["requestId"].is_string(), "errors of such services are in lower case: {}", answer.text());
    }
    let repeated = |id: &str| send(&gateway, &good.clone().json(&json!({"name": "n", "thing_id": id})));
    assert_eq!((code(&repeated("a/b")).as_str(), code(&repeated("c")).as_str()), ("", "InvalidParameter"));
    let nothing = json!({"name": "n", "later": [], "disks": [{"Category": "cloud_ssd", "Later": null}]});
    assert_eq!(code(&send(&gateway, &good.clone().json(&nothing))), "", "empty members of a later edition");
    let twice = b"{\"name\": \"n\", \"name\": \"m\"}";
    let answer = send(&gateway, &Request { body: twice.to_vec(), ..good.clone().json(&json!({})) });
    assert!(message(&answer).contains("names `name` twice"), "{}", answer.text());
    let answer = send(&gateway, &good.clone().form(&[("name", "n")]));
    assert_eq!(answer.status, 400, "a form where JSON belongs: {}", answer.text());

    let tags = Request::roa("POST", "/things/tags", "TagThings", "2024-01-01");
    let answer = send(&gateway, &tags.clone().json(&json!([{"key": "k"}])));
    assert_eq!((answer.status, answer.body.len()), (202, 0));
    assert_eq!(send(&gateway, &tags.json(&json!([{"kye": "k"}]))).status, 400);
}

#[test]
fn rules_can_be_switched() {
    let builder = MockGateway::builder().product(support::everything());
    let lenient = support::start(builder.skip(Check::Unknown).skip(Check::Required).enforce(Check::Place));
    let answer = send(&lenient, &call("CreateThing", &[("Nmae", "x")]));
    assert_eq!(code(&answer), "");
    assert_eq!(answer.header("x-mock-unverified"), Some("required, unknown"));
    let answer = send(&lenient, &call("CreateThing", &[("Note", "n")]));
    assert!(message(&answer).contains("form body"), "{}", answer.text());

    let unsigned = support::start(MockGateway::builder().product(support::everything()).skip(Check::Signature));
    let bytes =
        b"POST /?Action=DescribeThings&Version=2024-01-01&Format=JSON HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(support::exchange(unsigned.address(), bytes).status, 200);
}

const REGION: [(&str, &str); 1] = [("RegionId", "cn-hangzhou")];

#[test]
fn calls_are_counted_by_product() {
    let gateway = support::start(MockGateway::builder().specs_dir(support::specs()));
    for (host, times) in [("ecs.aliyuncs.com", 2), ("slb.aliyuncs.com", 1)] {
        let mut signer = support::Signer::acs3(support::key());
        signer.host = host.to_owned();
        for _ in 0..times {
            let bytes = signer.sign(&Request::rpc("DescribeRegions", version(host)), &support::fresh());
            assert_eq!(support::exchange(gateway.address(), &bytes).status, 200);
        }
    }
    for (host, served) in [
        ("ecs.cn-hangzhou.aliyuncs.com", true),
        ("ecs-vpc.cn-hangzhou.aliyuncs.com", true),
        ("ecs.cn-nowhere.aliyuncs.com", false),
        ("rds.aliyuncs.com", false),
    ] {
        let mut signer = support::Signer::acs3(support::key());
        signer.host = host.to_owned();
        let bytes = signer.sign(&Request::rpc("DescribeZones", "2014-05-26").query(&REGION), &support::fresh());
        let answer = support::exchange(gateway.address(), &bytes);
        assert_eq!(code(&answer), if served { "" } else { "InvalidHost" }, "{host}");
    }
    let counts = gateway.ledger().counts();
    assert_eq!((counts["ecs"]["DescribeRegions"], counts["slb"]["DescribeRegions"]), (2, 1));
    assert_eq!(gateway.ledger().calls("DescribeRegions"), 3);
}

fn version(host: &str) -> &'static str {
    if host.starts_with("ecs") { "2014-05-26" } else { "2014-05-15" }
}

#[test]
fn specs_come_from_folders_and_files() {
    let products = |path: &str| {
        let gateway = MockGateway::builder().specs_dir(support::specs().join(path)).start_blocking();
        gateway.map(|gateway| gateway.find_operation("RunInstances").is_ok()).map_err(|error| error.to_string())
    };
    for path in ["", "ecs", "ecs/2014-05-26.json"] {
        assert_eq!(products(path), Ok(true), "{path}");
    }
    assert_eq!(products("sts"), Ok(false));
    assert!(products("nothing").unwrap_err().contains("nothing"));
    let empty = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    assert!(MockGateway::builder().specs_dir(empty).start_blocking().unwrap_err().to_string().contains("no specs in"));
}
