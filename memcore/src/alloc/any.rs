//! Every strategy behind one type, for a choice at run time.

use super::buddy::Buddy;
use super::bump::Bump;
use super::compaction::{Budget, CompactionPart, CompactionPlan};
use super::pool::Pool;
use super::size_classes::{SizeClassParameters, SizeClasses};
use super::stack::Stack;
use super::storage::{Growable, Storage};
use super::*;

/// An enum of allocators that is one: each call goes to the variant.
macro_rules! one_of {
    ($(#[$doc:meta])* $name:ident { $($variant:ident($allocator:ident)),+ $(,)? }) => {
        $(#[$doc])*
        #[allow(clippy::large_enum_variant)] // one level of indirection would cost every call
        pub enum $name<S: Storage = Growable> {
            $(#[doc = concat!("See [`", stringify!($allocator), "`].")] $variant($allocator<S>),)+
        }

        impl<S: Storage> $name<S> {
            /// Makes the tables ready for use.
            pub(crate) fn open(&mut self) -> Result<()> {
                match self { $($name::$variant(allocator) => allocator.open(),)+ }
            }
        }

        impl Clone for $name<Growable> {
            fn clone(&self) -> Self {
                match self { $($name::$variant(allocator) => $name::$variant(allocator.clone()),)+ }
            }
        }

        one_of!(@calls $name { $($variant),+ }
            fn name(&self) -> &'static str;
            fn capabilities(&self) -> Capabilities;
            fn capacity(&self) -> u64;
            fn granularity(&self) -> u64;
            fn allocate(&mut self, request: Request) -> Result<Block>;
            fn allocate_at(&mut self, start: u64, request: Request) -> Result<Block>;
            fn can_allocate(&self, request: Request) -> bool;
            fn size_for(&self, request: &Request) -> Result<u64>;
            fn used(&self) -> u64;
            fn free(&mut self, id: BlockId) -> Result<Block>;
            fn free_at(&mut self, start: u64) -> Result<Block>;
            fn resize(&mut self, id: BlockId, size: u64) -> Result<Block>;
            fn block(&self, id: BlockId) -> Result<Block>;
            fn alignment(&self, id: BlockId) -> Result<u64>;
            fn block_at(&self, start: u64) -> Result<Block>;
            fn containing(&self, offset: u64) -> Result<Block>;
            fn tag(&self, id: BlockId) -> Result<u32>;
            fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()>;
            fn stats(&self) -> Stats;
            fn largest_hole(&self) -> u64;
            fn largest_sure(&self) -> u64;
            fn metadata_bytes(&self) -> usize;
            fn optional_bytes(&self) -> usize;
            fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region>;
            fn grow(&mut self, capacity: u64) -> Result<()>;
            fn reset(&mut self) -> Result<()>;
            fn checkpoint(&self) -> Result<Checkpoint>;
            fn rewind(&mut self, checkpoint: Checkpoint) -> Result<()>;
            fn plan_compaction(&self, budget: Budget, pinned: &[BlockId]) -> Result<CompactionPlan>;
            fn plan_compaction_part(&self, after: Option<BlockId>, blocks: u64, budget: Budget, is_pinned: &dyn Fn(BlockId) -> bool) -> Result<CompactionPart>;
            fn commit(&mut self, plan: &CompactionPlan) -> Result<()>;
            fn neighbours(&self, id: BlockId) -> Result<(Option<Block>, Option<Block>)>;
            fn validate(&self) -> core::result::Result<(), Corruption>;
        );
    };
    (@calls $name:ident $variants:tt $(fn $call:ident $arguments:tt -> $result:ty;)+) => {
        impl<S: Storage> Allocator for $name<S> {
            $(one_of!(@call $name $variants $call $arguments $result);)+
        }
    };
    (@call $name:ident $variants:tt $call:ident (&self $(, $argument:ident: $type:ty)*) $result:ty) => {
        #[inline]
        fn $call(&self $(, $argument: $type)*) -> $result {
            one_of!(@match self $name $variants $call ($($argument),*))
        }
    };
    (@call $name:ident $variants:tt $call:ident (&mut self $(, $argument:ident: $type:ty)*) $result:ty) => {
        #[inline]
        fn $call(&mut self $(, $argument: $type)*) -> $result {
            one_of!(@match self $name $variants $call ($($argument),*))
        }
    };
    (@match $self:ident $name:ident { $($variant:ident),+ } $call:ident $arguments:tt) => {
        match $self { $($name::$variant(allocator) => allocator.$call $arguments,)+ }
    };
}

one_of! {
    /// An allocator of any strategy, chosen at run time by a [`Strategy`].
    ///
    /// ```
    /// use memcore::alloc::{Allocator, AnyAllocator, Request};
    /// let mut space = AnyAllocator::new(&"next-fit".parse().unwrap(), 1024)?;
    /// assert_eq!(space.allocate(Request::new(100))?.start, 0);
    /// # Ok::<(), memcore::alloc::AllocError>(())
    /// ```
    AnyAllocator {
        FirstFit(FirstFit),
        NextFit(NextFit),
        BestFit(BestFit),
        BestFitRecent(BestFitRecent),
        WorstFit(WorstFit),
        Tlsf(Tlsf),
        TlsfLowest(TlsfLowest),
        Buddy(Buddy),
        SizeClasses(SizeClasses),
        Pool(Pool),
        Bump(Bump),
        Stack(Stack),
    }
}

one_of! {
    /// What can stand behind the size classes: the strategies that serve any size.
    FallbackAllocator {
        FirstFit(FirstFit),
        NextFit(NextFit),
        BestFit(BestFit),
        WorstFit(WorstFit),
        Tlsf(Tlsf),
    }
}

impl AnyAllocator {
    /// An allocator with growable tables.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter), [`OutOfMetadata`](AllocError::OutOfMetadata).
    pub fn new(strategy: &Strategy, options: impl Into<Options>) -> Result<Self> {
        Self::in_storage(strategy, options, &mut Growable::default())
    }
}

impl<S: Storage> AnyAllocator<S> {
    /// An allocator in a storage of the caller's choice; for a [`Fixed`](super::storage::Fixed) one,
    /// [`Strategy::fixed_words`] tells how large it must be.
    ///
    /// # Errors
    /// As [`new`](AnyAllocator::new).
    pub fn in_storage(strategy: &Strategy, options: impl Into<Options>, storage: &mut S) -> Result<Self> {
        let mut allocator = Self::assemble(strategy, options.into(), storage)?;
        allocator.open()?;
        Ok(allocator)
    }

    /// The empty tables, not yet ready for use.
    pub(crate) fn assemble(strategy: &Strategy, options: Options, storage: &mut S) -> Result<Self> {
        Ok(match strategy {
            Strategy::FirstFit => AnyAllocator::FirstFit(HoleAllocator::assemble(options, (), storage)?),
            Strategy::NextFit => AnyAllocator::NextFit(HoleAllocator::assemble(options, (), storage)?),
            Strategy::BestFit { tie: Tie::Lowest } => {
                AnyAllocator::BestFit(HoleAllocator::assemble(options, (), storage)?)
            }
            Strategy::BestFit { tie: Tie::Recent } => {
                AnyAllocator::BestFitRecent(HoleAllocator::assemble(options, (), storage)?)
            }
            Strategy::WorstFit => AnyAllocator::WorstFit(HoleAllocator::assemble(options, (), storage)?),
            &Strategy::Tlsf { parameters, tie: Tie::Recent } => {
                AnyAllocator::Tlsf(HoleAllocator::assemble(options, parameters, storage)?)
            }
            &Strategy::Tlsf { parameters, tie: Tie::Lowest } => {
                AnyAllocator::TlsfLowest(HoleAllocator::assemble(options, parameters, storage)?)
            }
            Strategy::Buddy => AnyAllocator::Buddy(Buddy::assemble(options, storage)?),
            Strategy::SizeClasses(parameters) => {
                AnyAllocator::SizeClasses(SizeClasses::assemble(options, parameters, storage)?)
            }
            &Strategy::Pool { slot } => AnyAllocator::Pool(Pool::assemble(options, slot, storage)?),
            Strategy::Bump => AnyAllocator::Bump(Bump::assemble(options, storage)?),
            Strategy::Stack => AnyAllocator::Stack(Stack::assemble(options, storage)?),
        })
    }
}

impl<S: Storage> FallbackAllocator<S> {
    /// The empty tables of the strategy behind size classes.
    pub(crate) fn assemble(
        parameters: &SizeClassParameters,
        options: Options,
        storage: &mut S,
    ) -> Result<Self> {
        use super::size_classes::Fallback;
        Ok(match parameters.fallback {
            Fallback::FirstFit => FallbackAllocator::FirstFit(HoleAllocator::assemble(options, (), storage)?),
            Fallback::NextFit => FallbackAllocator::NextFit(HoleAllocator::assemble(options, (), storage)?),
            Fallback::BestFit => FallbackAllocator::BestFit(HoleAllocator::assemble(options, (), storage)?),
            Fallback::WorstFit => FallbackAllocator::WorstFit(HoleAllocator::assemble(options, (), storage)?),
            Fallback::Tlsf => {
                let parameters = TlsfParameters::default();
                FallbackAllocator::Tlsf(HoleAllocator::assemble(options, parameters, storage)?)
            }
        })
    }
}
