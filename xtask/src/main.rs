//! x
#![allow(dead_code, missing_docs, unreachable_pub)]
mod catalog;
mod import;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [command, from, ..] = args.as_slice() {
        if command == "catalog" {
            catalog::run(std::path::Path::new(from));
        }
    }
}
