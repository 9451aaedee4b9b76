//! A success that says it is none.

use alicloud_core::{Call, ErrorKind, RetryConfig};

use super::{Figure, Promise, paused};
use crate::{
    Act, Scripted,
    things::{self, DescribePlainThing},
};

pub(super) const PROMISE: Promise = Promise {
    id: "P22",
    title: "200 with failure is an error",
    pass: "40 shapes: Success false where it is declared is an error with code, message and request id; a code alone never is",
    measure: |_| paused(measure()),
};

/// Body, and the code of the error when it is one.
const SHAPES: [(&str, Option<&str>); 34] = [
    (r#"{"Success": true}"#, None),
    (r#"{"Success": "true"}"#, None),
    (r#"{"Success": "True"}"#, None),
    (r#"{"Success": "TRUE"}"#, None),
    (r#"{"Success": 1}"#, None),
    (r#"{"Success": "1"}"#, None),
    (r#"{"Success": null}"#, None),
    (r#"{"Success": ""}"#, None),
    (r#"{}"#, None),
    (r#"{"RequestId": "R"}"#, None),
    (r#"{"Code": "200", "Success": true}"#, None),
    (r#"{"Code": 200, "Success": true}"#, None),
    (r#"{"Code": "OK"}"#, None),
    (r#"{"Code": "Success"}"#, None),
    (r#"{"Code": "1"}"#, None),
    (r#"{"Code": "0"}"#, None),
    (r#"{"Code": ""}"#, None),
    (r#"{"Code": null, "Message": "fine"}"#, None),
    (r#"{"Code": "Anything.Else", "Message": "fine"}"#, None),
    (r#"{"Code": "Anything.Else", "Success": true}"#, None),
    (r#"{"Message": "successful"}"#, None),
    (r#"{"ErrorCode": "", "Success": true}"#, None),
    (r#"{"success": true}"#, None),
    (r#"{"Success": false, "Code": "No", "Message": "m", "RequestId": "R"}"#, Some("No")),
    (r#"{"Success": false, "code": "No", "message": "m", "requestId": "R"}"#, Some("No")),
    (r#"{"Success": "false", "Code": "No", "Message": "m", "RequestId": "R"}"#, Some("No")),
    (r#"{"Success": "False", "Code": "No", "Message": "m", "RequestId": "R"}"#, Some("No")),
    (r#"{"Success": " false ", "Code": "No", "Message": "m", "RequestId": "R"}"#, Some("No")),
    (r#"{"Success": 0, "Code": "No", "Message": "m", "RequestId": "R"}"#, Some("No")),
    (r#"{"Success": "0", "Code": "No", "Message": "m", "RequestId": "R"}"#, Some("No")),
    (r#"{"Success": false, "Code": 500, "Msg": "m", "RequestId": "R"}"#, Some("500")),
    (r#"{"Success": false, "ErrorCode": "No", "ErrorMessage": "m", "RequestId": "R"}"#, Some("No")),
    (r#"{"Success": false, "Code": "200", "Message": "m", "RequestId": "R"}"#, Some("200")),
    (r#"{"Success": false, "Message": "m", "RequestId": "R"}"#, Some("")),
];

/// Bodies of an operation that declares no `Success`: all of them are answers.
const PLAIN: [&str; 6] = [
    r#"{"Success": false, "Code": "No"}"#,
    r#"{"Success": "false"}"#,
    r#"{"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "limit", "RequestId": "R-1"}"#,
    r#"{"Code": "OK"}"#,
    r#"{"code": 500, "msg": "no"}"#,
    r#"{"ErrorCode": "No"}"#,
];

async fn measure() -> Figure {
    let mut wrong = Vec::new();
    for (body, expected) in SHAPES {
        let service = Scripted::new(move |_| Act::json(200, body));
        let client = things::client(&service.builder().retry(RetryConfig::off()).build().unwrap());
        let outcome = things::create(&client, "x").send().await;
        let fits = match (&outcome, expected) {
            (Ok(_), None) => true,
            (Err(error), Some(code)) => {
                matches!(error.kind(), ErrorKind::Service(service)
                if service.code == code && service.message == "m" && service.status == 200)
                    && error.request_id() == Some("R")
            }
            _ => false,
        };
        if !fits {
            wrong.push(format!("{body}: {outcome:?}"));
        }
    }
    for body in PLAIN {
        let service = Scripted::new(move |_| Act::json(200, body));
        let client = things::client(&service.builder().retry(RetryConfig::off()).build().unwrap());
        if let Err(error) = Call::<DescribePlainThing>::new(&client).send().await {
            wrong.push(format!("{body}: {error:?}"));
        }
    }
    // A code that asks for fewer calls is obeyed there, too.
    let service = Scripted::new(|seen| match seen.index {
        0 => Act::json(200, r#"{"Success": false, "Code": "Throttling.User"}"#),
        _ => Act::ok(),
    });
    let client = things::client(&service.builder().build().unwrap());
    let throttled = things::create(&client, "x").send().await.is_ok_and(|thing| thing.attempts() == 2);
    let shapes = SHAPES.len() + PLAIN.len();
    Figure::new(
        wrong.is_empty() && throttled && shapes == 40,
        format!("{shapes} shapes, {} wrong {}", wrong.len(), wrong.join("; ")),
    )
}
