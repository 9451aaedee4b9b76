//! Programs from PyPI, in virtual environments below target/.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, say, succeed, target};

/// The Python of a virtual environment with what is required, made when it is not there or out of date.
/// `wanted` is the text of a file of requirements.
pub(crate) fn environment(name: &str, wanted: &str) -> Result<PathBuf, Failure> {
    let folder = target().join(name);
    let python = program(folder.clone(), "python");
    // Written when all is installed: a run that was broken off starts anew.
    let installed = folder.join("installed.txt");
    if python.exists() && fs::read_to_string(&installed).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    say(format!("Installing what {name} needs from PyPI, this once ..."));
    let made = Command::new(system_python()?).args(["-m", "venv", "--clear"]).arg(&folder).output();
    succeed(made, "a virtual environment cannot be made; is Python's venv installed (on Debian: python3-venv)?")?;
    let write = |path: &PathBuf| {
        fs::write(path, wanted).map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))
    };
    let requirements = folder.join("requirements.txt");
    write(&requirements)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&requirements);
    succeed(
        pip.output(),
        "the packages cannot be installed; is PyPI reachable? pip takes a proxy from HTTPS_PROXY and a mirror from PIP_INDEX_URL",
    )?;
    write(&installed)?;
    Ok(python)
}

/// A program in a virtual environment.
pub(crate) fn program(environment: PathBuf, name: &str) -> PathBuf {
    match cfg!(windows) {
        true => environment.join("Scripts").join(format!("{name}.exe")),
        false => environment.join("bin").join(name),
    }
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
