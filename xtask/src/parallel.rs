//! Work on all cores.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Enough for the deepest type of the catalogue, many times over.
const STACK: usize = 32 << 20;

/// Does the work for every item, and returns the results in the order of the items. Once a second it tells
/// `progress` how many are done.
///
/// # Errors
/// No thread could be started.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    progress: impl Fn(usize),
) -> io::Result<Vec<R>> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(items.len())));
    thread::scope(|scope| {
        let take = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(index) else { return };
                let result = work(item);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
            }
        };
        let start = || thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take);
        let workers = (0..cores.min(items.len())).map(|_| start()).collect::<io::Result<Vec<_>>>()?;
        let mut said = Instant::now();
        while workers.iter().any(|worker| !worker.is_finished()) {
            thread::sleep(Duration::from_millis(10));
            if said.elapsed() >= Duration::from_secs(1) {
                said = Instant::now();
                progress(done.lock().unwrap_or_else(PoisonError::into_inner).len());
            }
        }
        io::Result::Ok(())
    })?;
    let mut results = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_have_the_order_of_the_items() {
        let items: Vec<usize> = (0..500).collect();
        let squares = super::map(&items, |item| item * item, |_| {}).unwrap();
        assert!(squares.iter().enumerate().all(|(index, square)| *square == index * index) && squares.len() == 500);
        assert!(super::map(&[] as &[u8], |_| (), |_| {}).unwrap().is_empty());
    }
}
