//! The shapes of workloads: how many blocks live at which moment, and the machine that follows them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Workload;
use super::random::Random;
use super::sizes::{MAX_SIZE, Sampler};
use crate::progress::Progress;
use crate::trace::alloc_trace::AllocTrace;
use crate::trace::builder::AllocTraceBuilder;
use crate::trace::error::{Reason, TraceError};
use crate::trace::event::EventKind;

/// How the number of live blocks goes. `live` and `operations` are the workload's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Up to `live` blocks, and from then on a free and an allocation in turn.
    Steady,
    /// From nothing up to `live` blocks and back, `cycles` times, evenly over the operations.
    Ramp {
        /// How often.
        cycles: u32,
    },
    /// As steady, in `phases` of equal length: at the start of each, seven blocks in eight go (in random
    /// order), and sizes are those drawn times 1, 4, 16, 1, 4, 16, ...
    Phases {
        /// How many.
        phases: u32,
    },
    /// Robson's way to waste memory, in rounds: `live` blocks are made, every other one is freed, as many
    /// bytes are asked for in blocks of twice the size (which fit in none of the holes), all go. The sizes
    /// double from round to round, eight times, and begin again.
    Fragmenter,
    /// `live` vectors that double by realloc from a first size drawn, eight times, and are then freed.
    Growth,
}

impl Shape {
    /// All shapes, with their default parameters: 4 cycles, 8 phases.
    pub const ALL: [Shape; 5] = [
        Shape::Steady,
        Shape::Ramp { cycles: 4 },
        Shape::Phases { phases: 8 },
        Shape::Fragmenter,
        Shape::Growth,
    ];

    /// The name in a preset: `steady`, `ramp`, `phases`, `fragmenter`, `growth`.
    pub const fn name(self) -> &'static str {
        match self {
            Shape::Steady => "steady",
            Shape::Ramp { .. } => "ramp",
            Shape::Phases { .. } => "phases",
            Shape::Fragmenter => "fragmenter",
            Shape::Growth => "growth",
        }
    }

    pub(super) fn list() -> String {
        Shape::ALL.map(Shape::name).join(", ")
    }
}

/// Doublings of a vector, and of the fragmenter's sizes, before it begins again.
const DOUBLINGS: u32 = 8;
/// Operations between two words to the watcher.
const REPORT_EVERY: u64 = 1 << 15;

pub(super) fn generate(workload: &Workload, progress: &mut dyn Progress) -> Result<AllocTrace, TraceError> {
    let mut machine = Machine {
        workload,
        sizes: workload.sizes.sampler()?,
        random: Random::new(workload.seed),
        trace: AllocTraceBuilder::with_limit(workload.operations),
        deaths: BinaryHeap::new(),
        live: Vec::new(),
        places: Vec::new(),
        owners: Vec::new(),
        progress,
    };
    machine.trace.set_comment(workload.to_string());
    let done = match workload.shape {
        Shape::Steady => machine.follow(|_| workload.live, 0, 1),
        Shape::Ramp { cycles } => machine.follow(|operation| ramp(workload, cycles, operation), 0, 1),
        Shape::Phases { phases } => machine.follow(|_| workload.live, phases, 3),
        Shape::Fragmenter => machine.fragment(),
        Shape::Growth => machine.grow(),
    };
    match done {
        Ok(()) | Err(Stop::Finished) => Ok(machine.trace.finish()),
        Err(Stop::Cancelled) => Err(TraceError::Cancelled),
        Err(Stop::Failed(reason)) => Err(TraceError::Event { index: machine.trace.events().len(), reason }),
    }
}

/// How many blocks should live at `operation` of a ramp.
fn ramp(workload: &Workload, cycles: u32, operation: u64) -> u64 {
    let steps = 2 * u128::from(cycles);
    let scaled = u128::from(operation) * steps * u128::from(workload.live) / u128::from(workload.operations);
    let position = scaled % (2 * u128::from(workload.live));
    let live = u128::from(workload.live);
    (if position <= live { position } else { 2 * live - position }) as u64
}

/// Why a machine stops.
enum Stop {
    Finished,
    Cancelled,
    Failed(Reason),
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::TooManyEvents { .. } => Stop::Finished,
            reason => Stop::Failed(reason),
        }
    }
}

struct Machine<'a> {
    workload: &'a Workload,
    sizes: Sampler<'a>,
    random: Random,
    trace: AllocTraceBuilder,
    /// The live blocks by moment of death; ties go to the older.
    deaths: BinaryHeap<Reverse<(u64, u32)>>,
    /// The live blocks in no order, for picking one at random.
    live: Vec<u32>,
    /// For each id its place in `live`.
    places: Vec<u32>,
    owners: Vec<u32>,
    progress: &'a mut dyn Progress,
}

