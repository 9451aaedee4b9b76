//! The second half of `cargo xtask demo`: starts the gateway on loopback and tells the founding
//! documents' story through the generated crates. Ends with a table of calls, and with exit code 0 only
//! if everything went as told.

mod gateway;
mod report;
mod story;

use std::process::ExitCode;

use self::report::Report;

/// Why the story could not be told to its end.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let report = Report::default();
    let told = tell(&report).await;
    println!("\n{report}");
    match told {
        Ok(()) => {
            println!("All went as told.");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("The story went another way: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn tell(report: &Report) -> Result<(), Failure> {
    let gateway = gateway::start().await?;
    println!("Gateway on {} verifies every signature with code of its own.", gateway.endpoint());
    let cloud = gateway::Cloud { gateway: &gateway, report };
    story::upgrade_mesh(&cloud).await?;
    story::upgrade_others(&cloud).await?;
    story::fail(&cloud).await
}
