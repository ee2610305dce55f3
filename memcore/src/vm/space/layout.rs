//! Where a process' program, heap, mappings and stack begin.
//!
//! ```text
//!   high        +----------------------+  the end of the space
//!               | stack, grows down    |  stack_top, less up to 2^22 pages at random
//!   stack_low   +----------------------+  as far as its limit lets it
//!               |   (guard)            |
//!   mmap_base   +----------------------+  less up to 2^28 pages at random
//!               | mappings, downwards  |
//!               |         |            |
//!               |         v            |
//!               |         ^            |
//!               |         |            |
//!               | heap, grows up       |
//!   brk_start   +----------------------+  more by up to 1 GiB at random
//!               | bss, data, text      |
//!               +----------------------+  0x400000, or two thirds up at random
//!               |   (never mapped)     |  so that a null pointer traps
//!   0           +----------------------+
//! ```
//!
//! The figures are Linux' on x86-64 (`arch/x86/mm/mmap.c`, `fs/binfmt_elf.c`, `mm/util.c`): the hole for the stack
//! is its limit, its guard and what may be drawn for it, at least 128 MiB and at most 5/6 of the space; a position-independent
//! program lies at 2/3 of the space. In smaller spaces than x86-64's each of these shrinks with the space: nothing is drawn
//! from more than a 128th part of it (of the next power of two), the least hole is a 16th, and a program begins within the first 64th.
//!
//! Randomisation draws three numbers from SplitMix64 by its seed, for mappings, stack and heap in this order, and a
//! fourth for the program, whether they are used or not: the same seed moves the same part by the same amount.

use super::{Area, AreaFlags, AreaName};
use crate::vm::{Protection, VmError};
use core::ops::Range;
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use std_alloc::format;
use std_alloc::string::ToString;

const MIB: u64 = 1 << 20;

/// How an address space is laid out. Sizes are in bytes and round up to pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct LayoutConfig {
    /// No program, heap or stack: mappings from address 0 upwards. All else is ignored then.
    pub flat: bool,
    /// The seed of address space layout randomisation; `None` is without.
    pub aslr: Option<u64>,
    /// A position-independent program, high up, in place of one that lies low.
    pub pie: bool,
    /// The lowest address that may be mapped (`vm.mmap_min_addr`).
    pub mmap_min: u64,
    /// The program's instructions.
    pub text_size: u64,
    /// Its initialised data.
    pub data_size: u64,
    /// Its zeroed data.
    pub bss_size: u64,
    /// What the stack may grow to (`RLIMIT_STACK`).
    pub stack_size: u64,
    /// What of it is mapped from the beginning.
    pub stack_mapped: u64,
    /// Pages below the stack that other mappings leave free (`stack_guard_gap`).
    pub stack_guard_pages: u64,
    /// Mappings go downwards from below the stack; else upwards from a third of the space (the legacy layout).
    pub top_down: bool,
}

impl Default for LayoutConfig {
    /// As Linux: 8 MiB of stack, 132 KiB of it mapped, a guard of 256 pages, nothing below 64 KiB; and a small
    /// program of 64 KiB of text, 16 KiB of data and 16 KiB of bss.
    fn default() -> Self {
        LayoutConfig {
            flat: false,
            aslr: None,
            pie: false,
            mmap_min: 65_536,
            text_size: 65_536,
            data_size: 16_384,
            bss_size: 16_384,
            stack_size: 8 * MIB,
            stack_mapped: 132 << 10,
            stack_guard_pages: 256,
            top_down: true,
        }
    }
}

