//! `cargo xtask interop`: the vendor's own Python SDKs bear witness about the gateway.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::{Failure, cargo, succeed, unknown, workspace};
use crate::python;

const HELP: &str = "\
cargo xtask interop [--all]

Installs the vendor's Python SDKs of servicemesh, cs, computenestsupplier, smartag, ecs and sts from PyPI
into a folder below target/, starts the gateway on loopback, and calls operations through the unchanged
SDKs: signed by ACS3 and by the older schemes, with access keys and with temporary credentials. Each call
has to be verified and answered, and its answer decoded into the types that the SDK declares. --all calls
every operation that specs and SDKs share, with every parameter. Exit code 1 when a call is refused.

Needs Python 3.10 or later with venv ($PYTHON, python3 or python) and, the first time, PyPI or what pip is
configured to take in its place.";

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    if args.iter().any(|arg| ["-h", "--help"].contains(&arg.as_str())) {
        println!("{HELP}");
        return Ok(());
    }
    if let Some(arg) = args.iter().find(|arg| *arg != "--all") {
        return Err(unknown("option", arg, ["--all", "--help"].into_iter()));
    }
    let folder = workspace().join("tests").join("interop");
    let requirements = folder.join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .map_err(|error| Failure(format!("{} cannot be read: {error}", requirements.display())))?;
    let python = python::environment("interop", &wanted)?;
    let program = build()?;
    let plain = Gateway::start(&program, &[])?;
    let state = Gateway::start(&program, &["--state"])?;

    let mut witness = Command::new(python);
    witness.arg(folder.join("witness.py")).args(args).arg("--specs").arg(workspace().join("specs"));
    witness.args(["--plain", &plain.endpoint, "--state", &state.endpoint]);
    // Loopback is not for a proxy, and the repository is not for compiled scripts.
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        witness.env_remove(proxy);
    }
    witness.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    let status = witness.status().map_err(|error| Failure(format!("Python cannot be started: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure("the gateway and the vendor's SDKs do not agree".to_owned())) }
}

/// Builds the gateway's program, and says where it lies.
fn build() -> Result<PathBuf, Failure> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", "alicloud-mock", "--bin", "alicloud-mock"]);
    command.args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let messages = succeed(command.output(), "the gateway cannot be built")?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    };
    messages.lines().find_map(executable).ok_or_else(|| Failure("cargo has built no program of the gateway".to_owned()))
}

/// A gateway that runs until it is dropped.
struct Gateway {
    process: Child,
    endpoint: String,
}

impl Gateway {
    fn start(program: &Path, options: &[&str]) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        command.args(["serve", "--port", "0", "--spec"]).arg(workspace().join("specs")).args(options);
        let mut process = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure(format!("{} cannot be started: {error}", program.display())))?;
        let mut said = String::new();
        // Borrowed, so that the pipe stays open: the gateway has more to say.
        if let Some(output) = process.stdout.as_mut() {
            let _ = BufReader::new(output).read_line(&mut said);
        }
        let mut gateway = Self { process, endpoint: String::new() };
        match said.trim().strip_prefix("listening on ") {
            Some(endpoint) => gateway.endpoint = endpoint.to_owned(),
            None => return Err(Failure("the gateway did not start".to_owned())),
        }
        Ok(gateway)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
