//! What the reader of a broken spec is told: each case breaks a sound spec in one place.

use std::{fs, path::PathBuf};

use alicloud_spec::{Error, Spec, load_dir};

const SOUND: &str = r#"{
  "product": "demo",
  "code": "Demo",
  "version": "2024-01-01",
  "title": "Demo",
  "style": "rpc",
  "endpoints": {"global": "demo.aliyuncs.com", "regions": {"cn-hangzhou": "demo.cn-hangzhou.aliyuncs.com"}},
  "operations": {
    "ListThings": {
      "method": "POST",
      "also": ["GET"],
      "replacement": "GetThing",
      "parameters": [
        {"name": "Page", "in": "query", "type": "int32", "minimum": 1, "maximum": 9},
        {"name": "Tags", "in": "query", "style": "flat", "type": "list", "of": {"ref": "Tag"}},
        {"name": "Kind", "in": "form", "type": "string", "enum": ["A", {"value": "B", "summary": "The second"}]}
      ],
      "response": {
        "fields": [
          {"name": "Total", "type": "int64"},
          {"name": "Things", "type": "list", "wrapper": "Thing", "of": {"type": "object", "fields": [
            {"name": "State", "type": "string", "enum": ["ready", "failed"]},
            {"name": "Labels", "type": "map", "of": {"type": "string"}}
          ]}}
        ]
      },
      "errors": [{"status": 404, "code": "NoThing"}],
      "pagination": {"page": "Page", "total": "Total", "items": "Things"}
    },
    "GetThing": {
      "style": "roa",
      "method": "GET",
      "path": "/things/{Id}?full",
      "parameters": [{"name": "Id", "in": "path", "type": "string", "required": true}]
    }
  },
  "types": {"Tag": {"type": "object", "fields": [{"name": "Key", "type": "string"}, {"name": "Value", "type": "string"}]}},
  "waiters": {
    "ThingsReady": {
      "summary": "Every thing is ready.", "operation": "ListThings", "delay": 5, "limit": 60,
      "rules": [
        {"then": "failure", "path": "Things.*.State", "values": ["failed"]},
        {"then": "success", "path": "Things.*.State", "values": ["ready"], "all": true}
      ]
    }
  }
}"#;