impl LayoutConfig {
    /// The defaults for a space of so many bytes: in a space below 1 GiB everything is smaller in proportion, and in one
    /// below 64 pages it is [flat](Layout::flat).
    pub fn for_space(address_limit: u64, page_size: u64) -> LayoutConfig {
        let full = LayoutConfig::default();
        let page_size = page_size.max(1);
        let scale = |size: u64| ((u128::from(size) * u128::from(address_limit)) >> 30) as u64;
        if address_limit / page_size < 64 {
            LayoutConfig { flat: true, ..full }
        } else if address_limit >= 1 << 30 {
            full
        } else {
            LayoutConfig {
                mmap_min: scale(full.mmap_min).max(page_size),
                text_size: scale(full.text_size).max(page_size),
                data_size: scale(full.data_size).max(page_size),
                bss_size: scale(full.bss_size).max(page_size),
                stack_size: scale(full.stack_size).max(page_size * 2),
                stack_mapped: scale(full.stack_mapped).max(page_size),
                stack_guard_pages: (address_limit / page_size / 1024).min(256),
                ..full
            }
        }
    }
}

/// The places of an address space.
///
/// ```
/// use memcore::vm::{Layout, LayoutConfig};
/// let layout = Layout::new(&LayoutConfig::default(), 0x7fff_ffff_f000, 4096)?;
/// // What a debugger shows on x86-64, which turns randomisation off.
/// assert_eq!(layout.mmap_base, 0x7fff_f7ff_f000);
/// assert_eq!((layout.text.start, layout.stack_top), (0x40_0000, 0x7fff_ffff_f000));
///
/// let seeded = LayoutConfig { aslr: Some(7), ..LayoutConfig::default() };
/// let layout = Layout::new(&seeded, 0x7fff_ffff_f000, 4096)?;
/// assert!(layout.mmap_base < 0x7fff_f7ff_f000);
/// # Ok::<(), memcore::vm::VmError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The lowest address that may be mapped.
    pub low: u64,
    /// The address after the highest.
    pub high: u64,
    /// The program's instructions.
    pub text: Range<u64>,
    /// Its initialised data.
    pub data: Range<u64>,
    /// Its zeroed data.
    pub bss: Range<u64>,
    /// Where the heap begins, and the break of a new process. The end of the space where there is no heap.
    pub brk_start: u64,
    /// Where mappings begin: below it if `top_down`, else above.
    pub mmap_base: u64,
    /// The address after the stack.
    pub stack_top: u64,
    /// What of the stack is mapped from the beginning.
    pub stack: Range<u64>,
    /// The lowest address that the stack may grow to.
    pub stack_low: u64,
    /// Bytes below the stack that other mappings leave free.
    pub stack_guard: u64,
    /// Whether mappings go downwards.
    pub top_down: bool,
}

/// What a seed moves the parts by, in bytes.
struct Draws {
    mmap: u64,
    stack: u64,
    heap: u64,
    program: u64,
}

impl Draws {
    /// What may be drawn for the stack, at most.
    fn most_stack(most: u64, page_size: u64) -> u64 {
        (((1 << 22) - 1) * u128::from(page_size)).min(u128::from(most)) as u64
    }

    /// Where nothing may be drawn from more than `most` bytes.
    fn new(seed: Option<u64>, most: u64, page_size: u64) -> Draws {
        let Some(seed) = seed else { return Draws { mmap: 0, stack: 0, heap: 0, program: 0 } };
        let mut random = SplitMix64::seed_from_u64(seed);
        let mut draw = |pages: u64| {
            let pages = pages.min(most / page_size).max(1);
            (random.next_u64() % pages) * page_size
        };
        Draws {
            mmap: draw(1 << 28),
            stack: draw(1 << 22),
            heap: draw((1 << 30) / page_size),
            program: draw(1 << 28),
        }
    }
}

impl Layout {
    /// The layout of the space `[0, address_limit)` (on x86-64 with four levels 2^47 - 4096) in pages of `page_size`
    /// bytes. O(1).
    ///
    /// # Errors
    /// [`VmError::Config`] when the space has no page or does not hold the parts.
    pub fn new(config: &LayoutConfig, address_limit: u64, page_size: u64) -> Result<Layout, VmError> {
        if page_size == 0 || address_limit < page_size {
            let value = address_limit.to_string();
            return Err(VmError::Config { key: "address_limit", value, rule: "must hold a page" });
        }
        if config.flat {
            return Ok(Layout::flat(address_limit, page_size));
        }
        Self::segmented(config, address_limit, page_size).ok_or_else(|| VmError::Config {
            key: "layout",
            value: format!("{address_limit:#x}"),
            rule: "the address space must hold the program, a heap, mappings and the stack; flat = true needs none",
        })
    }

