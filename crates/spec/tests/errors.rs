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

/// The table of faults; its head says how to read it.
const CASES: &str = include_str!("errors.txt");

/// What is replaced in the sound spec, by what, and what the reader is told, a line for each problem.
fn cases() -> impl Iterator<Item = (&'static str, &'static str, Vec<&'static str>)> {
    CASES.split("\n\n").filter(|case| case.starts_with("- ")).map(|case| {
        let mark = |mark| case.lines().filter_map(move |line| line.strip_prefix(mark)).map(str::trim_start);
        (mark("-").next().unwrap(), mark("+").next().unwrap(), mark("! ").collect())
    })
}

#[test]
fn a_sound_spec_is_read() {
    let spec = Spec::parse("demo.json", SOUND).unwrap();
    assert_eq!(spec.operations.len(), 2);
}

#[test]
fn faults_are_named() {
    assert_eq!(cases().count(), CASES.lines().filter(|line| line.starts_with("- ")).count());
    for (from, to, expected) in cases() {
        assert_eq!(SOUND.matches(from).count(), 1, "{from}");
        let error = Spec::parse("demo.json", &SOUND.replace(from, to)).expect_err(to);
        assert_eq!(error.to_string().lines().collect::<Vec<_>>(), expected, "\nwith {to}");
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
