//! How long services take, drawn from a distribution.

use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use crate::answer::Random;
use crate::lock::lock;

/// No answer is held back longer: the tail of a distribution has no end, a test has one.
const LONGEST: Duration = Duration::from_secs(60);

/// How long an operation takes; never more than a minute.
///
/// As text: `fixed:50`, `normal:50/10`, `pareto:20/1.5`, times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Latency {
    /// Always the same.
    Fixed(Duration),
    /// Around a mean; what falls below zero is zero.
    Normal {
        /// The middle.
        mean: Duration,
        /// The standard deviation.
        deviation: Duration,
    },
    /// Mostly short, and now and then very long, as services are.
    Pareto {
        /// The shortest.
        least: Duration,
        /// How quickly long ones get rare; 1.16 gives the rule of 80 and 20, 3 is tame.
        shape: f64,
    },
}

impl Latency {
    fn draw(self, random: &mut Random) -> Duration {
        let drawn = match self {
            Self::Fixed(time) => return time.min(LONGEST),
            Self::Normal { mean, deviation } => {
                // Box and Muller. The unit is never 0, whose logarithm nobody has.
                let (radius, angle) =
                    ((-2.0 * (1.0 - random.unit()).ln()).sqrt(), std::f64::consts::TAU * random.unit());
                mean.as_secs_f64() + deviation.as_secs_f64() * radius * angle.cos()
            }
            Self::Pareto { least, shape } => least.as_secs_f64() / (1.0 - random.unit()).powf(1.0 / shape),
        };
        Duration::try_from_secs_f64(drawn.max(0.0)).unwrap_or(LONGEST).min(LONGEST)
    }
}

impl FromStr for Latency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (kind, numbers) = text.split_once(':')?;
            let mut numbers =
                numbers.split('/').map(|number| number.parse::<f64>().ok().filter(|number| *number >= 0.0));
            let mut time = || Duration::try_from_secs_f64(numbers.next()?? / 1000.0).ok();
            let latency = match kind {
                "fixed" => Self::Fixed(time()?),
                "normal" => Self::Normal { mean: time()?, deviation: time()? },
                "pareto" => Self::Pareto { least: time()?, shape: numbers.next()?.filter(|shape| *shape > 0.0)? },
                _ => return None,
            };
            numbers.next().is_none().then_some(latency)
        };
        read().ok_or_else(|| {
            format!("`{text}` is not a latency; write fixed:50, normal:50/10 or pareto:20/1.5, times in milliseconds")
        })
    }
}

/// The latencies of a gateway; of an operation the newest, otherwise the newest of all operations.
#[derive(Debug)]
pub(crate) struct Latencies(Mutex<State>);

#[derive(Debug)]
struct State {
    /// By operation; the empty name stands for all others.
    rules: Vec<(String, Latency)>,
    random: Random,
}

impl Latencies {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(State { rules: Vec::new(), random: Random::new(seed, &["latencies"]) }))
    }

    /// `None`: of all operations that have none of their own.
    pub(crate) fn set(&self, operation: Option<&str>, latency: Latency) {
        let mut state = lock(&self.0);
        let operation = operation.unwrap_or_default();
        state.rules.retain(|(known, _)| known != operation);
        state.rules.push((operation.to_owned(), latency));
    }

    /// How long this call of an operation takes.
    pub(crate) fn draw(&self, operation: &str) -> Duration {
        let mut state = lock(&self.0);
        let State { rules, random } = &mut *state;
        let of = |name: &str| rules.iter().find(|(known, _)| known == name).map(|(_, latency)| *latency);
        of(operation).or_else(|| of("")).map_or(Duration::ZERO, |latency| latency.draw(random))
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).rules.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean, and the part that is longer than ten times `unit`, both of many draws.
    fn measure(latency: &str, unit: f64) -> (f64, f64) {
        let (latency, mut random) = (latency.parse::<Latency>().unwrap(), Random::new(3, &[]));
        let drawn: Vec<f64> = (0..20_000).map(|_| latency.draw(&mut random).as_secs_f64() * 1000.0).collect();
        let long = drawn.iter().filter(|time| **time > 10.0 * unit).count();
        (drawn.iter().sum::<f64>() / drawn.len() as f64, long as f64 / drawn.len() as f64)
    }

    #[test]
    fn draws_follow_their_distribution() {
        assert_eq!(measure("fixed:50", 50.0), (50.0, 0.0));
        let (mean, long) = measure("normal:50/10", 50.0);
        assert!((mean - 50.0).abs() < 0.5 && long == 0.0, "{mean} {long}");
        // With shape 2 the mean is twice the least, and one in a hundred is longer than ten times that.
        let (mean, long) = measure("pareto:20/2", 20.0);
        assert!((mean - 40.0).abs() < 4.0 && (long - 0.01).abs() < 0.004, "{mean} {long}");
        let (mean, _) = measure("pareto:20/0.0001", 20.0);
        assert!(mean <= 60_000.0, "{mean}");
    }

    #[test]
    fn text_that_is_no_latency_is_refused() {
        for wrong in ["", "fixed", "fixed:", "fixed:x", "fixed:-1", "fixed:1/2", "normal:5", "pareto:5/0", "even:1"] {
            assert!(wrong.parse::<Latency>().is_err(), "{wrong}");
        }
    }
}
