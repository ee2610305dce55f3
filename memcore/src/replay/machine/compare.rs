//! Several configurations side by side: what if the pages were larger, the memory smaller, the swap faster?

use super::error::MachineReplayError;
use super::options::MachineReplayOptions;
use super::result::MachineRun;
use super::run::replay_machine;
use crate::progress::Progress;
use crate::trace::AccessTrace;
use crate::vm::MachineConfig;
use core::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

/// Runs the same traces through a machine of each configuration, on up to
/// [`threads`](MachineReplayOptions::threads) at once; the results are in the order of the configurations and do not
/// depend on the threads. `progress` is told the accesses done of all of them, on the thread that calls.
///
/// ```
/// use memcore::replay::machine::{MachineReplayOptions, compare_machines};
/// use memcore::trace::AccessTrace;
/// use memcore::vm::MachineConfig;
///
/// let addresses: Vec<u64> = (0..4096u64).map(|i| 0x1000_0000 + i * 4096).collect();
/// let trace = AccessTrace::from_columns(&addresses, None, None)?;
/// let configs = ["linux", "linux-thp"].map(|name| (name, MachineConfig::preset(name).unwrap()));
/// let runs = compare_machines(&[&trace], &configs, &MachineReplayOptions::default(), &mut ())?;
/// assert!(runs[1].tlb_miss_ratio() < runs[0].tlb_miss_ratio() / 100.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MachineReplayError`], of the first configuration in their order that failed.
pub fn compare_machines(
    traces: &[&AccessTrace],
    configs: &[(&str, MachineConfig)],
    options: &MachineReplayOptions,
    progress: &mut dyn Progress,
) -> Result<Vec<MachineRun>, MachineReplayError> {
    options.check()?;
    let of_one: u64 =
        traces.iter().flat_map(|trace| trace.accesses()).map(|access| u64::from(access.count)).sum();
    let of_one = options.limit.map_or(of_one, |limit| limit.min(of_one));
    let total = of_one.saturating_mul(configs.len() as u64);
    let threads = options.threads.min(configs.len()).max(1);
    let one = |index: usize, progress: &mut dyn Progress| {
        let (name, config) = &configs[index];
        match replay_machine(traces, config, options, progress) {
            Ok((run, _)) => Ok(MachineRun { name: (*name).to_owned(), ..run }),
            Err(MachineReplayError::Machine { error, .. }) => {
                Err(MachineReplayError::Machine { name: (*name).to_owned(), error })
            }
            Err(error) => Err(error),
        }
    };
    if threads == 1 {
        let mut runs = Vec::new();
        for index in 0..configs.len() {
            let before = of_one.saturating_mul(index as u64);
            let mut report =
                |done: u64, _: Option<u64>| progress.report(before.saturating_add(done), Some(total));
            runs.push(one(index, &mut report)?);
        }
        return Ok(runs);
    }
    let (next, done, stop) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let results = Mutex::new(Vec::new());
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let sender = sender.clone();
            let (next, done, stop, results, one) = (&next, &done, &stop, &results, &one);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= configs.len() || stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let mut so_far = 0;
                    let mut report = |now: u64, _: Option<u64>| {
                        done.fetch_add(now - so_far, Ordering::Relaxed);
                        so_far = now;
                        // Whoever hears it may have gone.
                        let _ = sender.send(());
                        if stop.load(Ordering::Relaxed) {
                            ControlFlow::Break(())
                        } else {
                            ControlFlow::Continue(())
                        }
                    };
                    let result = one(index, &mut report);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, result));
                    }
                }
            });
        }
        drop(sender);
        // Ends when the last thread has ended, and its sender with it.
        for () in receiver {
            if progress.report(done.load(Ordering::Relaxed), Some(total)).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    if stop.load(Ordering::Relaxed) {
        return Err(MachineReplayError::Cancelled);
    }
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
