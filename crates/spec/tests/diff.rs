//! What a change of a spec means for the users of the generated crate.

use alicloud_spec::{Impact, Spec, diff};

const OLD: &str = r#"{
  "product": "demo", "code": "Demo", "version": "1", "title": "Demo", "style": "rpc",
  "endpoints": {"regions": {"cn-hangzhou": "demo.aliyuncs.com"}},
  "operations": {
    "Get": {
      "method": "POST",
      "parameters": [
        {"name": "Id", "in": "query", "type": "string"},
        {"name": "Size", "in": "query", "type": "int32", "summary": "Size."},
        {"name": "Kind", "in": "query", "type": "string", "enum": ["a", "b"]}
      ],
      "response": {"fields": [
        {"name": "Items", "type": "list", "of": {"type": "object", "fields": [{"name": "State", "type": "string"}]}}
      ]},
      "errors": [{"status": 404, "code": "NotFound"}]
    },
    "Set": {"method": "POST"}
  },
  "types": {"Tag": {"type": "object", "fields": [{"name": "Key", "type": "string"}]}},
  "waiters": {"Done": {"summary": "Done.", "operation": "Get", "delay": 1, "limit": 9, "rules": [
    {"then": "success", "path": "Items.*.State", "values": ["done"]}
  ]}}
}"#;

/// What is replaced, by what, and the changes.
const CASES: &[(&str, &str, &[&str])] = &[
    (
        r#""Set": {"method": "POST"}"#,
        r#""Put": {"method": "POST"}"#,
        &["breaking: operation Set: is gone", "addition: operation Put: is new"],
    ),
    (r#"{"name": "Id", "in": "query", "type": "string"},"#, "", &["breaking: operation Get, parameter Id: is gone"]),
    (
        r#"{"name": "Id","#,
        r#"{"name": "Token", "in": "query", "type": "string"}, {"name": "Key", "in": "query", "type": "string", "required": true}, {"name": "Id","#,
        &[
            "addition: operation Get, parameter Token: is new",
            "addition: operation Get, parameter Key: is new, and required",
        ],
    ),
    (
        r#""name": "Id", "in": "query", "type": "string""#,
        r#""name": "Id", "in": "form", "type": "int64", "required": true, "secret": true"#,
        &[
            "breaking: operation Get, parameter Id: `type` was `string`, is `int64`",
            "behaviour: operation Get, parameter Id: `in` was `query`, is `form`",
            "behaviour: operation Get, parameter Id: is now required",
            "behaviour: operation Get, parameter Id: is now secret",
        ],
    ),
    (
        r#""type": "int32", "summary": "Size.""#,
        r#""type": "int64", "summary": "Items per page.", "maximum": 50, "default": 10"#,
        &[
            "behaviour: operation Get, parameter Size: `maximum` is now `50`",
            "behaviour: operation Get, parameter Size: `type` was `int32`, is `int64`",
            "docs: operation Get, parameter Size: `default` is now `10`",
            "docs: operation Get, parameter Size: `summary` changed",
        ],
    ),
    (
        r#""type": "int32", "summary": "Size.""#,
        r#""type": "int32", "deprecated": true, "note": "No longer used.""#,
        &[
            "addition: operation Get, parameter Size: is now deprecated",
            "docs: operation Get, parameter Size: `note` is new",
            "docs: operation Get, parameter Size: `summary` is gone",
        ],
    ),
    (
        r#"["a", "b"]"#,
        r#"["b", {"value": "c", "summary": "Third."}]"#,
        &[
            "breaking: operation Get, parameter Kind, value a: is gone",
            "addition: operation Get, parameter Kind, value c: is new",
        ],
    ),
    (
        r#"["a", "b"]"#,
        r#"["a", {"value": "b", "summary": "Second."}]"#,
        &["docs: operation Get, parameter Kind, value b: the summary changed"],
    ),
    (
        r#""type": "string", "enum": ["a", "b"]"#,
        r#""type": "string""#,
        &[r#"breaking: operation Get, parameter Kind: `enum` was `["a","b"]`, is gone"#],
    ),
    (
        r#"{"name": "State", "type": "string"}"#,
        r#"{"name": "State", "type": "any"}, {"name": "Size", "type": "double"}"#,
        &[
            "breaking: operation Get, response, field Items, element, field State: `type` was `string`, is `any`",
            "addition: operation Get, response, field Items, element, field Size: is new",
        ],
    ),
    (
        r#""type": "list", "of": {"type": "object", "fields": [{"name": "State", "type": "string"}]}"#,
        r#""type": "list", "wrapper": "Item", "of": {"type": "object", "fields": [{"name": "State", "type": "string"}]}"#,
        &["behaviour: operation Get, response, field Items: `wrapper` is now `Item`"],
    ),
    (
        r#"{"status": 404, "code": "NotFound"}"#,
        r#"{"status": 403, "code": "NotFound", "summary": "Gone."}, {"status": 400, "code": "Bad"}"#,
        &[
            "addition: operation Get, error Bad: is new",
            "behaviour: operation Get, error NotFound: `status` was `404`, is `403`",
            "docs: operation Get, error NotFound: `summary` is new",
        ],
    ),
    (r#"{"status": 404, "code": "NotFound"}"#, "", &["breaking: operation Get, error NotFound: is gone"]),
    (
        r#""errors":"#,
        r#""deprecated": true, "replacement": "Set", "pagination": {"page": "Size", "items": "Items"}, "errors":"#,
        &[
            "addition: operation Get: is now deprecated",
            "addition: operation Get: `pagination` is new",
            "docs: operation Get: `replacement` is now `Set`",
        ],
    ),
    (
        r#""Set": {"method": "POST"}"#,
        r#""Set": {"method": "PUT", "skip": "No body."}"#,
        &[
            "breaking: operation Set: `skip` is now `No body.`",
            "behaviour: operation Set: `method` was `POST`, is `PUT`",
        ],
    ),
    (
        r#""cn-hangzhou": "demo.aliyuncs.com""#,
        r#""cn-hangzhou": "demo.cn-hangzhou.aliyuncs.com", "cn-beijing": "demo.aliyuncs.com""#,
        &[
            "behaviour: endpoints, region cn-hangzhou: was `demo.aliyuncs.com`, is `demo.cn-hangzhou.aliyuncs.com`",
            "behaviour: endpoints, region cn-beijing: is new",
        ],
    ),
    (r#""endpoints": {"#, r#""endpoints": {"rule": "regional", "#, &["behaviour: endpoints: `rule` is now `regional`"]),
    (r#""delay": 1"#, r#""delay": 2"#, &["behaviour: waiter Done: `delay` was `1`, is `2`"]),
    (r#""Done": {"#, r#""Ready": {"#, &["breaking: waiter Done: is gone", "addition: waiter Ready: is new"]),
    (
        r#""types": {"Tag": {"type": "object", "fields": [{"name": "Key", "type": "string"}]}}"#,
        r#""types": {"Label": {"type": "string"}}"#,
        &["breaking: type Tag: is gone", "addition: type Label: is new"],
    ),
];

#[test]
fn changes() {
    let old = Spec::parse("old", OLD).unwrap();
    assert_eq!(diff(&old, &old), []);
    for (from, to, expected) in CASES {
        assert_eq!(OLD.matches(from).count(), 1, "{from}");
        let new = Spec::parse("new", &OLD.replace(from, to)).unwrap_or_else(|error| panic!("{error}\nwith {to}"));
        let found: Vec<String> = diff(&old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(found, *expected, "\nwith {to}");
        assert!(!diff(&new, &old).is_empty());
    }
    assert!(Impact::Breaking > Impact::Addition);
}
