//! `cargo xtask interop`: the vendor's own Python SDKs bear witness about the gateway.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::{Failure, say, unknown, workspace};

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
    let python = environment(&folder.join("requirements.txt"))?;
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

/// The Python of a virtual environment with what is required, made when it is not there or out of date.
fn environment(requirements: &Path) -> Result<PathBuf, Failure> {
    let wanted = fs::read(requirements)
        .map_err(|error| Failure(format!("{} cannot be read: {error}", requirements.display())))?;
    let folder = target().join("interop");
    let python =
        if cfg!(windows) { folder.join("Scripts").join("python.exe") } else { folder.join("bin").join("python") };
    // Written when all is installed: a run that was broken off starts anew.
    let installed = folder.join("installed.txt");
    if python.exists() && fs::read(&installed).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    say("Installing the vendor's SDKs (the first time takes some minutes) ...");
    let made = Command::new(system_python()?).args(["-m", "venv", "--clear"]).arg(&folder).output();
    succeed(made, "a virtual environment cannot be made; is Python's venv installed (on Debian: python3-venv)?")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
    succeed(
        pip.output(),
        "the SDKs cannot be installed; is PyPI reachable? pip takes a proxy from HTTPS_PROXY and a mirror from PIP_INDEX_URL",
    )?;
    fs::write(&installed, wanted)
        .map_err(|error| Failure(format!("{} cannot be written: {error}", installed.display())))?;
    Ok(python)
}

fn system_python() -> Result<PathBuf, Failure> {
    let told = std::env::var_os("PYTHON").map(PathBuf::from);
    let known = ["python3", "python"].map(PathBuf::from);
    let new_enough = |python: &PathBuf| {
        let script = "import sys; sys.exit(sys.version_info < (3, 10))";
        Command::new(python).args(["-c", script]).output().is_ok_and(|output| output.status.success())
    };
    told.into_iter().chain(known).find(new_enough).ok_or_else(|| {
        Failure("there is no Python 3.10 or later: install it, or name it in the variable PYTHON".to_owned())
    })
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// Builds the gateway's program, and says where it lies.
fn build() -> Result<PathBuf, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "alicloud-mock", "--bin", "alicloud-mock"]);
    command.args(["--message-format", "json-render-diagnostics"]).current_dir(workspace()).stderr(Stdio::inherit());
    let messages = succeed(command.output(), "the gateway cannot be built")?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    };
    messages.lines().find_map(executable).ok_or_else(|| Failure("cargo has built no program of the gateway".to_owned()))
}

/// What a program printed, if it ended well.
fn succeed(output: std::io::Result<std::process::Output>, otherwise: &str) -> Result<String, Failure> {
    let output = output.map_err(|error| Failure(format!("{otherwise}\n{error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    // venv complains on its standard output, pip on its standard error.
    let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    Err(Failure(format!("{otherwise}\n{}", String::from_utf8_lossy(said).trim_end())))
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
