//! `cargo xtask catalog`: what of the vendor's catalogue can be generated.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::import::{Json, Options, convert};

pub(crate) fn run(from: &Path) {
    let started = Instant::now();
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in std::fs::read_dir(from).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files.sort();
    let mut rules: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    let (mut operations, mut skipped, mut bad) = (0, 0, 0);
    for file in files {
        let json: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        match convert(&json, &Options { skip_unknown: true, ..Options::default() }) {
            Ok((spec, decisions)) => {
                operations += spec.operations.len();
                skipped += spec.operations.values().filter(|operation| operation.skip.is_some()).count();
                for problem in alicloud_spec::validate(&file.display().to_string(), &spec) {
                    println!("{problem}");
                    bad += 1;
                }
                for decision in decisions {
                    if std::env::var("RULE").is_ok_and(|rule| rule == decision.rule) {
                        println!("{decision}");
                    }
                    let entry = rules.entry(decision.rule).or_insert((0, decision.to_string()));
                    entry.0 += 1;
                }
            }
            Err(error) => println!("{error}"),
        }
    }
    for (rule, (count, example)) in rules {
        println!("{count:6} {rule}: {example}");
    }
    println!("{operations} operations, {skipped} skipped, {bad} problems, {:?}", started.elapsed());
}
