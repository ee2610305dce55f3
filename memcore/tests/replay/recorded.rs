//! Recorded traces of real programs against footprints that a naive model in another language found.
//!
//! Granularity and alignment 16. The capacities are the endless space and two tight ones.

use std::path::Path;

use memcore::trace::{AllocTrace, ReadOptions};

use super::{run, within};

const ENDLESS: u64 = 1 << 48;

/// capacity, strategy, footprint, peak_used, failures
type Row = (u64, &'static str, u64, u64, u64);

const CC1: [Row; 12] = [
    (ENDLESS, "first-fit", 3414224, 3239872, 0),
    (ENDLESS, "next-fit", 22297968, 3239872, 0),
    (ENDLESS, "best-fit", 3256944, 3239872, 0),
    (ENDLESS, "worst-fit", 22297968, 3239872, 0),
    (3304656, "first-fit", 3295248, 3131344, 8),
    (3304656, "next-fit", 3304656, 1341920, 379),
    (3304656, "best-fit", 3294864, 3239872, 0),
    (3304656, "worst-fit", 3303184, 1263936, 430),
    (4049840, "first-fit", 3414224, 3239872, 0),
    (4049840, "next-fit", 4049840, 1878688, 308),
    (4049840, "best-fit", 3256944, 3239872, 0),
    (4049840, "worst-fit", 4040480, 1853760, 386),
];

const SQLITE: [Row; 12] = [
    (ENDLESS, "first-fit", 1792816, 1780464, 0),
    (ENDLESS, "next-fit", 4727392, 1780464, 0),
    (ENDLESS, "best-fit", 1791760, 1780464, 0),
    (ENDLESS, "worst-fit", 4727392, 1780464, 0),
    (1816064, "first-fit", 1792816, 1780464, 0),
    (1816064, "next-fit", 1815920, 1627696, 10),
    (1816064, "best-fit", 1791760, 1780464, 0),
    (1816064, "worst-fit", 1814624, 1627696, 36),
    (2225568, "first-fit", 1792816, 1780464, 0),
    (2225568, "next-fit", 2225568, 1627696, 9),
    (2225568, "best-fit", 1791760, 1780464, 0),
    (2225568, "worst-fit", 2221840, 1780464, 25),
];

/// A sample trace, as the Python package carries it.
pub(crate) fn sample(name: &str) -> AllocTrace {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/memcore/samples");
    AllocTrace::open(folder.join(format!("{name}.matr.zst")), &ReadOptions::default(), &mut ()).unwrap()
}

fn agree(name: &str, rows: &[Row]) {
    let trace = sample(name);
    for &(capacity, strategy, footprint, peak_used, failures) in rows {
        let result = run(&trace, strategy, &within(capacity));
        let found = (result.footprint, result.peak_used, result.failures);
        assert_eq!(found, (footprint, peak_used, failures), "{name}: {strategy} in {capacity}");
    }
}

#[test]
fn the_compiler_run_agrees() {
    agree("cc1_tlsf_O2", &CC1);
}

#[test]
fn the_database_run_agrees() {
    agree("sqlite3_3000", &SQLITE);
}

#[test]
fn every_sample_runs_through_every_strategy() {
    for name in ["numpy_sgd", "pyav_video"] {
        let trace = sample(name);
        let summary = trace.summary();
        for strategy in super::STRATEGIES {
            let result = run(&trace, strategy, &Default::default());
            assert_eq!(result.operations, summary.operations.total());
            assert!(result.footprint >= result.peak_used, "{strategy}");
            if result.failures == 0 {
                assert_eq!(result.peak_live, summary.peak_live_bytes, "{name}: {strategy}");
                assert_eq!(result.skipped, summary.absent_operations, "{name}: {strategy}");
            }
        }
    }
}