impl Machine<'_> {
    /// Keeps as many blocks alive as `target` says for each operation; with phases, drops and scales at each.
    fn follow(&mut self, target: impl Fn(u64) -> u64, phases: u32, scales: u32) -> Result<(), Stop> {
        let mut phase = 0;
        while self.done() < self.workload.operations {
            let operation = self.done();
            if phases > 0 {
                let now = u128::from(operation) * u128::from(phases) / u128::from(self.workload.operations);
                if now as u32 != phase {
                    phase = now as u32;
                    let survivors = self.live.len() / 8;
                    while self.live.len() > survivors {
                        let victim = self.random.below(self.live.len() as u64) as usize;
                        self.free(self.live[victim])?;
                    }
                    self.deaths.retain(|Reverse((_, id))| self.places[*id as usize] != u32::MAX);
                }
            }
            let live = self.live.len() as u64;
            if live > 0 && self.random.chance(self.workload.realloc_percent) {
                self.resize_any(phase % scales)?;
            } else if live < target(operation).max(1) {
                self.allocate_mortal(phase % scales)?;
            } else {
                self.free_next()?;
            }
        }
        Ok(())
    }

    fn fragment(&mut self) -> Result<(), Stop> {
        for round in (0..DOUBLINGS).cycle() {
            let first = self.sizes.draw(&mut self.random).max(1);
            let size = (first << round).min(MAX_SIZE);
            let blocks =
                (0..self.workload.live).map(|_| self.allocate(size)).collect::<Result<Vec<_>, _>>()?;
            for &id in blocks.iter().step_by(2) {
                self.free(id)?;
            }
            let larger = self.workload.live.div_ceil(4);
            let large = (0..larger).map(|_| self.allocate(2 * size)).collect::<Result<Vec<_>, _>>()?;
            for &id in blocks.iter().skip(1).step_by(2).chain(&large) {
                self.free(id)?;
            }
        }
        Ok(())
    }

    fn grow(&mut self) -> Result<(), Stop> {
        /// A vector: its block, its size, and how often it has doubled.
        #[derive(Clone, Copy)]
        struct Vector {
            id: u32,
            size: u64,
            doublings: u32,
        }
        // More vectors than operations would only cost memory.
        let count = self.workload.live.min(self.workload.operations);
        let mut vectors: Vec<Option<Vector>> = Vec::new();
        loop {
            let index = self.random.below(count) as usize;
            if index >= vectors.len() {
                vectors.resize(index + 1, None);
            }
            vectors[index] = match vectors[index] {
                None => {
                    let size = self.sizes.draw(&mut self.random).max(1);
                    Some(Vector { id: self.allocate(size)?, size, doublings: 0 })
                }
                Some(Vector { id, doublings: DOUBLINGS, .. }) => {
                    self.free(id)?;
                    None
                }
                Some(vector) => {
                    let size = (2 * vector.size).min(MAX_SIZE);
                    self.watch()?;
                    self.trace.set_thread(self.owners[vector.id as usize].into())?;
                    self.trace.realloc(vector.id, size)?;
                    Some(Vector { size, doublings: vector.doublings + 1, ..vector })
                }
            };
        }
    }

    fn done(&self) -> u64 {
        self.trace.events().len() as u64
    }

    /// Tells the watcher; called before each operation.
    fn watch(&mut self) -> Result<(), Stop> {
        let done = self.done();
        if done % REPORT_EVERY == 0 && self.progress.report(done, Some(self.workload.operations)).is_break() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }

    fn allocate_mortal(&mut self, doublings_of_four: u32) -> Result<(), Stop> {
        let size = self.sizes.draw(&mut self.random) << (2 * doublings_of_four);
        let id = self.allocate(size)?;
        let now = u64::from(id);
        let death = self.workload.lifetimes.death(now, self.workload.live, &mut self.random);
        self.deaths.push(Reverse((death, id)));
        Ok(())
    }

    fn allocate(&mut self, size: u64) -> Result<u32, Stop> {
        self.watch()?;
        let thread = self.random.below(u64::from(self.workload.threads)) as u32;
        self.trace.set_thread(thread.into())?;
        let kinds = if self.workload.calloc_percent + self.workload.aligned_percent > 0 {
            self.random.below(100) as u8
        } else {
            100
        };
        let id = if kinds < self.workload.calloc_percent {
            self.trace.calloc(size)?
        } else if kinds < self.workload.calloc_percent + self.workload.aligned_percent {
            let log2 = self.workload.alignment.trailing_zeros();
            self.trace.allocate(EventKind::Aligned, size, log2)?
        } else {
            self.trace.malloc(size)?
        };
        self.places.push(self.live.len() as u32);
        self.live.push(id);
        self.owners.push(thread);
        Ok(id)
    }

    fn resize_any(&mut self, doublings_of_four: u32) -> Result<(), Stop> {
        self.watch()?;
        let index = self.random.below(self.live.len() as u64) as usize;
        let id = self.live[index];
        // A size of 0 would be a free.
        let size = (self.sizes.draw(&mut self.random) << (2 * doublings_of_four)).max(1);
        self.trace.set_thread(self.owners[id as usize].into())?;
        self.trace.realloc(id, size)?;
        Ok(())
    }

    /// Frees the block whose moment comes first.
    fn free_next(&mut self) -> Result<(), Stop> {
        match self.deaths.pop() {
            Some(Reverse((_, id))) => self.free(id),
            None => Ok(()),
        }
    }

    fn free(&mut self, id: u32) -> Result<(), Stop> {
        self.watch()?;
        let thread = if self.random.chance(self.workload.cross_percent) {
            self.random.below(u64::from(self.workload.threads)) as u32
        } else {
            self.owners[id as usize]
        };
        self.trace.set_thread(thread.into())?;
        self.trace.free(id)?;
        let place = self.places[id as usize] as usize;
        self.live.swap_remove(place);
        if let Some(&moved) = self.live.get(place) {
            self.places[moved as usize] = place as u32;
        }
        self.places[id as usize] = u32::MAX;
        Ok(())
    }
}
