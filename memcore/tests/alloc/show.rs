//! Outcomes as text, for engine and model alike: only the writing is shared, never a value.

use memcore::alloc::{Capabilities, Histogram, Stats};
use std::fmt::Display;

/// A block, with whatever names it.
pub fn block(label: impl Display, start: u64, size: u64, requested: u64) -> String {
    format!("id={label} start={start} size={size} requested={requested}")
}

pub fn yes_or_no(answer: bool) -> String {
    if answer { "yes".into() } else { "no".into() }
}

/// Parts separated by spaces; `none` where there are none.
pub fn list(parts: impl IntoIterator<Item = String>) -> String {
    let joined = parts.into_iter().collect::<Vec<_>>().join(" ");
    if joined.is_empty() { "none".into() } else { joined }
}

pub fn stats(stats: &Stats) -> String {
    let Stats { capacity, used, free, dead, requested, blocks, holes, largest_hole, .. } = stats;
    let Stats { footprint, peak_used, peak_requested, allocations, frees, .. } = stats;
    format!(
        "capacity={capacity} used={used} free={free} dead={dead} requested={requested} blocks={blocks} \
         holes={holes} largest_hole={largest_hole} footprint={footprint} peak_used={peak_used} \
         peak_requested={peak_requested} allocations={allocations} frees={frees}"
    )
}

/// Bits, so that equal texts are equal doubles.
pub fn fragmentation(external: f64, internal: f64, utilisation: f64) -> String {
    let [external, internal, utilisation] = [external, internal, utilisation].map(f64::to_bits);
    format!("external={external:016x} internal={internal:016x} utilisation={utilisation:016x}")
}

pub fn histogram(histogram: &Histogram) -> String {
    let classes = histogram.counts.iter().zip(&histogram.bytes).enumerate();
    list(
        classes
            .filter(|(_, (count, _))| **count > 0)
            .map(|(k, (count, bytes))| format!("{k}:{count}:{bytes}")),
    )
}

pub fn capabilities(can: &Capabilities) -> String {
    let parts = [
        ("free_in_any_order", can.free_in_any_order),
        ("reuses_freed", can.reuses_freed),
        ("allocate_at", can.allocate_at),
        ("find_by_address", can.find_by_address),
        ("compaction", can.compaction),
        ("checkpoint", can.checkpoint),
        ("tags", can.tags),
    ];
    list(parts.map(|(name, answer)| format!("{name}={}", yes_or_no(answer))))
}
