//! Remembers what the location service has said.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    error::ConfigError,
    runtime::{Entropy, later, up_to},
};

/// How long an answer is trusted.
const TRUSTED: Duration = Duration::from_secs(3600);
/// For how long after a failure nobody asks again, at least; up to five times as long.
const PAUSE: Duration = Duration::from_secs(1);
const MORE_PAUSE: Duration = Duration::from_secs(4);
/// Product codes and regions that are remembered.
const MOST: usize = 256;

/// The service has named no host.
pub(crate) struct Missed {
    pub(crate) error: ConfigError,
    /// Whether any other caller would fare the same.
    pub(crate) lasting: bool,
}

/// What the service has said, by product code and region. For each of them one caller asks, the others wait
/// for its answer, or take the last one. A failure is told to whoever comes in the next seconds, unless a host
/// is known: it is then used until the service answers again.
#[derive(Debug, Default)]
pub(crate) struct Locations(Mutex<BTreeMap<(String, String), Arc<Place>>>);

#[derive(Debug, Default)]
struct Place {
    known: Mutex<Known>,
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    host: Option<String>,
    /// What went wrong last.
    failure: Option<String>,
    /// Until when nobody asks again.
    until: Option<Instant>,
}

impl Locations {
    /// The host, from the service when it was not asked lately. To be dropped is no harm: another caller asks.
    pub(crate) async fn get(
        &self,
        code: &str,
        region: &str,
        entropy: &dyn Entropy,
        ask: impl Future<Output = Result<String, Missed>>,
    ) -> Result<String, ConfigError> {
        let place = self.place(code, region);
        if let Some(answer) = place.answer() {
            return answer;
        }
        let _asking = match (place.asking.try_lock(), place.last()) {
            (Ok(asking), _) => asking,
            (Err(_), Some(host)) => return Ok(host),
            (Err(_), None) => place.asking.lock().await,
        };
        // Somebody else may have asked meanwhile.
        if let Some(answer) = place.answer() {
            return answer;
        }
        match ask.await {
            Ok(host) => {
                let until = Some(later(Instant::now(), TRUSTED));
                *place.known() = Known { host: Some(host.clone()), failure: None, until };
                Ok(host)
            }
            Err(Missed { error, lasting }) => {
                let mut known = place.known();
                if lasting {
                    let pause = PAUSE.saturating_add(up_to(MORE_PAUSE, entropy));
                    known.failure = Some(error.message.clone());
                    known.until = Some(later(Instant::now(), pause));
                }
                let Some(host) = known.host.clone() else { return Err(error) };
                tracing::warn!(code, region, host, "the location service does not answer: its last answer is used");
                Ok(host)
            }
        }
    }

    fn place(&self, code: &str, region: &str) -> Arc<Place> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (code.to_owned(), region.to_owned());
        if !places.contains_key(&key) && places.len() >= MOST {
            let unused = places.iter().filter(|(_, place)| Arc::strong_count(place) == 1);
            let oldest = unused.min_by_key(|(_, place)| place.known().until).map(|(key, _)| key.clone());
            oldest.map(|oldest| places.remove(&oldest));
        }
        Arc::clone(places.entry(key).or_default())
    }
}

impl Place {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is answered without asking.
    fn answer(&self) -> Option<Result<String, ConfigError>> {
        let known = self.known();
        known.until.filter(|until| Instant::now() < *until)?;
        match (&known.host, &known.failure) {
            (Some(host), _) => Some(Ok(host.clone())),
            (None, Some(message)) => Some(Err(ConfigError { message: message.clone() })),
            (None, None) => None,
        }
    }

    fn last(&self) -> Option<String> {
        self.known().host.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::runtime::SystemEntropy;

    type Regions = Arc<(Locations, AtomicU32)>;

    /// A service that takes a while; its answer is what `up` says.
    async fn get(regions: Regions, region: String, up: bool) -> Result<String, String> {
        let (places, asked) = &*regions;
        let ask = async {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(100)).await;
            let missed = || Missed { error: ConfigError { message: "down".into() }, lasting: true };
            if up { Ok(format!("{region}.host")) } else { Err(missed()) }
        };
        places.get("code", &region, &SystemEntropy, ask).await.map_err(|error| error.message)
    }

    /// The same, for all regions at once.
    async fn all(regions: &Regions, names: impl Iterator<Item = String>, up: bool) -> Vec<Result<String, String>> {
        let mut calls = tokio::task::JoinSet::new();
        names.for_each(|region| drop(calls.spawn(get(Arc::clone(regions), region, up))));
        calls.join_all().await
    }

    fn asked(regions: &Regions) -> u32 {
        regions.1.load(Ordering::Relaxed)
    }

    fn region() -> String {
        "r".to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_met_once_by_all_callers() {
        let regions = Regions::default();
        let start = Instant::now();
        let answers = all(&regions, std::iter::repeat_n(region(), 50), false).await;
        assert!(answers.len() == 50 && answers.iter().all(|answer| answer.as_ref().unwrap_err() == "down"));
        assert_eq!(asked(&regions), 1);
        assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
        // The pause ends.
        tokio::time::sleep(PAUSE + MORE_PAUSE).await;
        assert_eq!(get(regions, region(), true).await.unwrap(), "r.host");
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_host_serves_while_the_service_is_down() {
        let regions = Regions::default();
        get(Arc::clone(&regions), region(), true).await.unwrap();
        tokio::time::sleep(TRUSTED).await;
        let start = Instant::now();
        // One asks; the other does not wait for it.
        let (one, (other, waited)) = tokio::join!(get(Arc::clone(&regions), region(), false), async {
            (get(Arc::clone(&regions), region(), false).await, start.elapsed())
        });
        assert_eq!((one.unwrap(), other.unwrap()), ("r.host".to_owned(), "r.host".to_owned()));
        assert!(waited < Duration::from_millis(100), "{waited:?}");
        assert_eq!(asked(&regions), 2);
        assert_eq!(get(Arc::clone(&regions), region(), false).await.unwrap(), "r.host");
        assert_eq!(asked(&regions), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_leaves_the_question_to_the_next() {
        let regions = Regions::default();
        let hasty = tokio::time::timeout(Duration::from_millis(10), get(Arc::clone(&regions), region(), true));
        let (hasty, patient) = tokio::join!(hasty, get(Arc::clone(&regions), region(), true));
        assert!(hasty.is_err());
        assert_eq!(patient.unwrap(), "r.host");
    }

    #[tokio::test(start_paused = true)]
    async fn regions_do_not_wait_for_one_another() {
        let regions = Regions::default();
        let start = Instant::now();
        all(&regions, (0..10).map(|number| number.to_string()), true).await;
        assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_regions_is_bounded() {
        let regions = Regions::default();
        for number in 0..1000 {
            get(Arc::clone(&regions), number.to_string(), true).await.unwrap();
        }
        assert_eq!(regions.0.0.lock().unwrap().len(), MOST);
        // The youngest are kept.
        get(Arc::clone(&regions), "999".to_owned(), true).await.unwrap();
        assert_eq!(asked(&regions), 1000);
    }
}
