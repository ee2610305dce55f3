//! Naive reference models.
//!
//! A model keeps the live blocks as a plain list and answers every call by looking through all of it; what it does not
//! have to remember, it works out anew each time. A [`Policy`] adds what a strategy is: where a block goes, and which
//! parts of the space are holes. Nothing here is fast, and nothing resembles the engine: no links, no trees, no bins, no
//! slots, no generations. Arithmetic is in 128 bits, where nothing can overflow.

mod book;
mod buddy;
mod fits;
mod linear;
mod picks;
mod pool;
mod size_classes;

use crate::script::{Call, Label, Space, Subject};
use crate::show;
use book::{Book, Entry};
use memcore::alloc::{Budget, Capabilities, Histogram, Request, Stats, Strategy};
use std::collections::{BTreeMap, HashMap};

/// A refusal, in the words of the vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

/// `failure!(RangeTaken, start, size)` shows the values of these variables.
macro_rules! failure {
    ($name:ident $(, $field:ident)*) => {
        $crate::model::Failure(String::from(stringify!($name)) $(+ &format!(" {}={}", stringify!($field), $field))*)
    };
}
use failure;

/// Where a block is: start and size.
type Range = (u64, u64);

/// One move of a compaction: who, from, to, size.
type Step = (Label, u64, u64, u64);

/// What distinguishes a strategy.
trait Policy: Clone {
    const NAME: &'static str;

    fn capabilities(&self, book: &Book) -> Capabilities;

    /// Decides where a new block goes, and remembers that it is there.
    fn place(&mut self, book: &Book, label: &Label, request: &Request) -> Result<Range, Failure>;

    /// The same at a wanted address.
    fn place_at(&mut self, _: &Book, _: &Label, _start: u64, _: &Request) -> Result<Range, Failure> {
        Err(unsupported::<Self>("AllocateAt"))
    }

    /// Whether it would be placed; the policy is not used any more.
    fn can_place(&mut self, book: &Book, label: &Label, request: &Request) -> bool {
        self.place(book, label, request).is_ok()
    }

    /// A block, which is still in the book, is about to be freed.
    fn free(&mut self, book: &Book, entry: &Entry) -> Result<(), Failure>;

    /// The size that a block in the book takes from now on.
    fn resize(&mut self, book: &Book, entry: &Entry, size: u64) -> Result<u64, Failure>;

    /// Holes in address order.
    fn holes(&self, book: &Book) -> Vec<Range>;

    /// Parts that are neither used nor free, in address order.
    fn dead(&self, _: &Book) -> Vec<Range> {
        Vec::new()
    }

    fn largest_sure(&self, book: &Book) -> u64 {
        largest(&self.holes(book))
    }

    /// The space's capacity is about to become `capacity`, which is more.
    fn grow(&mut self, _: &Book, _capacity: u64) -> Result<(), Failure> {
        Ok(())
    }

    /// The order in which a reset frees the blocks.
    fn reset_order(&self, book: &Book) -> Vec<Label> {
        book.live.iter().map(|entry| entry.label.clone()).collect()
    }

    /// Everything was freed by a reset.
    fn was_reset(&mut self) {}

    fn checkpoint(&mut self, _: &Label) -> Result<u64, Failure> {
        Err(unsupported::<Self>("Checkpoint"))
    }

    /// The live blocks that a rewind frees.
    fn rewind(&mut self, _: &Book, _: &Label) -> Result<Vec<Label>, Failure> {
        Err(unsupported::<Self>("Checkpoint"))
    }

    fn plan(&self, _: &Book, _: &Budget, _pinned: &[Label]) -> Result<Vec<Step>, Failure> {
        Err(unsupported::<Self>("Compact"))
    }

    /// A block moves; the book does not know yet.
    fn moved(&mut self, _: &Book, _: &Step) {}

    /// All moves of a plan were made.
    fn compacted(&mut self) {}
}

fn unsupported<P: Policy>(operation: &'static str) -> Failure {
    let strategy = P::NAME;
    failure!(Unsupported, operation, strategy)
}

fn largest(holes: &[Range]) -> u64 {
    holes.iter().map(|hole| hole.1).max().unwrap_or(0)
}

/// A model of one strategy.
#[derive(Clone)]
struct Model<P> {
    book: Book,
    policy: P,
    plans: HashMap<Label, (u64, Vec<Step>)>,
}