    /// Mappings from address 0 upwards and nothing else: for spaces of a few pages. The break cannot grow. O(1).
    ///
    /// ```
    /// use memcore::vm::Layout;
    /// let layout = Layout::flat(128, 16);
    /// assert_eq!((layout.low, layout.high, layout.mmap_base, layout.top_down), (0, 128, 0, false));
    /// ```
    pub fn flat(address_limit: u64, page_size: u64) -> Layout {
        let high = address_limit - address_limit % page_size.max(1);
        Layout {
            low: 0,
            high,
            text: 0..0,
            data: 0..0,
            bss: 0..0,
            brk_start: high,
            mmap_base: 0,
            stack_top: high,
            stack: high..high,
            stack_low: high,
            stack_guard: 0,
            top_down: false,
        }
    }

    /// `None` when something does not fit.
    fn segmented(config: &LayoutConfig, address_limit: u64, page_size: u64) -> Option<Layout> {
        let down = |address: u64| address - address % page_size;
        let up = |bytes: u64| bytes.checked_next_multiple_of(page_size);
        let high = down(address_limit);
        let low = up(config.mmap_min)?;
        // 2^40 bytes of x86-64's 2^47, less the page that Linux leaves free at their end.
        let most = high.checked_next_power_of_two().unwrap_or(1 << 63) / 128;
        let draws = Draws::new(config.aslr, most, page_size);

        let base = if config.pie {
            down(high / 3 * 2) + draws.program
        } else {
            down((4 * MIB).min(high / 64)).max(low)
        };
        let text = base..base.checked_add(up(config.text_size)?)?;
        let data = text.end..text.end.checked_add(up(config.data_size)?)?;
        let bss = data.end..data.end.checked_add(up(config.bss_size)?)?;
        let brk_start = bss.end.checked_add(draws.heap)?;

        let stack_top = high - draws.stack;
        let stack_low = stack_top.checked_sub(up(config.stack_size)?)?;
        let stack = stack_top - up(config.stack_mapped)?.min(stack_top - stack_low)..stack_top;
        let stack_guard = config.stack_guard_pages.checked_mul(page_size)?;
        let mmap_base = if config.top_down {
            // As if the farthest place had been drawn for the stack, so that its draw does not move the mappings.
            let drawn = if config.aslr.is_some() { Draws::most_stack(most, page_size) } else { 0 };
            let hole = config.stack_size.saturating_add(drawn).saturating_add(stack_guard);
            let hole = hole.max((128 * MIB).min(high / 16)).min(high / 6 * 5);
            up(high.checked_sub(hole)?.checked_sub(draws.mmap)?)?
        } else {
            up(high / 3)?.checked_add(draws.mmap)?
        };
        // A program that lies high stands above where mappings begin upwards; they go around it.
        let heap_has_room =
            brk_start < stack_low && (config.pie && !config.top_down || brk_start < mmap_base);
        let fits = low <= base && heap_has_room && mmap_base < stack_low;
        let top_down = config.top_down;
        fits.then_some(Layout {
            low,
            high,
            text,
            data,
            bss,
            brk_start,
            mmap_base,
            stack_top,
            stack,
            stack_low,
            stack_guard,
            top_down,
        })
    }

    /// Between which addresses a mapping is placed: the highest hole of them if `top_down`, else the lowest.
    pub fn mmap_window(&self) -> Range<u64> {
        if self.top_down { self.low..self.mmap_base } else { self.mmap_base..self.high }
    }

