//! How safe it is to send a call twice.
//!
//! The HTTP method says nothing: most operations accept GET and POST alike, `RunInstances` among them.

use alicloud_spec::{Access, Operation, RetryClass};

use super::words;

/// Verbs of operations that only look. Used where the vendor does not say whether an operation reads or
/// writes, so a verb is here only when an operation that begins with it can be repeated without a
/// second effect. Left out on purpose: Verify (consumes one-time codes), Pull and Receive (take messages
/// from queues), Export and Download (start tasks), Recognize, Detect and Translate (billed per call),
/// Generate, Test, Simulate.
const READ_VERBS: &[&str] = &[
    "check", "count", "describe", "estimate", "exists", "fetch", "find", "get", "has", "head", "inquiry", "is", "list",
    "lookup", "preview", "query", "read", "search", "show", "validate", "view",
];

/// The retry class of an operation: what the spec says, else what the vendor documents, else what the
/// verb tells, else whether a client token makes repetition harmless.
pub fn retry_class(name: &str, operation: &Operation) -> RetryClass {
    if let Some(class) = operation.class {
        return class;
    }
    let reads = match operation.access {
        Some(access) => access == Access::Read,
        None => begins_with_read_verb(name),
    };
    if reads {
        RetryClass::Read
    } else if operation.parameters.iter().any(|parameter| is_client_token(&parameter.name)) {
        RetryClass::Idempotent
    } else {
        RetryClass::Mutating
    }
}

/// Whether a parameter makes the service recognise a repeated call, in any spelling. The runtime fills in what
/// this names: a test calls every operation that has it.
fn is_client_token(name: &str) -> bool {
    name.replace(['-', '_'], "").eq_ignore_ascii_case("ClientToken")
}

fn begins_with_read_verb(name: &str) -> bool {
    let words = words::split(name);
    // `BatchGetX` does what `GetX` does.
    let verb = words.iter().find(|word| *word != "batch");
    verb.is_some_and(|verb| READ_VERBS.contains(&verb.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alicloud_spec::{Method, Shape};

    #[test]
    fn the_class_comes_from_the_strongest_source() {
        let named = |name: &str| vec![Shape { name: name.into(), ..Shape::default() }];
        let token = || named("ClientToken");
        let table = [
            ("DescribeX", Operation::default(), RetryClass::Read),
            ("BatchGetX", Operation::default(), RetryClass::Read),
            ("DescribeX", Operation { access: Some(Access::ReadWrite), ..Operation::default() }, RetryClass::Mutating),
            ("SetX", Operation { access: Some(Access::Read), ..Operation::default() }, RetryClass::Read),
            ("CreateX", Operation { parameters: token(), ..Operation::default() }, RetryClass::Idempotent),
            (
                "CreateX",
                Operation { parameters: named("client_token"), ..Operation::default() },
                RetryClass::Idempotent,
            ),
            ("CreateX", Operation { parameters: named("x-token"), ..Operation::default() }, RetryClass::Mutating),
            ("CreateX", Operation { method: Method::Get, ..Operation::default() }, RetryClass::Mutating),
            ("PutX", Operation { method: Method::Put, ..Operation::default() }, RetryClass::Mutating),
            ("VerifyX", Operation::default(), RetryClass::Mutating),
            ("Checkout", Operation::default(), RetryClass::Mutating),
            ("GetX", Operation { class: Some(RetryClass::Mutating), ..Operation::default() }, RetryClass::Mutating),
        ];
        for (name, operation, class) in table {
            assert_eq!(retry_class(name, &operation), class, "{name} {operation:?}");
        }
    }
}