/// Makes the model of a space, or says why there can be none.
pub fn model(space: &Space) -> Result<Box<dyn Subject>, Failure> {
    let book = Book::new(space)?;
    Ok(match &space.strategy {
        Strategy::Buddy => boxed(book, buddy::Buddy),
        Strategy::Bump => boxed(book, linear::Linear::<true>::default()),
        Strategy::Stack => boxed(book, linear::Linear::<false>::default()),
        &Strategy::Pool { slot } => {
            let (book, pool) = pool::Pool::new(book, slot)?;
            boxed(book, pool)
        }
        Strategy::SizeClasses(parameters) => {
            let (book, classes) = size_classes::SizeClasses::new(book, parameters)?;
            boxed(book, classes)
        }
        fit => picks::with_pick(fit, book, BoxModel)?,
    })
}

fn boxed<P: Policy + 'static>(book: Book, policy: P) -> Box<dyn Subject> {
    Box::new(Model { book, policy, plans: HashMap::new() })
}

/// Boxes whichever of the fits a strategy names.
struct BoxModel;

impl picks::Use for BoxModel {
    type Output = Box<dyn Subject>;
    fn with<K: picks::Pick + 'static>(self, book: Book, pick: K) -> Self::Output {
        let fits = fits::Fits::new(&book, pick);
        boxed(book, fits)
    }
}

impl<P: Policy> Subject for Model<P> {
    fn call(&mut self, call: &Call) -> String {
        self.answer(call).unwrap_or_else(|Failure(text)| format!("error {text}"))
    }
}

impl<P: Policy> Model<P> {
    fn answer(&mut self, call: &Call) -> Result<String, Failure> {
        let done = || "ok".to_string();
        Ok(match call {
            Call::Allocate(label, request) => {
                let place = self.policy.place(&self.book, label, request)?;
                self.book.enter(label, request, place)
            }
            Call::AllocateAt(label, start, request) => {
                let place = self.policy.place_at(&self.book, label, *start, request)?;
                self.book.enter(label, request, place)
            }
            Call::CanAllocate(request) => {
                let mut trial = self.clone();
                trial.book.most = None;
                show::yes_or_no(trial.policy.can_place(&trial.book, &"trial".into(), request))
            }
            Call::Free(label) => self.free(label)?,
            Call::FreeAt(start) => {
                let label = self.starting(*start, "FreeAt")?;
                self.free(&label)?
            }
            Call::Resize(label, size) => self.resize(label, *size)?,
            Call::Block(label) => self.book.find(label)?.shown(),
            Call::Alignment(label) => self.book.find(label)?.alignment.to_string(),
            Call::BlockAt(start) => {
                let label = self.starting(*start, "BlockAt")?;
                self.book.find(&label)?.shown()
            }
            Call::Containing(offset) => {
                self.needs_index("Containing")?;
                let offset = *offset;
                let around = self.book.live.iter().find(|entry| entry.contains(offset));
                around.ok_or(failure!(UnknownOffset, offset))?.shown()
            }
            Call::Tag(label) => {
                let tag = self.book.find(label)?.tag;
                self.needs_tags()?;
                tag.to_string()
            }
            Call::SetTag(label, tag) => {
                self.book.find(label)?;
                self.needs_tags()?;
                self.book.find_mut(label).tag = *tag;
                done()
            }
            Call::Capacity => self.book.capacity.to_string(),
            Call::LargestHole => largest(&self.policy.holes(&self.book)).to_string(),
            Call::LargestSure => self.policy.largest_sure(&self.book).to_string(),
            Call::Grow(capacity) => {
                let wanted = capacity / self.book.unit * self.book.unit;
                let capacity = self.book.capacity;
                if wanted < capacity {
                    return Err(failure!(CapacityShrink, capacity, wanted));
                }
                if wanted > capacity {
                    self.policy.grow(&self.book, wanted)?;
                    self.book.capacity = wanted;
                    self.book.changes += 1;
                }
                done()
            }
            Call::Reset => {
                for label in self.policy.reset_order(&self.book) {
                    self.free(&label)?;
                }
                self.policy.was_reset();
                done()
            }
            Call::Checkpoint(label) => format!("position={}", self.policy.checkpoint(label)?),
            Call::Rewind(label) => {
                for label in self.policy.rewind(&self.book, label)? {
                    self.book.strike(&label);
                }
                done()
            }
            Call::Plan(label, budget, pinned) => {
                if self.policy.capabilities(&self.book).compaction {
                    for pin in pinned {
                        self.book.find(pin)?;
                    }
                }
                let plan = self.policy.plan(&self.book, budget, pinned)?;
                let text =
                    show::list(plan.iter().map(|(id, from, to, size)| format!("{id}:{from}>{to}:{size}")));
                self.plans.insert(label.clone(), (self.book.changes, plan));
                text
            }
            Call::Commit(label) => {
                let (made, plan) = self.plans[label].clone();
                if made != self.book.changes {
                    return Err(failure!(OutdatedPlan));
                }
                for step in &plan {
                    self.policy.moved(&self.book, step);
                    self.book.relocate(step);
                }
                self.policy.compacted();
                done()
            }
            Call::Stats => show::stats(&self.stats()),
            Call::Fragmentation => {
                let stats = self.stats();
                let part = |part: u64, whole: u64| part as f64 / whole as f64;
                let external = if stats.free == 0 { 0.0 } else { 1.0 - part(stats.largest_hole, stats.free) };
                let internal = if stats.used == 0 { 0.0 } else { 1.0 - part(stats.requested, stats.used) };
                let utilisation =
                    if stats.footprint == 0 { 1.0 } else { part(stats.peak_requested, stats.footprint) };
                show::fragmentation(external, internal, utilisation)
            }
            Call::Regions => self.regions(),
            Call::Tags => {
                self.needs_tags()?;
                let mut usage = BTreeMap::<u32, (u64, u64, u64)>::new();
                for entry in &self.book.live {
                    let (blocks, requested, used) = usage.entry(entry.tag).or_default();
                    (*blocks, *requested, *used) =
                        (*blocks + 1, *requested + entry.requested, *used + entry.size);
                }
                show::list(
                    usage.iter().map(|(tag, (blocks, asked, used))| format!("{tag}:{blocks}:{asked}:{used}")),
                )
            }
            Call::BlockHistogram => histogram(self.book.live.iter().map(|entry| entry.size)),
            Call::HoleHistogram => histogram(self.policy.holes(&self.book).iter().map(|hole| hole.1)),
            Call::Capabilities => show::capabilities(&self.policy.capabilities(&self.book)),
            Call::Validate => done(),
        })
    }

