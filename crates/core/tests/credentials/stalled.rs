//! The cache on a runtime that stands still: somebody asked there, and nobody lets the answer in.

use std::time::Duration;

use alicloud_core::credentials::{CachedProvider, ProvideCredentials};
use tokio::time::{advance, sleep};

use crate::{
    cache::{Source, down, nth},
    double::triple,
};

/// A runtime that does nothing unless a test lets it.
fn runtime(start_paused: bool) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(start_paused).build().unwrap()
}

/// Asks on a runtime that then stands still.
fn begin(runtime: &tokio::runtime::Runtime, provider: &CachedProvider) {
    let asked = async { tokio::time::timeout(Duration::from_millis(1), provider.provide()).await };
    runtime.block_on(asked).unwrap_err();
}

#[test]
fn a_runtime_that_stands_still_holds_up_no_other() {
    let (say, said) = tokio::sync::watch::channel(());
    let source = Source::new(move |count| {
        let mut said = said.clone();
        async move {
            if count == 0 {
                said.changed().await.unwrap();
            }
            Ok(nth(count))
        }
    });
    let provider = CachedProvider::new(source);
    let (still, busy) = (runtime(false), runtime(true));
    begin(&still, &provider);
    // The limit of one answer is 60 s.
    let call = || async { triple(&provider.provide().await.unwrap()).0 };
    let first = busy.block_on(async { tokio::time::timeout(Duration::from_secs(70), call()).await });
    assert_eq!(first.as_deref(), Ok("id1"));
    // What the old question brings in the end is older than what is there.
    say.send(()).unwrap();
    still.block_on(async { sleep(Duration::from_millis(20)).await });
    assert_eq!(busy.block_on(call()), "id1");
}

#[test]
fn a_failure_of_an_old_question_is_not_passed_on() {
    for (later, is_old) in [(Duration::from_secs(6), true), (Duration::from_secs(1), false)] {
        let (say, said) = tokio::sync::watch::channel(());
        let source = Source::new(move |count| {
            let mut said = said.clone();
            async move {
                if count > 0 {
                    return Ok(nth(count));
                }
                said.changed().await.unwrap();
                Err(down())
            }
        });
        let provider = CachedProvider::new(source);
        let (still, busy) = (runtime(true), runtime(true));
        begin(&still, &provider);
        let waiting = provider.clone();
        busy.block_on(async { advance(later).await });
        let call = busy.spawn(async move { waiting.provide().await });
        busy.block_on(tokio::task::yield_now());
        // The same time passes on both.
        still.block_on(async { advance(later).await });
        say.send(()).unwrap();
        still.block_on(async { sleep(Duration::from_millis(20)).await });
        let result = busy.block_on(call).unwrap();
        assert_eq!(result.is_ok(), is_old, "{later:?}: {result:?}");
    }
}
