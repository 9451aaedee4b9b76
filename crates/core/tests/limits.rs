//! Limits of a whole call, and what calls of one account share.

#[allow(dead_code, unreachable_pub)] // Not every test uses everything.
mod common;
#[allow(dead_code, unreachable_pub)]
#[path = "streaming/mod.rs"]
mod studio;
#[allow(dead_code, unreachable_pub)]
mod things;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use alicloud_core::{
    Call, Client, ConfigOverride, RetryConfig,
    credentials::{BoxFuture, Credentials, ProvideCredentials},
    endpoint::Endpoints,
    error::CredentialsError,
    operation::{Protocol, Service},
};
use tokio::time::Instant;

use common::{Answer, config};
use things::DescribeThingRequest;

const SECOND: Duration = Duration::from_secs(1);

static LOCATED: Service = Service {
    product: "located",
    code: "Located",
    version: "2026-01-01",
    protocol: Protocol::Standard,
    endpoints: Endpoints {
        rule: None,
        prefix: "located",
        global: None,
        location_service_code: Some("located"),
        regions: &[],
        vpc_regions: &[],
    },
};

fn describe(client: &Client) -> Call<DescribeThingRequest> {
    let mut call = Call::<DescribeThingRequest>::new(client);
    call.request.id = Some(1);
    call
}

#[tokio::test(start_paused = true)]
async fn a_silent_location_service_takes_no_more_time_than_the_call_has() {
    for (timeout, longest) in [(Some(2 * SECOND), 2 * SECOND), (None, 11 * SECOND)] {
        let client = Client::new(&config(|_| Answer::Silence).region("cn-hangzhou").build().unwrap(), &LOCATED);
        let start = Instant::now();
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let mut call = describe(&client);
            timeout.iter().for_each(|timeout| call.timeout(*timeout));
            calls.spawn(async move { (call.send().await.map(drop), start.elapsed()) });
        }
        for (result, elapsed) in calls.join_all().await {
            let error = result.unwrap_err();
            assert!(elapsed <= longest, "{elapsed:?}: {error}");
            assert!(timeout.is_none() || error.to_string().contains("2s for the whole call"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_steps_of_an_upload_share_one_limit() {
    let authorized = AtomicU32::new(0);
    let config = config(move |seen| match seen["@host"].as_str() {
        "openplatform.aliyuncs.com" if authorized.fetch_add(1, Ordering::Relaxed) == 0 => Answer::Wait(3),
        "openplatform.aliyuncs.com" => Answer::ok(
            r#"{"AccessKeyId":"a","Bucket":"b","EncodedPolicy":"p","Endpoint":"oss-cn-hangzhou.aliyuncs.com","ObjectKey":"k","Signature":"s"}"#,
        ),
        _ => Answer::Silence,
    });
    for of_call in [true, false] {
        let config = if of_call { config.clone() } else { config.clone().timeout(5 * SECOND) };
        let client = studio::Client::new(&config.region("cn-hangzhou").build().unwrap());
        let call = client.tag_film().film_url_file("film");
        let call = if of_call { call.timeout(5 * SECOND) } else { call };
        let start = Instant::now();
        call.send().await.unwrap_err();
        assert!(start.elapsed() <= 5 * SECOND, "{:?}", start.elapsed());
    }
}

/// A source whose credentials have another name every time.
#[derive(Debug, Default)]
struct Renewed {
    asked: AtomicU32,
    bearer: bool,
}

impl ProvideCredentials for Renewed {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let credentials = match self.bearer {
            true => Credentials::bearer(number.to_string()),
            false => Credentials::sts(format!("STS.{number}"), "secret", "token"),
        };
        Box::pin(async move { Ok(credentials) })
    }
    fn keeps_credentials(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn the_budget_outlives_temporary_credentials() {
    for bearer in [false, true] {
        let sends = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&sends);
        let config = config(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Answer::refused(503, "ServiceUnavailable")
        });
        let config = config.credentials(Renewed { bearer, ..Renewed::default() }).build().unwrap();
        let client = Client::new(&config, &things::SERVICE);
        for _ in 0..200 {
            describe(&client).send().await.unwrap_err();
        }
        // 200 first attempts, and 500 tokens for repeats at 5 each.
        assert_eq!(sends.load(Ordering::Relaxed), 300, "bearer: {bearer}");
        // Another account has a budget of its own.
        let mut other = describe(&client);
        other.config_override(ConfigOverride::new().credentials(Renewed { bearer, ..Renewed::default() }));
        assert_eq!(other.send().await.unwrap_err().attempts(), 4);
    }
}

/// Midnight of 2024-01-01, where the client's clock stands.
fn midnight() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200)
}

/// A source that must be asked once an hour.
#[derive(Clone, Debug, Default)]
struct Hourly(Arc<AtomicU32>);

impl ProvideCredentials for Hourly {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let credentials = Credentials::sts("STS.1", "secret", "token").expiring_at(midnight() + 3600 * SECOND);
        Box::pin(async move { Ok(credentials) })
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_of_a_call_are_kept_by_the_clock_of_the_client() {
    let client = Client::new(&config(|_| Answer::ok("{}")).clock(midnight()).build().unwrap(), &things::SERVICE);
    let source = Hourly::default();
    let other = ConfigOverride::new().credentials(source.clone());
    for _ in 0..10 {
        let mut call = describe(&client);
        call.config_override(other.clone());
        call.send().await.unwrap();
    }
    assert_eq!(source.0.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_date_to_wait_for_is_read_by_the_time_of_the_service() {
    let number = AtomicU32::new(0);
    let config = config(move |_| match number.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::Refused(400, &[("date", "Mon, 01 Jan 2024 01:00:00 GMT")], "IllegalTimestamp"),
        1 => Answer::Refused(429, &[("retry-after", "Mon, 01 Jan 2024 01:00:05 GMT")], "Throttling"),
        _ => Answer::ok("{}"),
    });
    let config = config.clock(midnight()).retry(RetryConfig::default()).build().unwrap();
    let start = Instant::now();
    describe(&Client::new(&config, &things::SERVICE)).send().await.unwrap();
    let waited = start.elapsed();
    assert!((5 * SECOND..7 * SECOND).contains(&waited), "{waited:?}");
}
