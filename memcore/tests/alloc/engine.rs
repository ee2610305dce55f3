//! The engine's side: calls become calls of [`Allocator`], results become text.

use crate::script::{Call, Label, Subject};
use crate::show;
use memcore::alloc::storage::Storage;
use memcore::alloc::{AllocError, Allocator, AnyAllocator, Block, BlockId, Checkpoint, CompactionPlan};
use memcore::alloc::{Region, RegionKind, Regions};
use std::collections::HashMap;

/// An allocator, and what the script calls its blocks.
pub struct Engine<S: Storage> {
    pub space: AnyAllocator<S>,
    ids: HashMap<Label, BlockId>,
    labels: HashMap<BlockId, Label>,
    checkpoints: HashMap<Label, Checkpoint>,
    plans: HashMap<Label, CompactionPlan>,
}

impl<S: Storage> Subject for Engine<S> {
    fn call(&mut self, call: &Call) -> String {
        self.answer(call).unwrap_or_else(|error| self.error(&error))
    }
}

impl<S: Storage> Engine<S> {
    pub fn new(space: AnyAllocator<S>) -> Self {
        let (ids, labels) = (HashMap::new(), HashMap::new());
        Engine { space, ids, labels, checkpoints: HashMap::new(), plans: HashMap::new() }
    }

    fn answer(&mut self, call: &Call) -> Result<String, AllocError> {
        let done = || "ok".to_string();
        Ok(match call {
            Call::Allocate(label, request) => {
                let (foretold, placed) = (self.space.size_for(request), self.space.allocate(*request));
                self.check_foretold(foretold, placed);
                self.named(label, &placed?)
            }
            Call::AllocateAt(label, start, request) => {
                let block = self.space.allocate_at(*start, *request)?;
                self.named(label, &block)
            }
            Call::CanAllocate(request) => show::yes_or_no(self.space.can_allocate(*request)),
            Call::Free(label) => {
                let block = self.space.free(self.id(label))?;
                self.block(&block)
            }
            Call::FreeAt(start) => {
                let block = self.space.free_at(*start)?;
                self.block(&block)
            }
            Call::Resize(label, size) => {
                let block = self.space.resize(self.id(label), *size)?;
                self.block(&block)
            }
            Call::Block(label) => self.block(&self.space.block(self.id(label))?),
            Call::Alignment(label) => self.space.alignment(self.id(label))?.to_string(),
            Call::BlockAt(start) => self.block(&self.space.block_at(*start)?),
            Call::Containing(offset) => self.block(&self.space.containing(*offset)?),
            Call::Tag(label) => self.space.tag(self.id(label))?.to_string(),
            Call::SetTag(label, tag) => {
                self.space.set_tag(self.id(label), *tag)?;
                done()
            }
            Call::Capacity => self.space.capacity().to_string(),
            Call::LargestHole => self.space.largest_hole().to_string(),
            Call::LargestSure => self.space.largest_sure().to_string(),
            Call::Grow(capacity) => {
                self.space.grow(*capacity)?;
                done()
            }
            Call::Reset => {
                self.space.reset()?;
                done()
            }
            Call::Checkpoint(label) => {
                let checkpoint = self.space.checkpoint()?;
                self.checkpoints.insert(label.clone(), checkpoint);
                format!("position={}", checkpoint.position)
            }
            Call::Rewind(label) => {
                self.space.rewind(self.checkpoints[label])?;
                done()
            }
            Call::Plan(label, budget, pinned) => {
                let pinned: Vec<BlockId> = pinned.iter().map(|label| self.id(label)).collect();
                let plan = self.space.plan_compaction(*budget, &pinned)?;
                let moves = plan.moves().iter();
                let text =
                    show::list(moves.map(|step| {
                        format!("{}:{}>{}:{}", self.label(step.id), step.from, step.to, step.size)
                    }));
                self.plans.insert(label.clone(), plan);
                text
            }
            Call::Commit(label) => {
                self.space.commit(&self.plans[label])?;
                done()
            }
            Call::Stats => {
                let stats = self.space.stats();
                assert_eq!((self.space.used(), self.space.largest_hole()), (stats.used, stats.largest_hole));
                show::stats(&stats)
            }
            Call::Fragmentation => {
                let stats = self.space.stats();
                let (external, internal) = (stats.external_fragmentation(), stats.internal_fragmentation());
                show::fragmentation(external, internal, stats.utilisation())
            }
            Call::Regions => show::list(Regions::new(&self.space).map(|region| self.region(&region))),
            Call::Tags => {
                let usage = self.space.usage_by_tag()?.into_iter();
                show::list(
                    usage.map(|(tag, usage)| {
                        format!("{tag}:{}:{}:{}", usage.blocks, usage.requested, usage.used)
                    }),
                )
            }
            Call::BlockHistogram => show::histogram(&self.space.block_histogram()),
            Call::HoleHistogram => show::histogram(&self.space.hole_histogram()),
            Call::Capabilities => show::capabilities(&self.space.capabilities()),
            Call::Validate => match self.space.validate() {
                Ok(()) => done(),
                Err(corruption) => corruption.to_string(),
            },
        })
    }

