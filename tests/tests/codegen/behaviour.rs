//! What people do with generated types, tried on the product that holds every construct.

use alicloud_core::{Config, Document, Model, credentials::Credentials};
use alicloud_kitchen::{
    Client,
    operation::{
        create_kitchen::{CreateKitchenRequest, Layout, Mode, Tag, Wall},
        describe_kitchens::{DescribeKitchensResponse, State},
        put_ticket::PutTicketRequest,
    },
    types::{Filter, Inner},
};

fn client() -> Client {
    let config = Config::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::access_key("id", "secret"))
        .build()
        .expect("the settings are complete");
    Client::new(&config)
}

/// A request made by setters, as JSON by API names.
async fn form(call: alicloud_kitchen::operation::create_kitchen::CreateKitchen) -> String {
    let request = call.region_id("cn-hangzhou").prepare().await.expect("the parameters are complete");
    let query = request.uri().query().unwrap_or_default();
    format!("{query}&{}", String::from_utf8_lossy(request.body()))
}

fn has(form: &str, name: &str, value: &str) -> bool {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(form).unwrap();
    pairs.iter().any(|(n, v)| n == name && v == value)
}

#[tokio::test]
async fn setters_take_what_people_have_at_hand() {
    let call = client()
        .create_kitchen()
        .charge_type("PrePaid")
        .vswitch_ids("one")
        .modes([Mode::Fast, "slow".into()])
        .ports(vec![80, 443])
        .labels([("a", "b")])
        .scores([("x", vec![0.5])])
        .matrix([vec![1, 2], vec![3]])
        .settings(vec!["any"])
        .tags(Tag::default().key("upper").key_2("lower").set_clone(true).timeout(3))
        .layout(Layout::default().walls([Wall::default().doors([("front", Default::default())])]))
        .filter(Filter::default().not(Filter::default().and([Filter::default()])));
    let form = form(call).await;
    for (name, value) in [
        ("ChargeType", "PrePaid"),
        ("VSwitchIds.1", "one"),
        ("Modes", "fast,slow"),
        ("Ports", "[80,443]"),
        ("Labels", r#"{"a":"b"}"#),
        ("Scores", r#"{"x":[0.5]}"#),
        ("Matrix", "[[1,2],[3]]"),
        ("Settings", r#"["any"]"#),
        ("Tags.1.Key", "upper"),
        ("Tags.1.key", "lower"),
        ("Tags.1.Clone", "true"),
        ("Tags.1.timeout", "3"),
        ("Layout", r#"{"Walls":[{"Doors":{"front":{}}}]}"#),
        ("Filter", r#"{"Not":{"And":[{}]}}"#),
    ] {
        assert!(has(&form, name, value), "{name}={value} is not in {form}");
    }
}

#[test]
fn types_read_and_write_json_by_api_names() {
    let json = r#"{"ByName":{"a":{"Id":"1","Owner":{"Name":"o"},"Size":"huge"}},"Ids":["x"],"Kitchens":{"Kitchen":[{"Id":"2"}]},"State":"running"}"#;
    let response = DescribeKitchensResponse::from_json(json).unwrap();
    assert_eq!(response.state, Some(State::Running));
    assert_eq!(response.kitchens.as_ref().unwrap()[0].id.as_deref(), Some("2"));
    assert!(response.by_name.as_ref().unwrap()["a"].size.as_ref().unwrap() == "huge", "unknown values are kept");
    assert_eq!(response.to_json(), json);
    assert_eq!(DescribeKitchensResponse::from_json(&response.to_json()).unwrap(), response);
}

#[test]
fn types_that_contain_themselves_survive_a_round_trip() {
    let filter = Filter::default().inner(Inner::default().back(Filter::default().and([Filter::default()])));
    assert_eq!(filter.to_json(), r#"{"Inner":{"Back":{"And":[{}]}}}"#);
    assert_eq!(Filter::from_json(&filter.to_json()).unwrap(), filter);
}

#[test]
fn secrets_are_masked_when_a_request_is_printed() {
    let request = CreateKitchenRequest::from_json(r#"{"AdminPassword":"hunter22","Seats":"3"}"#).unwrap();
    let printed = format!("{request:?}");
    assert!(!printed.contains("hunter22") && printed.contains("AdminPassword"), "{printed}");
    assert!(request.to_json().contains("hunter22"));
    assert_eq!(request.seats, Some(3));
}

#[test]
fn a_name_in_two_places_is_one_member_of_data() {
    let request = PutTicketRequest::from_json(r#"{"cluster_id":"c1"}"#).unwrap();
    assert_eq!(request.cluster_id.as_deref(), Some("c1"));
    assert_eq!(request.cluster_id_body.as_deref(), Some("c1"));
}

#[tokio::test]
async fn options_and_parameters_of_one_name_stay_apart() {
    let call = client().describe_kitchens().timeout(std::time::Duration::from_secs(9)).set_timeout(5).set_send(true);
    let request = call.prepare().await.unwrap();
    let query = request.uri().query().unwrap_or_default();
    assert!(has(query, "Timeout", "5") && has(query, "Send", "true"), "{query}");
}

#[tokio::test]
async fn paths_hosts_headers_and_bodies_have_their_places() {
    #[expect(deprecated)]
    let ticket = client().put_ticket().cluster_id("a/b").cluster_id_body("c").if_match("tag");
    let ticket = ticket.prepare().await.unwrap();
    assert_eq!(ticket.uri().path(), "/clusters/a%2Fb/ticket/");
    assert_eq!(ticket.headers()["if-match"], "tag");
    let body = Document::parse(&String::from_utf8_lossy(ticket.body())).unwrap();
    assert_eq!(body, Document::object([("cluster_id", "c".into())]));

    let plan = client().download_plan().plan_path("one/two").prepare().await.unwrap();
    assert_eq!((plan.uri().path(), plan.uri().query()), ("/plans/one/two", Some("download=")));
    assert!(!plan.headers().contains_key("authorization"), "an anonymous call is not signed");
}

#[tokio::test]
async fn an_older_version_is_a_module_with_a_client_of_its_own() {
    let config = Config::builder()
        .endpoint("https://kitchen.example.com")
        .credentials(Credentials::access_key("id", "secret"))
        .build()
        .unwrap();
    let request = alicloud_kitchen::v2014_05_26::Client::new(&config).get_kitchen().id("1").prepare().await.unwrap();
    assert_eq!(request.headers()["x-acs-version"], "2014-05-26");
}
