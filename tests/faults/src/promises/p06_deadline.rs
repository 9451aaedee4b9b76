//! A deadline is one.

use std::time::Duration;

use alicloud_core::error::Stage;
use tokio::time::Instant;

use super::{Figure, Promise, paused};
use crate::{Act, Scripted, random::at, scripted::Seen, things};

pub(super) const PROMISE: Promise = Promise {
    id: "P6",
    title: "Deadline is absolute",
    pass: "2 s x 200 mixes of faults: every call returns within 2.05 s",
    measure: |_| paused(measure()),
};

const LIMIT: Duration = Duration::from_secs(2);

async fn measure() -> Figure {
    let (mut longest, mut overruns, mut ok) = (Duration::ZERO, 0, 0);
    for seed in 0..200 {
        let service = Scripted::new(move |seen| mix(seed, seen));
        let config = service.builder().credentials(slow_credentials(seed)).build().unwrap();
        let client = things::client(&config);
        let begun = Instant::now();
        let mut call = things::describe(&client, "x");
        call.timeout(LIMIT);
        ok += u32::from(call.send().await.is_ok());
        longest = longest.max(begun.elapsed());
        overruns += u32::from(begun.elapsed() > LIMIT + Duration::from_millis(50));
    }
    Figure::new(overruns == 0 && ok > 0, format!("{overruns} overruns, longest {longest:?}, {ok} of 200 succeeded"))
}

fn mix(seed: u64, seen: &Seen) -> Act {
    let mut random = at(seed, seen.index);
    let milliseconds = Duration::from_millis(random.below(3000));
    match random.below(8) {
        0 => Act::Hang,
        1 => Act::After(milliseconds, Box::new(Act::Fail(Stage::MaybeSent))),
        2 => Act::After(milliseconds, Box::new(Act::refusal(503, "ServiceUnavailable"))),
        3 => Act::refusal(429, "Throttling").with("x-acs-retry-after", &random.below(5000).to_string()),
        4 => Act::Fail(Stage::NotSent),
        5 => Act::refusal(500, "InternalError"),
        6 => Act::refusal(400, "Throttling.User"),
        _ => Act::After(milliseconds, Box::new(Act::ok())),
    }
}

fn slow_credentials(seed: u64) -> impl alicloud_core::credentials::ProvideCredentials {
    SlowCredentials(Duration::from_millis(at(seed, u64::MAX).below(500)))
}

#[derive(Debug)]
struct SlowCredentials(Duration);

impl alicloud_core::credentials::ProvideCredentials for SlowCredentials {
    fn provide(
        &self,
    ) -> alicloud_core::credentials::BoxFuture<
        '_,
        Result<alicloud_core::credentials::Credentials, alicloud_core::error::CredentialsError>,
    > {
        Box::pin(async move {
            tokio::time::sleep(self.0).await;
            Ok(alicloud_core::credentials::Credentials::access_key("id", "secret"))
        })
    }
}