    /// What `size_for` says of a request is what allocating it does; only size classes may place a block alone, in
    /// less than its class or in whole pages (of 64 bytes at most, here), where there is no room for a span.
    fn check_foretold(&self, foretold: Result<u64, AllocError>, placed: Result<Block, AllocError>) {
        match (foretold, placed) {
            (Ok(size), Ok(block)) if self.space.name() == "size-classes" => {
                assert!(block.size <= size.checked_next_multiple_of(64).unwrap_or(u64::MAX));
            }
            (Ok(size), Ok(block)) => assert_eq!(block.size, size),
            (Err(bad_request), placed) => assert_eq!(placed, Err(bad_request)),
            (Ok(_), Err(_)) => {}
        }
    }

    fn named(&mut self, label: &Label, block: &Block) -> String {
        self.ids.insert(label.clone(), block.id);
        let before = self.labels.insert(block.id, label.clone());
        assert_eq!(before, None, "the id {} was given out twice", block.id);
        self.block(block)
    }

    /// The id behind a label, or the one whose bits are given.
    pub fn id(&self, label: &str) -> BlockId {
        match label.strip_prefix("raw:") {
            Some(bits) => BlockId::from_bits(bits.parse().unwrap()).expect("0 is not an id"),
            None => self.ids[label],
        }
    }

    fn label(&self, id: BlockId) -> String {
        self.labels.get(&id).map_or_else(|| format!("raw:{}", id.to_bits()), |label| label.to_string())
    }

    fn block(&self, block: &Block) -> String {
        show::block(self.label(block.id), block.start, block.size, block.requested)
    }

    fn region(&self, region: &Region) -> String {
        let &Region { start, size, .. } = region;
        match region.kind {
            RegionKind::Used(block) => format!("used:{}:{start}:{size}", self.label(block.id)),
            RegionKind::Hole => format!("hole:{start}:{size}"),
            RegionKind::Dead => format!("dead:{start}:{size}"),
        }
    }

    fn error(&self, error: &AllocError) -> String {
        format!("error {}", error_text(error, |id| self.label(id)))
    }
}

/// An error in the words of the vectors.
pub fn error_text(error: &AllocError, label: impl Fn(BlockId) -> String) -> String {
    use AllocError::*;
    match *error {
        ZeroSize => "ZeroSize".into(),
        NoTags => "NoTags".into(),
        OutdatedPlan { .. } => "OutdatedPlan".into(),
        TooLarge { size, capacity } => format!("TooLarge size={size} capacity={capacity}"),
        BadAlignment { alignment } => format!("BadAlignment alignment={alignment}"),
        BadBias { bias, alignment, granularity } => {
            format!("BadBias bias={bias} alignment={alignment} granularity={granularity}")
        }
        Overflow { size, granularity } => format!("Overflow size={size} granularity={granularity}"),
        OutOfSpace { size, alignment, free, largest_hole } => {
            format!("OutOfSpace size={size} alignment={alignment} free={free} largest_hole={largest_hole}")
        }
        OutOfMetadata { blocks } => format!("OutOfMetadata blocks={blocks}"),
        StaleId { id } => format!("StaleId id={}", label(id)),
        DoubleFree { id } => format!("DoubleFree id={}", label(id)),
        UnknownId { id } => format!("UnknownId id={}", label(id)),
        UnknownStart { start } => format!("UnknownStart start={start}"),
        UnknownOffset { offset } => format!("UnknownOffset offset={offset}"),
        NotTop { id, top } => format!("NotTop id={} top={}", label(id), label(top)),
        RangeTaken { start, size } => format!("RangeTaken start={start} size={size}"),
        BadStart { start, needs, multiple } => {
            format!("BadStart start={start} needs={needs:?} multiple={multiple}")
        }
        NoRoomInPlace { id, size, available } => {
            format!("NoRoomInPlace id={} size={size} available={available}", label(id))
        }
        CapacityShrink { capacity, wanted } => format!("CapacityShrink capacity={capacity} wanted={wanted}"),
        BadParameter { name, value, .. } => format!("BadParameter name={name} value={value}"),
        Unsupported { operation, strategy } => {
            format!("Unsupported operation={operation:?} strategy={strategy}")
        }
        NoAddressIndex { operation } => format!("NoAddressIndex operation={operation:?}"),
        BadCheckpoint { position } => format!("BadCheckpoint position={position}"),
        other => panic!("the vectors have no words for {other:?}"),
    }
}
