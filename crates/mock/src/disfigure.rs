//! What faults do to answers.

use bytes::Bytes;

use crate::error::ServiceError;
use crate::fault::Fault;
use crate::reply::{Body, Reply};

/// A gzip member that becomes 65,536 blanks; several in a row are one gzip file.
fn blanks() -> Vec<u8> {
    const HEAD: [u8; 25] = [
        0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff, 0xed, 0xc1, 0x81, 0, 0, 0, 0, 0x80, 0x20, 0x95, 0xfd, 0x29, 0x17,
        0xa9, 0x0a,
    ];
    const TAIL: [u8; 9] = [0x6a, 0x94, 0x19, 0x2c, 0xb4, 0, 0, 0x01, 0];
    [HEAD.as_slice(), &[0; 63], &TAIL].concat()
}

/// What is answered when the operation does not run.
pub(crate) fn instead(fault: &Fault) -> Option<Reply> {
    const PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway\
                        </h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    Some(match fault {
        Fault::ResetBeforeRead | Fault::ResetMidBody | Fault::ResetBeforeExecute => Reply::raw(500, "text/plain", ""),
        Fault::Html502 => Reply::raw(502, "text/html", PAGE),
        Fault::XmlError { status, code } => ServiceError::new(*status, code.as_str(), "The request has failed.").into(),
        Fault::Error { status, code, message } => ServiceError::new(*status, code.as_str(), message.as_str()).into(),
        Fault::Throttle { retry_after } => {
            let message = "Request was denied due to user flow control.";
            let error = ServiceError::entry(429, "Throttling.User", message);
            ServiceError { retry_after: *retry_after, ..error }.into()
        }
        Fault::Redirect { to } => {
            Reply { status: 307, headers: vec![("location".to_owned(), to.clone())], body: Body::Raw(Bytes::new()) }
        }
        _ => return None,
    })
}

/// What becomes of the answer of an operation that ran.
pub(crate) fn reply(reply: Reply, fault: &Fault) -> Reply {
    match (fault, reply.body) {
        (Fault::Empty200, _) => Reply { status: 200, headers: reply.headers, body: Body::Raw(Bytes::new()) },
        (Fault::TruncatedJson, Body::Document(document)) => {
            let text = document.to_string();
            let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
            let half = text.get(..half).unwrap_or_default().to_owned();
            Reply::raw(reply.status, "application/json;charset=utf-8", half)
        }
        (Fault::WrongContentType, Body::Document(document)) => {
            Reply::raw(reply.status, "text/html", document.to_string())
        }
        (Fault::GzipBomb { bytes }, _) => {
            let mut bomb =
                Reply::raw(reply.status, "application/json;charset=utf-8", blanks().repeat(bytes / 65536 + 1));
            bomb.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
            bomb
        }
        (_, body) => Reply { body, ..reply },
    }
}
