//! Independent jobs on threads, with one thread that watches.
//!
//! Workers take the next job when they are free. The calling thread does no job: it hears of finished ones,
//! adds up how far the others are, and reports; a progress callback may then be anything that must stay on one
//! thread. Whoever is asked to stop, stops within one stride of references.

use super::error::PagingError;
use crate::progress::Progress;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How often the calling thread reports.
const REPORT_EVERY: Duration = Duration::from_millis(20);

/// How many threads `wanted` means: 0 is as many as the machine runs at once.
pub(super) fn threads(wanted: usize) -> usize {
    if wanted > 0 { wanted } else { thread::available_parallelism().map_or(1, NonZero::get) }
}

/// Runs `run(job, go_on)` for each job from 0 to `jobs` - 1 on `threads` threads; gives their results in order.
/// `steps` is how many each does, for the progress.
///
/// # Errors
/// The first that a job gives, after which no new one begins; [`PagingError::Cancelled`],
/// [`PagingError::Thread`].
pub(super) fn run_all<T: Send>(
    jobs: usize,
    steps: u64,
    threads: usize,
    progress: &mut dyn Progress,
    run: impl Fn(usize, &mut dyn FnMut(u64) -> bool) -> Result<T, PagingError> + Sync,
) -> Result<Vec<T>, PagingError> {
    let total = steps * jobs as u64;
    let (next, done, stop) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let mut results: Vec<Option<T>> = (0..jobs).map(|_| None).collect();
    let mut failure = None;
    let work = || {
        let job = next.fetch_add(1, Ordering::Relaxed);
        if job >= jobs || stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut told = 0;
        let mut go_on = |so_far: u64| {
            done.fetch_add(so_far - told, Ordering::Relaxed);
            told = so_far;
            !stop.load(Ordering::Relaxed)
        };
        let result = run(job, &mut go_on);
        done.fetch_add(steps.saturating_sub(told), Ordering::Relaxed);
        Some((job, result))
    };
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..threads.min(jobs) {
            let sender = sender.clone();
            let worker = || {
                let sender = sender;
                while let Some(finished) = work() {
                    if sender.send(finished).is_err() {
                        break;
                    }
                }
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, worker) {
                failure.get_or_insert(PagingError::Thread(error));
                stop.store(true, Ordering::Relaxed);
            }
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(REPORT_EVERY) {
                Ok((job, Ok(result))) => results[job] = Some(result),
                Ok((_, Err(error))) => {
                    failure.get_or_insert(error);
                    stop.store(true, Ordering::Relaxed);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if progress.report(done.load(Ordering::Relaxed), Some(total)).is_break() {
                failure.get_or_insert(PagingError::Cancelled);
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(results.into_iter().flatten().collect()),
    }
}
