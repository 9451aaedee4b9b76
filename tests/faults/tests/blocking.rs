//! Calls without an asynchronous runtime.

use alicloud_core::blocking::SendBlocking as _;
use alicloud_faults::{Act, Scripted, things};

#[test]
fn a_call_blocks() {
    let client = things::client(&Scripted::new(|_| Act::ok()).builder().build().unwrap());
    let reply = things::describe(&client, "x").send().send_blocking().unwrap();
    assert_eq!(reply.request_id(), "R-OK");
}

#[tokio::test]
async fn inside_a_runtime_it_does_not() {
    let service = Scripted::new(|_| Act::ok());
    let client = things::client(&service.builder().build().unwrap());
    let error = things::describe(&client, "x").send().send_blocking().unwrap_err();
    assert!(error.to_string().contains(".await"), "{error}");
    assert_eq!(service.count(), 0);
}