/// What is replaced in the sound spec, by what, and what the reader is told, a line for each problem.
const CASES: &[(&str, &str, &[&str])] = &[
    // Text that cannot be read
    (
        r#""method": "GET","#,
        r#""method": "GET""#,
        &["demo.json:33:7: operation GetThing: not JSON: expected `,` or `}` (at operations.GetThing)"],
    ),
    (
        r#""operation": "ListThings", "#,
        r#""operation": "ListThings", "operation": "GetThing", "#,
        &["demo.json:40:80: waiter ThingsReady: the key `operation` occurs twice (at waiters.ThingsReady)"],
    ),
    (
        r#"{"status": 404, "code": "NoThing"}"#,
        r#"{"status": 404, "code": "NoThing", "code": "X"}"#,
        &[
            "demo.json:27:58: operation ListThings, error X: the key `code` occurs twice (at operations.ListThings.errors[0])",
        ],
    ),
    // Keys and values that the dialect does not have
    (
        r#""minimum": 1,"#,
        r#""minimun": 1,"#,
        &[
            "demo.json:14:66: operation ListThings, parameter Page: unknown key `minimun`, did you mean `minimum`? (at operations.ListThings.parameters[0].minimun)",
        ],
    ),
    (
        r#""in": "path", "type": "string", "required": true"#,
        r#""in": "path", "type": "string", "Required": true"#,
        &[
            "demo.json:34:78: operation GetThing, parameter Id: unknown key `Required`, did you mean `required`? (at operations.GetThing.parameters[0].Required)",
        ],
    ),
    (
        r#""endpoints":"#,
        r#""endpoint":"#,
        &["demo.json:7:12: the spec itself: unknown key `endpoint`, did you mean `endpoints`? (at endpoint)"],
    ),
    (
        r#""wrapper": "Thing""#,
        r#""wraper": "Thing""#,
        &[
            "demo.json:21:53: operation ListThings, response, field Things: unknown key `wraper`, did you mean `wrapper`? (at operations.ListThings.response.fields[1].wraper)",
        ],
    ),
    (
        r#""value": "B", "summary""#,
        r#""value": "B", "sumary""#,
        &[
            "demo.json:16:94: operation ListThings, parameter Kind, value B: unknown key `sumary`, did you mean `summary`? (at operations.ListThings.parameters[2].enum[1].sumary)",
        ],
    ),
    (
        r#""all": true"#,
        r#""each": true"#,
        &[
            "demo.json:43:81: waiter ThingsReady, rule number 2: unknown key `each`, known are `then`, `path`, `values`, `all`, `orEmpty`, `error`, `and` (at waiters.ThingsReady.rules[1].each)",
        ],
    ),
    (
        r#""type": "int32""#,
        r#""type": "int3""#,
        &[
            "demo.json:14:54: operation ListThings, parameter Page, `type`: unknown value `int3`, did you mean `int32`? (at operations.ListThings.parameters[0].type)",
        ],
    ),
    (
        r#""style": "flat""#,
        r#""style": "repeatlist""#,
        &[
            "demo.json:15:61: operation ListThings, parameter Tags, `style`: unknown value `repeatlist`, did you mean `repeatList`? (at operations.ListThings.parameters[1].style)",
        ],
    ),
    (
        r#""method": "POST","#,
        "",
        &["demo.json:29:5: operation ListThings: missing key `method` (at operations.ListThings)"],
    ),
    (
        r#""title": "Demo","#,
        r#""title": 7,"#,
        &["demo.json:5:12: `title`: invalid type: integer `7`, expected a string (at title)"],
    ),
    (
        r#""enum": ["A", "#,
        r#""enum": [1, "#,
        &[
            "demo.json:16:67: operation ListThings, parameter Kind, value number 1: invalid type: integer `1`, expected the value as text, or an object with `value` and `summary` (at operations.ListThings.parameters[2].enum[0])",
        ],
    ),
    (
        r#""global":"#,
        r#""zzz":"#,
        &[
            "demo.json:7:21: endpoints: unknown key `zzz`, known are `rule`, `prefix`, `patterns`, `global`, `locationServiceCode`, `regions`, `vpcRegions` (at endpoints.zzz)",
        ],
    ),
    // The product
    (
        r#""product": "demo""#,
        r#""product": "Demo!""#,
        &["demo.json: `product`: must be a short name in lower case, for example `servicemesh` (at product)"],
    ),
    (r#""title": "Demo","#, r#""title": " ","#, &["demo.json: `title`: must not be empty (at title)"]),
    (
        r#""cn-hangzhou": "demo.cn-hangzhou.aliyuncs.com""#,
        r#""cn-hangzhou": "https://demo.aliyuncs.com""#,
        &[
            "demo.json: endpoints, region cn-hangzhou: `https://demo.aliyuncs.com` is not a host name; write it without scheme, port and path, in lower case (at endpoints.regions.cn-hangzhou)",
        ],
    ),
    (
        r#""cn-hangzhou":"#,
        r#""Hangzhou":"#,
        &[
            "demo.json: endpoints, region Hangzhou: `Hangzhou` is not a region name, which is like `cn-hangzhou` (at endpoints.regions.Hangzhou)",
        ],
    ),
    (
        r#""global": "demo.aliyuncs.com""#,
        r#""global": "demo""#,
        &[
            "demo.json: endpoints, `global`: `demo` is not a host name; write it without scheme, port and path, in lower case (at endpoints.global)",
        ],
    ),
    (
        r#""endpoints": {"#,
        r#""endpoints": {"prefix": "-demo", "#,
        &["demo.json: endpoints, `prefix`: `-demo` cannot begin a host name (at endpoints.prefix)"],
    ),
    // Operations
    (
        r#""GetThing": {"#,
        r#""Get-Thing": {"#,
        &[
            "demo.json: operation Get-Thing: the name must consist of letters and digits and begin with a letter (at operations.Get-Thing)",
            "demo.json: operation ListThings, `replacement`: there is no operation `GetThing`, did you mean `Get-Thing`? (at operations.ListThings.replacement)",
        ],
    ),
    (
        r#""also": ["GET"]"#,
        r#""also": ["POST"]"#,
        &["demo.json: operation ListThings, `also`: names a method twice (at operations.ListThings.also)"],
    ),
    (
        r#""replacement": "GetThing""#,
        r#""replacement": "GetThings""#,
        &[
            "demo.json: operation ListThings, `replacement`: there is no operation `GetThings`, did you mean `GetThing`? (at operations.ListThings.replacement)",
        ],
    ),
    (
        r#""replacement": "GetThing""#,
        r#""replacement": "ListThings""#,
        &[
            "demo.json: operation ListThings, `replacement`: names the operation itself (at operations.ListThings.replacement)",
        ],
    ),
    (
        r#""replacement": "GetThing""#,
        r#""completion": "Other::ListThings""#,
        &[
            "demo.json: operation ListThings, `completion`: an operation elsewhere is `Product::Version::Operation` (at operations.ListThings.completion)",
        ],
    ),
    (
        r#""replacement": "GetThing""#,
        r#""path": "/things""#,
        &[
            "demo.json: operation ListThings, `path`: an RPC operation has no path, it is always at `/` (at operations.ListThings.path)",
        ],
    ),
    (
        r#""path": "/things/{Id}?full","#,
        "",
        &["demo.json: operation GetThing: a ROA operation needs a `path` (at operations.GetThing)"],
    ),
    (
        r#""path": "/things/{Id}?full""#,
        r#""path": "things/{Id}""#,
        &["demo.json: operation GetThing, `path`: must begin with `/` (at operations.GetThing.path)"],
    ),
    (
        r#""path": "/things/{Id}?full""#,
        r#""path": "/things/{Id""#,
        &["demo.json: operation GetThing, `path`: has a brace without its partner (at operations.GetThing.path)"],
    ),
    (
        r#""path": "/things/{Id}?full""#,
        r#""path": "/things/{Id}?full={Id}""#,
        &[
            "demo.json: operation GetThing, `path`: the query after `?` is fixed and takes no placeholders (at operations.GetThing.path)",
        ],
    ),
    (
        r#""path": "/things/{Id}?full""#,
        r#""path": "/things/{Id}/{+Id}""#,
        &["demo.json: operation GetThing, `path`: placeholder `{Id}` occurs twice (at operations.GetThing.path)"],
    ),
    (
        r#""path": "/things/{Id}?full""#,
        r#""path": "/things/{id}""#,
        &[
            "demo.json: operation GetThing, `path`: placeholder `{id}` has no path parameter, did you mean `Id`? (at operations.GetThing.path)",
            "demo.json: operation GetThing, parameter Id: has no placeholder in the path `/things/{id}`, did you mean `id`? (at operations.GetThing.parameters[0])",
        ],
    ),
    (
        r#""replacement": "GetThing""#,
        r#""skip": """#,
        &["demo.json: operation ListThings, `skip`: must say why no code is generated (at operations.ListThings.skip)"],
    ),
    (
        r#""replacement": "GetThing""#,
        r#""timeout": 0"#,
        &["demo.json: operation ListThings, `timeout`: must be at least one second (at operations.ListThings.timeout)"],
    ),
    // Parameters
    (
        r#""in": "path", "type": "string", "required": true"#,
        r#""in": "path", "type": "string""#,
        &[
            "demo.json: operation GetThing, parameter Id, `required`: a path or host parameter is always required (at operations.GetThing.parameters[0].required)",
        ],
    ),
    (
        r#""in": "path", "type": "string", "required": true"#,
        r#""in": "path", "ref": "Tag", "required": true"#,
        &[
            "demo.json: operation GetThing, parameter Id, `type`: a path or host parameter is a single value (at operations.GetThing.parameters[0].type)",
        ],
    ),
    (
        r#""in": "path", "type": "string", "required": true"#,
        r#""type": "string", "required": true"#,
        &[
            "demo.json: operation GetThing, `path`: placeholder `{Id}` has no path parameter (at operations.GetThing.path)",
            "demo.json: operation GetThing, parameter Id: a parameter needs `in` (at operations.GetThing.parameters[0])",
        ],
    ),
    (
        r#"{"name": "Kind", "in": "form","#,
        r#"{"name": "Page", "in": "query","#,
        &[
            "demo.json: operation ListThings, parameter Page: there is another parameter of that name and place (at operations.ListThings.parameters[2])",
        ],
    ),
    (
        r#"{"name": "Kind", "in": "form","#,
        r#"{"name": "Kind", "in": "path", "required": true,"#,
        &[
            "demo.json: operation ListThings: parameter Kind: an RPC operation has no path parameters (at operations.ListThings)",
        ],
    ),
    (
        r#"{"name": "Kind", "in": "form","#,
        r#"{"in": "form","#,
        &[
            "demo.json: operation ListThings, parameter number 3, `name`: a parameter or field needs a name (at operations.ListThings.parameters[2].name)",
        ],
    ),
    (
        r#""style": "flat", "#,
        "",
        &[
            "demo.json: operation ListThings, parameter Tags: a list, object or map in a query or form needs a `style` (at operations.ListThings.parameters[1])",
        ],
    ),
    (
        r#"{"name": "Kind", "in": "form","#,
        r#"{"name": "Kind", "in": "form", "style": "json","#,
        &[
            "demo.json: operation ListThings, parameter Kind, `style`: only a list, object or map has a style (at operations.ListThings.parameters[2].style)",
        ],
    ),
    (
        r#""type": "list", "of": {"ref": "Tag"}"#,
        r#""type": "list""#,
        &[
            "demo.json: operation ListThings, parameter Tags: a list or map needs `of` (at operations.ListThings.parameters[1])",
        ],
    ),
    (
        r#""type": "list", "of": {"ref": "Tag"}"#,
        r#""of": {"ref": "Tag"}"#,
        &[
            "demo.json: operation ListThings, parameter Tags: needs `type` or `ref` (at operations.ListThings.parameters[1])",
            "demo.json: operation ListThings, parameter Tags, element: only a list or map has `of` (at operations.ListThings.parameters[1].of)",
        ],
    ),
    (
        r#""of": {"ref": "Tag"}"#,
        r#""of": {"ref": "Tags"}"#,
        &[
            "demo.json: operation ListThings, parameter Tags, element, `ref`: there is no type `Tags`, did you mean `Tag`? (at operations.ListThings.parameters[1].of.ref)",
        ],
    ),
    (
        r#""of": {"ref": "Tag"}"#,
        r#""of": {"ref": "Tag", "type": "object"}"#,
        &[
            "demo.json: operation ListThings, parameter Tags, element: has both `type` and `ref` (at operations.ListThings.parameters[1].of)",
            "demo.json: operation ListThings, parameter Tags, element: an object needs `fields`; without them it is of the type `any` (at operations.ListThings.parameters[1].of)",
        ],
    ),
    (
        r#""of": {"ref": "Tag"}"#,
        r#""of": {"ref": "Tag", "name": "Tag", "in": "query", "style": "json", "required": true}"#,
        &[
            "demo.json: operation ListThings, parameter Tags, element, `name`: only parameters and fields have a name (at operations.ListThings.parameters[1].of.name)",
            "demo.json: operation ListThings, parameter Tags, element, `required`: only parameters and fields can be required (at operations.ListThings.parameters[1].of.required)",
            "demo.json: operation ListThings, parameter Tags, element, `in`: only parameters and fields of a response say where they travel (at operations.ListThings.parameters[1].of.in)",
            "demo.json: operation ListThings, parameter Tags, element, `style`: only parameters have a style (at operations.ListThings.parameters[1].of.style)",
        ],
    ),
    (
        r#""minimum": 1, "maximum": 9"#,
        r#""minimum": 10, "maximum": 9, "minLength": 1, "pattern": ".", "wrapper": "X", "fields": [{"name": "A", "type": "string"}], "of": {"type": "string"}, "minItems": 2"#,
        &[
            "demo.json: operation ListThings, parameter Page, element: only a list or map has `of` (at operations.ListThings.parameters[0].of)",
            "demo.json: operation ListThings, parameter Page, `wrapper`: only a list has a wrapper (at operations.ListThings.parameters[0].wrapper)",
            "demo.json: operation ListThings, parameter Page, `fields`: only an object has fields (at operations.ListThings.parameters[0].fields)",
            "demo.json: operation ListThings, parameter Page, `maximum`: is less than its counterpart (at operations.ListThings.parameters[0].maximum)",
            "demo.json: operation ListThings, parameter Page, `minLength`: only a string has `minLength` (at operations.ListThings.parameters[0].minLength)",
            "demo.json: operation ListThings, parameter Page, `pattern`: only a string has `pattern` (at operations.ListThings.parameters[0].pattern)",
            "demo.json: operation ListThings, parameter Page, `minItems`: only a list has `minItems` (at operations.ListThings.parameters[0].minItems)",
        ],
    ),
    (
        r#""enum": ["A", {"value": "B", "summary": "The second"}]"#,
        r#""enum": []"#,
        &[
            "demo.json: operation ListThings, parameter Kind, `enum`: names no value; leave it out (at operations.ListThings.parameters[2].enum)",
        ],
    ),
    (
        r#""enum": ["A", "#,
        r#""enum": ["A", "A", "#,
        &[
            "demo.json: operation ListThings, parameter Kind, value A: occurs twice (at operations.ListThings.parameters[2].enum[1])",
        ],
    ),
    (
        r#""style": "flat", "type": "list""#,
        r#""style": "flat", "enum": ["A"], "type": "list""#,
        &[
            "demo.json: operation ListThings, parameter Tags, `enum`: only a single value has documented values; for a list they belong into `of` (at operations.ListThings.parameters[1].enum)",
        ],
    ),
    (
        r#"{"name": "Kind", "in": "form","#,
        r#"{"name": "Data", "in": "payload", "type": "binary"}, {"name": "More", "in": "payload", "type": "any"}, {"name": "Part", "in": "body", "type": "binary"}, {"name": "Kind", "in": "form","#,
        &[
            "demo.json: operation ListThings, parameter Part, `type`: `binary` is a whole body, which is `in` `payload` (at operations.ListThings.parameters[4].type)",
            "demo.json: operation ListThings: more than one parameter is `in` `payload` (at operations.ListThings)",
            "demo.json: operation ListThings: parameters are `in` `payload` and `in` `body`; a request has one body (at operations.ListThings)",
            "demo.json: operation ListThings: parameters are `in` `payload` and `in` `form`; a request has one body (at operations.ListThings)",
            "demo.json: operation ListThings: parameters are `in` `body` and `in` `form`; a request has one body (at operations.ListThings)",
        ],
    ),
    // Responses
    (
        r#"{"name": "Total", "type": "int64"},"#,
        r#"{"name": "Total", "type": "int64"}, {"name": "Total", "type": "int64"},"#,
        &[
            "demo.json: operation ListThings, response, field Total: there is another field of that name (at operations.ListThings.response.fields[1])",
        ],
    ),
    (
        r#"{"name": "Total", "type": "int64"},"#,
        r#"{"name": "Total", "type": "int64", "in": "query"},"#,
        &[
            "demo.json: operation ListThings, response, field Total, `in`: a response field is a member of the body, `in` `header`, or `in` `payload` (at operations.ListThings.response.fields[0].in)",
        ],
    ),
    (
        r#"{"name": "Total", "type": "int64"},"#,
        r#"{"name": "Total", "type": "int64", "in": "payload"},"#,
        &[
            "demo.json: operation ListThings, response: a response field is `in` `payload`, so that there are no members beside it (at operations.ListThings.response)",
        ],
    ),
    (
        r#"{"name": "Labels", "type": "map", "of": {"type": "string"}}"#,
        r#"{"name": "State", "type": "object"}"#,
        &[
            "demo.json: operation ListThings, response, field Things, element, field State: an object needs `fields`; without them it is of the type `any` (at operations.ListThings.response.fields[1].of.fields[1])",
            "demo.json: operation ListThings, response, field Things, element, field State: there is another field of that name (at operations.ListThings.response.fields[1].of.fields[1])",
        ],
    ),
    (
        r#"{"name": "Labels", "type": "map", "of": {"type": "string"}}"#,
        r#"{"name": "Labels", "type": "map", "of": {"type": "list", "of": {"ref": "Label"}}}"#,
        &[
            "demo.json: operation ListThings, response, field Things, element, field Labels, element, element, `ref`: there is no type `Label` (at operations.ListThings.response.fields[1].of.fields[1].of.of.ref)",
        ],
    ),
    (
        r#"{"status": 404, "code": "NoThing"}"#,
        r#"{"status": 404, "code": "NoThing"}, {"status": 404, "code": "NoThing"}, {"status": 999, "code": " "}"#,
        &[
            "demo.json: operation ListThings, error number 3, `code`: must not be empty (at operations.ListThings.errors[2].code)",
            "demo.json: operation ListThings, error number 3, `status`: 999 is not an HTTP status (at operations.ListThings.errors[2].status)",
            "demo.json: operation ListThings, error NoThing: is documented twice for that status (at operations.ListThings.errors[1])",
        ],
    ),
    (
        r#""response": {"#,
        r#""response": {"status": [200, 200, 700],"#,
        &[
            "demo.json: operation ListThings, response, `status`: names a status twice (at operations.ListThings.response.status)",
            "demo.json: operation ListThings, response, `status`: 700 is not an HTTP status (at operations.ListThings.response.status)",
        ],
    ),
    // Types
    (
        r#""types": {"#,
        r#""types": {"Loop": {"ref": "Pool"}, "Pool": {"ref": "Loop"}, "#,
        &[
            "demo.json: type Loop, `ref`: the type refers to itself and to nothing else (at types.Loop.ref)",
            "demo.json: type Pool, `ref`: the type refers to itself and to nothing else (at types.Pool.ref)",
        ],
    ),
    (
        r#""types": {"Tag": {"#,
        r#""types": {"Tag": {"name": "Tag", "#,
        &["demo.json: type Tag, `name`: only parameters and fields have a name (at types.Tag.name)"],
    ),
    (
        r#"{"name": "Value", "type": "string"}"#,
        r#"{"name": "Key", "type": "string", "style": "json"}"#,
        &[
            "demo.json: type Tag, field Key, `style`: only parameters have a style (at types.Tag.fields[1].style)",
            "demo.json: type Tag, field Key: there is another field of that name (at types.Tag.fields[1])",
        ],
    ),
    // Paging
    (
        r#""pagination": {"page": "Page", "total": "Total", "items": "Things"}"#,
        r#""pagination": {}"#,
        &[
            "demo.json: operation ListThings, pagination: says nothing; leave it out, or set `none` (at operations.ListThings.pagination)",
        ],
    ),
    (
        r#""pagination": {"page": "Page", "total": "Total", "items": "Things"}"#,
        r#""pagination": {"none": true, "items": "Things"}"#,
        &[
            "demo.json: operation ListThings, pagination, `none`: nothing else may be set beside it (at operations.ListThings.pagination.none)",
        ],
    ),
    (
        r#""pagination": {"page": "Page", "total": "Total", "items": "Things"}"#,
        r#""pagination": {"size": "Paeg", "first": 0, "total": "Totals", "items": "Total"}"#,
        &[
            "demo.json: operation ListThings, pagination, `size`: the request has no `Paeg`, did you mean `Page`? (at operations.ListThings.pagination.size)",
            "demo.json: operation ListThings, pagination, `total`: the response has no `Totals`, did you mean `Total`? (at operations.ListThings.pagination.total)",
            "demo.json: operation ListThings, pagination, `items`: `Total` is not a list (at operations.ListThings.pagination.items)",
        ],
    ),
    (
        r#""pagination": {"page": "Page", "total": "Total", "items": "Things"}"#,
        r#""pagination": {"token": "Tags.*.Kez", "next": "Things.State", "more": "Total.*", "items": "Things.*.Labels"}"#,
        &[
            "demo.json: operation ListThings, pagination, `token`: the request has no `Kez`, did you mean `Key`? (at operations.ListThings.pagination.token)",
            "demo.json: operation ListThings, pagination, `next`: the response has no `State`: a list or map is entered with `*` (at operations.ListThings.pagination.next)",
            "demo.json: operation ListThings, pagination, `more`: the response has no list or map for `*` in `Total` (at operations.ListThings.pagination.more)",
        ],
    ),
    // Waiters
    (
        r#""operation": "ListThings", "delay": 5, "limit": 60"#,
        r#""operation": "ListThing", "delay": 0, "limit": 60"#,
        &[
            "demo.json: waiter ThingsReady, `operation`: there is no operation `ListThing`, did you mean `ListThings`? (at waiters.ThingsReady.operation)",
            "demo.json: waiter ThingsReady, `delay`: must be at least one second (at waiters.ThingsReady.delay)",
        ],
    ),
    (
        r#""delay": 5, "limit": 60"#,
        r#""delay": 5, "limit": 4"#,
        &["demo.json: waiter ThingsReady, `limit`: must not be less than `delay` (at waiters.ThingsReady.limit)"],
    ),
    (
        r#"{"then": "success","#,
        r#"{"then": "retry","#,
        &["demo.json: waiter ThingsReady, `rules`: no rule leads to success (at waiters.ThingsReady.rules)"],
    ),
    (
        r#""path": "Things.*.State", "values": ["failed"]"#,
        r#""path": "Things.*.Stat", "values": []"#,
        &[
            "demo.json: waiter ThingsReady, rule number 1: a `path` needs `values`, or `orEmpty` when nothing may be left (at waiters.ThingsReady.rules[0])",
            "demo.json: waiter ThingsReady, rule number 1, `path`: the response has no `Stat`, did you mean `State`? (at waiters.ThingsReady.rules[0].path)",
        ],
    ),
    (
        r#""path": "Things.*.State", "values": ["failed"]"#,
        r#""path": "Things.*.State", "values": ["faild"]"#,
        &[
            "demo.json: waiter ThingsReady, rule number 1, `values`: `faild` is no documented value of `Things.*.State`, did you mean `failed`? (at waiters.ThingsReady.rules[0].values)",
        ],
    ),
    (
        r#""path": "Things.*.State", "values": ["failed"]"#,
        r#""path": "Total", "values": ["1"], "orEmpty": true"#,
        &[
            "demo.json: waiter ThingsReady, rule number 1, `orEmpty`: means something only for a path with `*` (at waiters.ThingsReady.rules[0].orEmpty)",
        ],
    ),
    (
        r#""path": "Things.*.State", "values": ["failed"]"#,
        r#""path": "Total", "error": "NoThing", "values": ["1"]"#,
        &[
            "demo.json: waiter ThingsReady, rule number 1: has both `path` and `error` (at waiters.ThingsReady.rules[0])",
        ],
    ),
    (
        r#""path": "Things.*.State", "values": ["failed"]"#,
        r#""error": "NoThing", "values": ["1"]"#,
        &[
            "demo.json: waiter ThingsReady, rule number 1, `values`: an `error` has no values (at waiters.ThingsReady.rules[0].values)",
        ],
    ),
    (
        r#""path": "Things.*.State", "values": ["failed"]"#,
        r#""and": [{"then": "success", "path": "Total", "values": ["0"]}]"#,
        &[
            "demo.json: waiter ThingsReady, rule number 1: needs `path` or `error` (at waiters.ThingsReady.rules[0])",
            "demo.json: waiter ThingsReady, rule number 1, rule number 1, `then`: must be the same as that of the rule around it (at waiters.ThingsReady.rules[0].and[0].then)",
        ],
    ),
];

#[test]
fn a_sound_spec_is_read() {
    let spec = Spec::parse("demo.json", SOUND).unwrap();
    assert_eq!(spec.operations.len(), 2);
}

#[test]
fn faults_are_named() {
    for (from, to, expected) in CASES {
        assert_eq!(SOUND.matches(from).count(), 1, "{from}");
        let error = Spec::parse("demo.json", &SOUND.replace(from, to)).expect_err(to);
        assert_eq!(error.to_string().lines().collect::<Vec<_>>(), *expected, "\nwith {to}");
        let Error::Invalid(problems) = error else { panic!("{error}") };
        assert_eq!(problems.len(), expected.len());
    }
}

/// The same name may travel in different places, and types may hold themselves.
#[test]
fn legal_oddities() {
    for (from, to) in [
        (r#"{"name": "Kind", "in": "form","#, r#"{"name": "Page", "in": "form","#),
        (r#""types": {"#, r#""types": {"Node": {"type": "object", "fields": [{"name": "Next", "ref": "Node"}]}, "#),
        (
            r#"{"name": "Total", "type": "int64"},"#,
            r#"{"name": "X-Total", "in": "header", "type": "int64"}, {"name": "Total", "type": "int64"},"#,
        ),
        (r#""replacement": "GetThing""#, r#""replacement": "Other::2020-01-01::GetThing""#),
        (r#""/things/{Id}?full""#, r#""/things/{+Id}:stop""#),
    ] {
        assert_eq!(SOUND.matches(from).count(), 1, "{from}");
        if let Err(error) = Spec::parse("demo.json", &SOUND.replace(from, to)) {
            panic!("{error}\nwith {to}");
        }
    }
}

#[test]
fn problems_of_all_files_are_reported() {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("specs");
    let _ = fs::remove_dir_all(&dir);
    let write = |path: &str, text: &str| {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("schema.json", "no spec");
    write("demo/notes.txt", "no spec");
    write("demo/2024-01-01.json", SOUND);
    assert_eq!(load_dir(&dir).unwrap().len(), 1);

    write("demo/2025-01-01.json", SOUND);
    write("other/2024-01-01.json", &SOUND.replace("\"title\"", "\"titel\""));
    let error = load_dir(&dir).unwrap_err().to_string().replace('\\', "/");
    let lines: Vec<&str> = error.lines().map(|line| line.split_once("/specs/").unwrap().1).collect();
    assert_eq!(
        lines,
        [
            "demo/2025-01-01.json: the spec itself: product and version say that this file is `demo/2024-01-01.json`",
            "other/2024-01-01.json:5:9: the spec itself: unknown key `titel`, did you mean `title`? (at titel)",
        ]
    );

    let missing = Spec::load(dir.join("nowhere.json")).unwrap_err();
    assert!(matches!(&missing, Error::Read { .. }) && missing.to_string().contains("nowhere.json"), "{missing}");
}
