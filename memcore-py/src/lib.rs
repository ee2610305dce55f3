//! The Python door: the extension module `memcore._memcore`, which the package `memcore` dresses.
//!
//! A class here converts its arguments, calls the engine, converts the answer. Whatever could be called logic
//! belongs into the engine, where all three doors find it; whatever only Python knows (plots, reports, the command
//! line) belongs into the package.
//!
//! - One file for each room of the engine, named as the room is; the module below only lists what they offer.
//! - Every call that can take long passes through [`long_call`].
//! - Every failure is raised as an exception of the package, made in [`errors`].
//! - Doc comments on what Python sees are written for readers of `help(...)`.

mod alloc;
mod arrow;
mod cache;
mod column;
mod errors;
mod figures;
mod heap;
mod long_call;
mod number;
mod paging;
mod rehearsal;
mod replacement;
mod replay;
mod share;
mod trace;
mod vm;

use pyo3::prelude::*;

/// The engine of memcore, as Python sees it. Import `memcore` instead.
#[pymodule]
mod _memcore {
    #[pymodule_export]
    use crate::alloc::{
        allocator::{PyAllocator, strategies},
        block::PyBlock,
        compaction::{PyCheckpoint, PyCompactionPlan, PyMove, PyScope},
        event::PyEvent,
        regions::{PyBlockIterator, PyRegion, PyRegionIterator},
        stats::{PyCapabilities, PyHistogram, PyStats, PyTagUsage},
        worst_case::{PyWorstCase, worst_case},
    };

    #[pymodule_export]
    use crate::heap::{
        arena::{PyArena, PyArenaScope},
        block::PyHeapBlock,
        checks::PyChecks,
        double_stack::PyDoubleStack,
        handle::{PyHandle, PyPin},
        handle_heap::PyHandleHeap,
        heap::PyHeap,
        image_view::PyPersistentView,
        persistent::PyPersistentHeap,
        pool::PyPool,
        report::{PyCompaction, PyLeak, PyPersistentBlock, PyRecovery},
        ring::PyRing,
    };

    #[pymodule_export]
    use crate::replay::{
        row::PyReplayRow,
        run::{rank_rows, replay_rows},
        table::arrow_stream,
    };

    #[pymodule_export]
    use crate::cache::{
        hierarchy::{PyHierarchy, hierarchies},
        tlb::{PyTlb, PyTlbEntry},
    };

    #[pymodule_export]
    use crate::replacement::{
        cache::PyCache,
        curve::PyCurve,
        facts::{PyPolicyFacts, policies, policy_facts},
    };

    #[pymodule_export]
    use crate::paging::{
        curves::miss_ratio_curve,
        references::{mean_working_set, reuse_times, stack_distances, working_set},
        row::PyPagingRow,
        run::paging_rows,
        stream::stream_rows,
        table::paging_stream,
    };

    #[pymodule_export]
    use crate::trace::{
        access_summary::PyAccessSummary,
        access_trace::PyAccessTrace,
        alloc_trace::PyTrace,
        kind::trace_kind,
        page_trace::PyPageTrace,
        summary::{PyNote, PySummary},
    };

    #[pymodule_export]
    use crate::vm::machine::{
        area::{PyArea, PyAreas},
        config::machines,
        event::PyMachineEvent,
        file::PyFile,
        group::PyGroup,
        listen::PyEvents,
        machine::PyMachine,
        process::PyProcess,
        run::{PyMachineRun, machine_runs},
        walk::{PyPageTranslation, PyWalk, PyWalkStep},
    };

    #[pymodule_export]
    use crate::vm::{
        manager::{PyTranslation, PyVirtualMemoryManager},
        memory::PySegmentMemory,
        multics::PySegmentedPaging,
        segments::{PySegmentDescriptor, PySegmentUnit, PySelector},
    };

    #[pymodule_export]
    use crate::rehearsal::rehearse_long_call;

    /// The version of the engine and of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