    fn free(&mut self, label: &Label) -> Result<String, Failure> {
        let entry = self.book.find_to_free(label)?.clone();
        self.policy.free(&self.book, &entry)?;
        self.book.strike(label);
        Ok(entry.shown())
    }

    fn resize(&mut self, label: &Label, size: u64) -> Result<String, Failure> {
        let id = label;
        if size == 0 {
            return Err(failure!(ZeroSize));
        }
        if P::NAME == "pool" {
            let entry = self.book.find(label)?;
            let available = self.book.unit;
            if size > available {
                return Err(failure!(NoRoomInPlace, id, size, available));
            }
            self.book.resized(&entry.label.clone(), size, available);
            return Ok(self.book.find(label)?.shown());
        }
        self.book.round(size)?;
        let entry = self.book.find(label)?.clone();
        let now = self.policy.resize(&self.book, &entry, size)?;
        self.book.resized(label, size, now);
        Ok(self.book.find(label)?.shown())
    }

    fn needs_index(&self, operation: &'static str) -> Result<(), Failure> {
        let can = self.policy.capabilities(&self.book).find_by_address;
        if can { Ok(()) } else { Err(failure!(NoAddressIndex, operation)) }
    }

    fn needs_tags(&self) -> Result<(), Failure> {
        if self.book.tags { Ok(()) } else { Err(failure!(NoTags)) }
    }

    fn starting(&self, start: u64, operation: &'static str) -> Result<Label, Failure> {
        self.needs_index(operation)?;
        let there = self.book.live.iter().find(|entry| entry.start == start);
        there.map(|entry| entry.label.clone()).ok_or(failure!(UnknownStart, start))
    }

    fn stats(&self) -> Stats {
        let (book, holes) = (&self.book, self.policy.holes(&self.book));
        Stats {
            capacity: book.capacity,
            used: book.used(),
            free: holes.iter().map(|hole| hole.1).sum(),
            dead: self.policy.dead(book).iter().map(|dead| dead.1).sum(),
            requested: book.requested(),
            blocks: book.live.len() as u64,
            holes: holes.len() as u64,
            largest_hole: largest(&holes),
            footprint: book.footprint,
            peak_used: book.peak_used,
            peak_requested: book.peak_requested,
            allocations: book.allocations,
            frees: book.frees,
        }
    }

    fn regions(&self) -> String {
        let mut parts = Vec::new();
        for entry in &self.book.live {
            parts.push((entry.start, format!("used:{}:{}:{}", entry.label, entry.start, entry.size)));
        }
        for (start, size) in self.policy.holes(&self.book) {
            parts.push((start, format!("hole:{start}:{size}")));
        }
        for (start, size) in self.policy.dead(&self.book) {
            parts.push((start, format!("dead:{start}:{size}")));
        }
        parts.sort();
        show::list(parts.into_iter().map(|(_, text)| text))
    }
}

fn histogram(sizes: impl Iterator<Item = u64>) -> String {
    let mut histogram = Histogram { counts: vec![0; 64], bytes: vec![0; 64] };
    for size in sizes {
        let class = (0..64).rev().find(|&k| size >= 1 << k).unwrap();
        histogram.counts[class] += 1;
        histogram.bytes[class] += size;
    }
    show::histogram(&histogram)
}