    /// The areas of a new process, in order: text, data, bss and the stack's first pages, as far as they have pages.
    /// All are private and anonymous; the writable ones are charged.
    pub fn areas(&self) -> impl Iterator<Item = Area> + '_ {
        let (read, write) = (Protection::READ, Protection::READ | Protection::WRITE);
        let (charged, stack) = (AreaFlags::ACCOUNTED, AreaFlags::ACCOUNTED | AreaFlags::GROWS_DOWN);
        [
            (&self.text, read | Protection::EXECUTE, AreaFlags::NONE, AreaName::Text),
            (&self.data, write, charged, AreaName::Data),
            (&self.bss, write, charged, AreaName::Bss),
            (&self.stack, write, stack, AreaName::Stack),
        ]
        .into_iter()
        .filter(|(range, ..)| !range.is_empty())
        .map(|(range, protection, flags, name)| Area {
            flags,
            name,
            ..Area::anonymous(range.start, range.end, protection)
        })
    }

    /// Checks that the places are in order, as [`new`](Self::new) leaves them. O(1).
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), &'static str> {
        let rising = |places: &[u64]| places.windows(2).all(|pair| pair[0] <= pair[1]);
        let program =
            [self.text.start, self.text.end, self.data.start, self.data.end, self.bss.start, self.bss.end];
        let stack = [self.low, self.stack_low, self.stack.start, self.stack.end, self.high];
        if !rising(&program) || !rising(&stack) || self.bss.end > self.brk_start || self.brk_start > self.high
        {
            return Err("the places of an address space are out of order");
        }
        if self.stack.end != self.stack_top || !(self.low..=self.high).contains(&self.mmap_base) {
            return Err("the stack or the mappings of an address space are misplaced");
        }
        if !self.text.is_empty() && self.text.start < self.low {
            return Err("a program lies below the lowest address");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TASK_SIZE: u64 = 0x7fff_ffff_f000;

    fn layout(config: &LayoutConfig) -> Layout {
        Layout::new(config, TASK_SIZE, 4096).unwrap()
    }

    #[test]
    fn places_as_observed_without_randomisation() {
        // The stack, the top of the mappings and the base of a program, as Linux has them under `setarch -R`.
        let places = layout(&LayoutConfig { pie: true, ..Default::default() });
        assert_eq!(places.stack, 0x7fff_fffd_e000..0x7fff_ffff_f000);
        assert_eq!(places.mmap_window(), 0x1_0000..0x7fff_f7ff_f000);
        assert_eq!(places.text.start, 0x5555_5555_4000);
        assert_eq!(places.stack_low, 0x7fff_ff7f_f000);
        let fixed = layout(&LayoutConfig::default());
        assert_eq!((fixed.text, fixed.data), (0x40_0000..0x41_0000, 0x41_0000..0x41_4000));
        assert_eq!((fixed.bss, fixed.brk_start), (0x41_4000..0x41_8000, 0x41_8000));
        // The legacy layout: from a third of the space upwards.
        let legacy = layout(&LayoutConfig { top_down: false, ..Default::default() });
        assert_eq!(legacy.mmap_window(), 0x2aaa_aaaa_b000..TASK_SIZE);
    }

    #[test]
    fn a_large_stack_lowers_the_mappings() {
        let stack = 1 << 30;
        let places = layout(&LayoutConfig { stack_size: stack, ..Default::default() });
        assert_eq!(places.mmap_base, TASK_SIZE - stack - MIB);
        let places = layout(&LayoutConfig { stack_size: 1 << 46, ..Default::default() });
        assert_eq!(places.mmap_base, TASK_SIZE - (1 << 46) - MIB);
        // A sixth of the space is left to all else.
        let config = LayoutConfig { stack_size: TASK_SIZE / 8 * 7, ..Default::default() };
        assert!(Layout::new(&config, TASK_SIZE, 4096).is_err());
        let config = LayoutConfig { stack_size: u64::MAX - 4095, ..Default::default() };
        assert!(Layout::new(&config, TASK_SIZE, 4096).is_err());
    }

    #[test]
    fn a_seed_draws_by_splitmix() {
        // SplitMix64 from 0 begins e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f f88bb8a8724c81ec; mappings take
        // 28 bits, the stack 22, the heap 18 (1 GiB of pages), a program 28.
        let config = LayoutConfig { aslr: Some(0), ..Default::default() };
        let places = layout(&config);
        assert_eq!(places.stack_top, TASK_SIZE - (0x39_65f4 << 12));
        assert_eq!(places.mmap_base, TASK_SIZE - (0x3f_ffff << 12) - 9 * MIB - (0xb1d_cdaf << 12));
        assert_eq!(places.brk_start, 0x41_8000 + (0x1_454f << 12));
        assert_eq!(places.text.start, 0x40_0000);
        let pie = layout(&LayoutConfig { pie: true, ..config });
        assert_eq!(pie.text.start, 0x5555_5555_4000 + (0x24c_81ec << 12));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let config = LayoutConfig::default();
        for limit in [0, 1, 4095, 4096, 1 << 16, 1 << 20] {
            assert!(Layout::new(&config, limit, 4096).is_err(), "{limit}");
        }
        assert!(Layout::new(&config, 1 << 30, 0).is_err());
        for size in [1 << 47, u64::MAX] {
            assert!(
                Layout::new(&LayoutConfig { text_size: size, ..config.clone() }, TASK_SIZE, 4096).is_err()
            );
            assert!(
                Layout::new(&LayoutConfig { mmap_min: size, ..config.clone() }, TASK_SIZE, 4096).is_err()
            );
        }
    }

    fn check(config: &LayoutConfig, limit: u64, page: u64) -> Result<(), TestCaseError> {
        let Ok(layout) = Layout::new(config, limit, page) else { return Ok(()) };
        prop_assert_eq!(layout.validate(), Ok(()));
        let Layout { low, high, brk_start, mmap_base, stack_top, stack_low, .. } = layout;
        for place in [low, high, layout.text.start, brk_start, mmap_base, stack_top, stack_low] {
            prop_assert_eq!(place % page, 0);
        }
        let mut areas = super::super::Areas::new(low, high, page);
        for (before, area) in layout.areas().enumerate() {
            prop_assert!(areas.is_free(area.start, area.end));
            prop_assert_eq!(areas.insert(area), before as u64 + 1);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn any_space_has_its_defaults(bits in 0..64u32, odd: u64, page in 4..17u32, seed: Option<u64>) {
            let (limit, page) = ((1u64 << bits) + odd % (1 << bits), 1 << page);
            prop_assume!(limit >= page);
            for (pie, top_down) in [(false, true), (false, false), (true, true), (true, false)] {
                let mut config = LayoutConfig { pie, top_down, ..LayoutConfig::for_space(limit, page) };
                prop_assert!(pie || Layout::new(&config, limit, page).is_ok(), "{config:?}");
                check(&config, limit, page)?;
                config.aslr = seed;
                check(&config, limit, page)?;
            }
        }

        #[test]
        fn nonsense_is_refused_or_laid_out(sizes: [u64; 6], shifts in prop::array::uniform7(0..64u32),
                                           limit: u64, page in 1..1u64 << 20, seed: Option<u64>, pie: bool) {
            let config = LayoutConfig {
                flat: false,
                aslr: seed,
                pie,
                top_down: sizes[0] % 2 == 0,
                mmap_min: sizes[0] >> shifts[0],
                text_size: sizes[1] >> shifts[1],
                data_size: sizes[2] >> shifts[2],
                bss_size: sizes[3] >> shifts[3],
                stack_size: sizes[4] >> shifts[4],
                stack_mapped: sizes[5] >> shifts[5],
                stack_guard_pages: sizes[5] % 1000,
            };
            check(&config, limit >> shifts[6], page)?;
        }
    }
}
