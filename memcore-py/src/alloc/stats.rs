//! Figures: statistics, histograms, usage by tag, capabilities.

use memcore::alloc::{Capabilities, Histogram, Stats, TagUsage};
use pyo3::{prelude::*, types::PyDict};

/// The state of a space in figures, at one moment. All sizes in bytes.
///
/// ``used + free + dead == capacity`` always.
///
/// >>> import memcore
/// >>> arena = memcore.Allocator(1000)
/// >>> blocks = [arena.allocate(100) for _ in range(4)]
/// >>> arena.free(blocks[1])
/// >>> stats = arena.stats
/// >>> stats.used, stats.free, stats.holes, stats.largest_hole
/// (300, 700, 2, 600)
/// >>> round(stats.external_fragmentation, 3)
/// 0.143
#[pyclass(frozen, eq, name = "Stats", module = "memcore")]
#[derive(PartialEq)]
pub struct PyStats(pub Stats);

/// Lists the counters once: a getter for each, and their place in a dictionary.
macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        #[pymethods]
        impl PyStats {
            $($(#[$doc])* #[getter] fn $name(&self) -> u64 { self.0.$name })+

            /// 1 - largest hole / free; 0 when nothing is free.
            #[getter]
            fn external_fragmentation(&self) -> f64 {
                self.0.external_fragmentation()
            }

            /// 1 - requested / used; 0 when nothing is used.
            #[getter]
            fn internal_fragmentation(&self) -> f64 {
                self.0.internal_fragmentation()
            }

            /// Peak of the requested bytes / footprint; 1 when nothing was ever allocated.
            #[getter]
            fn utilisation(&self) -> f64 {
                self.0.utilisation()
            }

            /// Every figure by its name.
            #[pyo3(signature = () -> "dict[str, int | float]")]
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let figures = PyDict::new(py);
                $(figures.set_item(stringify!($name), self.0.$name)?;)+
                figures.set_item("external_fragmentation", self.external_fragmentation())?;
                figures.set_item("internal_fragmentation", self.internal_fragmentation())?;
                figures.set_item("utilisation", self.utilisation())?;
                Ok(figures)
            }

            fn __repr__(&self) -> String {
                let figures = [$(format!("{}={}", stringify!($name), self.0.$name)),+];
                format!("Stats({})", figures.join(", "))
            }
        }
    };
}

figures! {
    /// Size of the space.
    capacity,
    /// In live blocks.
    used,
    /// In holes.
    free,
    /// In neither: not reusable yet (bump arena, stack).
    dead,
    /// Asked for, in live blocks.
    requested,
    /// Live blocks.
    blocks,
    /// Holes.
    holes,
    /// The largest hole.
    largest_hole,
    /// The highest end of a block ever.
    footprint,
    /// The most that ``used`` ever was.
    peak_used,
    /// The most that ``requested`` ever was.
    peak_requested,
    /// Blocks ever allocated.
    allocations,
    /// Blocks ever freed.
    frees,
}

/// How many blocks or holes there are of each size, by powers of two.
///
/// Entry ``k`` counts sizes from ``2**k`` to ``2**(k+1) - 1``; trailing empty entries are left out.
///
/// >>> import memcore
/// >>> arena = memcore.Allocator(1024)
/// >>> _ = arena.allocate(100), arena.allocate(20)
/// >>> arena.block_histogram().buckets()
/// [(16, 1, 20), (64, 1, 100)]
#[pyclass(frozen, eq, name = "Histogram", module = "memcore")]
#[derive(PartialEq)]
pub struct PyHistogram(pub Histogram);

#[pymethods]
impl PyHistogram {
    /// Number of regions per entry.
    #[getter]
    fn counts(&self) -> Vec<u64> {
        self.0.counts.clone()
    }

    /// Bytes per entry.
    #[getter]
    fn bytes(&self) -> Vec<u64> {
        self.0.bytes.clone()
    }

    /// The entries that are not empty, as (lowest size, regions, bytes).
    fn buckets(&self) -> Vec<(u64, u64, u64)> {
        let entries = self.0.counts.iter().zip(&self.0.bytes).enumerate();
        entries
            .filter(|(_, (count, _))| **count > 0)
            .map(|(class, (count, bytes))| (1 << class, *count, *bytes))
            .collect()
    }

    fn __len__(&self) -> usize {
        self.0.counts.len()
    }

    fn __repr__(&self) -> String {
        format!("Histogram(counts={:?}, bytes={:?})", self.0.counts, self.0.bytes)
    }
}

/// Blocks and bytes that share a tag.
#[pyclass(frozen, eq, get_all, name = "TagUsage", module = "memcore")]
#[derive(PartialEq)]
pub struct PyTagUsage {
    /// Live blocks.
    blocks: u64,
    /// Bytes they asked for.
    requested: u64,
    /// Bytes they take.
    used: u64,
}

impl From<TagUsage> for PyTagUsage {
    fn from(TagUsage { blocks, requested, used }: TagUsage) -> Self {
        PyTagUsage { blocks, requested, used }
    }
}

#[pymethods]
impl PyTagUsage {
    fn __repr__(&self) -> String {
        format!("TagUsage(blocks={}, requested={}, used={})", self.blocks, self.requested, self.used)
    }
}

/// What a strategy can do. Where an entry is False, the call raises `UnsupportedError`.
#[pyclass(frozen, eq, get_all, name = "Capabilities", module = "memcore")]
#[derive(PartialEq)]
pub struct PyCapabilities {
    /// Blocks may be freed in any order (else only the last one).
    free_in_any_order: bool,
    /// Freed bytes can be allocated again at once.
    reuses_freed: bool,
    /// ``allocate(..., at=start)`` works.
    allocate_at: bool,
    /// ``free_at``, ``block_at`` and ``containing`` work, made as it was.
    find_by_address: bool,
    /// ``plan_compaction`` and ``commit`` work.
    compaction: bool,
    /// ``checkpoint``, ``rewind`` and ``scope`` work.
    checkpoint: bool,
    /// ``tag_of``, ``set_tag`` and ``usage_by_tag`` work, made as it was.
    tags: bool,
}

impl From<Capabilities> for PyCapabilities {
    fn from(can: Capabilities) -> Self {
        PyCapabilities {
            free_in_any_order: can.free_in_any_order,
            reuses_freed: can.reuses_freed,
            allocate_at: can.allocate_at,
            find_by_address: can.find_by_address,
            compaction: can.compaction,
            checkpoint: can.checkpoint,
            tags: can.tags,
        }
    }
}

#[pymethods]
impl PyCapabilities {
    fn __repr__(&self) -> String {
        let listed = [
            ("free_in_any_order", self.free_in_any_order),
            ("reuses_freed", self.reuses_freed),
            ("allocate_at", self.allocate_at),
            ("find_by_address", self.find_by_address),
            ("compaction", self.compaction),
            ("checkpoint", self.checkpoint),
            ("tags", self.tags),
        ];
        let shown = listed.map(|(name, can)| format!("{name}={}", if can { "True" } else { "False" }));
        format!("Capabilities({})", shown.join(", "))
    }
}
