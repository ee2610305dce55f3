//! The words that a processor would see in the tables, and its rules for them.
//!
//! ```text
//!   x86-64   63  62..52   51..12            8  7  6  5   4   3   2  1  0
//!            NX  -        frame             G PS  D  A PCD PWT  US RW  P
//!
//!   RISC-V   63..54       53..10                7  6  5   4   3   2  1  0
//!            reserved     frame (PPN)           D  A  G   U   X   W  R  V
//! ```
//!
//! x86-64 as in Intel's manual (volume 3A, 4.5: formats; 4.6: rights; 4.7: error codes); RISC-V as in the
//! privileged architecture (Sv39, "virtual address translation process"). One-level and inverted tables have no
//! standard; they are shown in the format of x86-64.
//!
//! An entry that is not present belongs to the operating system, but for the lowest bit, which is 0. Here its next
//! field says what it is, as Linux' "swap type" does: 1 a page on the swap device, whose number follows; 2 a guard.
//! A page that is there but may not be touched (PROT_NONE, or the hint that asks who uses it) has, as on Linux, the
//! present bit clear and the global bit set. An entry that points to a table has all rights, as Linux writes them:
//! only the leaf restricts.

use super::super::types::{Access, Frame};
use super::config::{INDEX_BITS, PagingConfig};
use super::entry::Entry;

const X86_PRESENT: u64 = 1;
const X86_WRITABLE: u64 = 1 << 1;
const X86_USER: u64 = 1 << 2;
const X86_ACCESSED: u64 = 1 << 5;
const X86_DIRTY: u64 = 1 << 6;
const X86_LARGE: u64 = 1 << 7;
const X86_GLOBAL: u64 = 1 << 8;
const X86_NO_EXECUTE: u64 = 1 << 63;
/// Present, writable, user, accessed, dirty: 0x67, Linux' `_PAGE_TABLE`.
const X86_TABLE: u64 = X86_PRESENT | X86_WRITABLE | X86_USER | X86_ACCESSED | X86_DIRTY;

const RISCV_VALID: u64 = 1;
const RISCV_READ: u64 = 1 << 1;
const RISCV_WRITE: u64 = 1 << 2;
const RISCV_EXECUTE: u64 = 1 << 3;
const RISCV_USER: u64 = 1 << 4;
const RISCV_GLOBAL: u64 = 1 << 5;
const RISCV_ACCESSED: u64 = 1 << 6;
const RISCV_DIRTY: u64 = 1 << 7;

/// Where the fields of a format are.
struct Format {
    frame_shift: u32,
    frame_bits: u32,
    /// The field that says what an absent entry is, and the number behind it.
    kind_shift: u32,
    number_shift: u32,
    /// Set in an absent entry whose page is there but must not be touched.
    no_access: u64,
    names: &'static [(u32, &'static str)],
}

const X86: Format = Format {
    frame_shift: 12,
    frame_bits: 40,
    kind_shift: 9,
    number_shift: 14,
    no_access: X86_GLOBAL,
    names: &[(0, "P"), (1, "RW"), (2, "US"), (5, "A"), (6, "D"), (7, "PS"), (8, "G"), (63, "NX")],
};

const RISCV: Format = Format {
    frame_shift: 10,
    frame_bits: 44,
    kind_shift: 7,
    number_shift: 12,
    no_access: RISCV_GLOBAL,
    names: &[(0, "V"), (1, "R"), (2, "W"), (3, "X"), (4, "U"), (5, "G"), (6, "A"), (7, "D")],
};

const KIND_SWAPPED: u64 = 1;
const KIND_GUARD: u64 = 2;

fn is_riscv(config: &PagingConfig) -> bool {
    matches!(config, PagingConfig::Sv39 | PagingConfig::Sv48)
}

fn format(config: &PagingConfig) -> &'static Format {
    if is_riscv(config) { &RISCV } else { &X86 }
}

/// The sum of the bits whose condition holds.
fn bits(of: &[(u64, bool)]) -> u64 {
    of.iter().filter(|(_, on)| *on).map(|(bit, _)| bit).sum()
}

/// The word of an entry in a table of this level. O(1).
///
/// ```
/// use memcore::vm::{Entry, paging::hardware::encode};
/// let entry = Entry::present(0x1234).with_writable(true).with_user(true).with_executable(true);
/// assert_eq!(encode(&"x86-64".parse()?, entry, 0), 0x1234_007);
/// assert_eq!(encode(&"sv39".parse()?, entry, 0), 0x1234 << 10 | 0x1f);
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
pub fn encode(config: &PagingConfig, entry: Entry, level: u32) -> u64 {
    let format = format(config);
    if let Some(page) = entry.swapped_page() {
        return u64::from(page) << format.number_shift | KIND_SWAPPED << format.kind_shift;
    }
    if entry.is_guard() {
        return KIND_GUARD << format.kind_shift;
    }
    if !entry.is_present() {
        return 0;
    }
    let can_touch = !entry.is_protnone() && !entry.is_hint();
    let rights = if is_riscv(config) {
        bits(&[
            (RISCV_VALID, can_touch),
            (RISCV_READ, can_touch),
            (RISCV_WRITE, entry.is_writable() && can_touch),
            (RISCV_EXECUTE, entry.is_executable() && can_touch),
            (RISCV_USER, entry.is_user()),
            (RISCV_GLOBAL, entry.is_global() || !can_touch),
            (RISCV_ACCESSED, entry.is_accessed()),
            (RISCV_DIRTY, entry.is_dirty()),
        ])
    } else {
        bits(&[
            (X86_PRESENT, can_touch),
            (X86_WRITABLE, entry.is_writable()),
            (X86_USER, entry.is_user()),
            (X86_ACCESSED, entry.is_accessed()),
            (X86_DIRTY, entry.is_dirty()),
            (X86_LARGE, level > 0),
            (X86_GLOBAL, entry.is_global() || !can_touch),
            (X86_NO_EXECUTE, !entry.is_executable()),
        ])
    };
    rights | entry.frame() << format.frame_shift
}

/// The word of an entry that points to a table in this frame. O(1).
pub fn encode_table(config: &PagingConfig, table: Frame) -> u64 {
    let format = format(config);
    let rights = if is_riscv(config) { RISCV_VALID } else { X86_TABLE };
    rights | (table & ((1 << format.frame_bits) - 1)) << format.frame_shift
}

/// What a word in a table means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Word {
    /// Nothing.
    Empty,
    /// A table is in this frame.
    Table {
        /// The frame.
        frame: Frame,
    },
    /// A page: what the word says of it; the flags that hardware does not have are not set.
    Leaf {
        /// As the kernel writes it.
        entry: Entry,
    },
    /// A page on the swap device.
    Swapped {
        /// Which page of it.
        page: u32,
    },
    /// A guard.
    Guard,
    /// Absent, and of no kind that this machine writes.
    Unknown,
}

/// What a word in a table of this level means; the converse of [`encode`] and [`encode_table`]. O(1).
///
/// ```
/// use memcore::vm::paging::hardware::{Word, decode, encode_table};
/// let paging = "x86-64".parse()?;
/// assert_eq!(decode(&paging, encode_table(&paging, 9), 3), Word::Table { frame: 9 });
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
pub fn decode(config: &PagingConfig, word: u64, level: u32) -> Word {
    let format = format(config);
    let frame = word >> format.frame_shift & ((1 << format.frame_bits) - 1);
    let has = |bit: u64| word & bit != 0;
    let leaf = |can_touch: bool| {
        let entry = Entry::present(frame).with_protnone(!can_touch);
        let entry = if is_riscv(config) {
            entry
                .with_writable(has(RISCV_WRITE))
                .with_executable(has(RISCV_EXECUTE))
                .with_user(has(RISCV_USER))
                .with_accessed(has(RISCV_ACCESSED))
                .with_dirty(has(RISCV_DIRTY))
                .with_global(has(RISCV_GLOBAL) && can_touch)
        } else {
            entry
                .with_writable(has(X86_WRITABLE))
                .with_executable(!has(X86_NO_EXECUTE))
                .with_user(has(X86_USER))
                .with_accessed(has(X86_ACCESSED))
                .with_dirty(has(X86_DIRTY))
                .with_global(has(X86_GLOBAL) && can_touch)
        };
        Word::Leaf { entry }
    };
    if word == 0 {
        return Word::Empty;
    }
    if has(1) {
        let is_table = if is_riscv(config) {
            !has(RISCV_READ | RISCV_WRITE | RISCV_EXECUTE)
        } else {
            level > 0 && !has(X86_LARGE)
        };
        return if is_table { Word::Table { frame } } else { leaf(true) };
    }
    if has(format.no_access) {
        return leaf(false);
    }
    match word >> format.kind_shift & 3 {
        KIND_SWAPPED => match u32::try_from(word >> format.number_shift) {
            Ok(page) => Word::Swapped { page },
            Err(_) => Word::Unknown,
        },
        KIND_GUARD => Word::Guard,
        _ => Word::Unknown,
    }
}

/// The names of the bits that are set in a word, as the manuals have them: `P`, `RW`, `US`, ... or `V`, `R`, `W`, ...
///
/// ```
/// use memcore::vm::paging::hardware::permission_names;
/// let names: Vec<_> = permission_names(&"sv39".parse()?, 0xcf).collect();
/// assert_eq!(names.join(" "), "V R W X A D");
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
pub fn permission_names(config: &PagingConfig, word: u64) -> impl Iterator<Item = &'static str> {
    let names = format(config).names.iter();
    names.filter(move |(bit, _)| word >> bit & 1 != 0).map(|(_, name)| *name)
}

/// The name of a table of this level: `PML4`, `PDPT`, `PD`, `PT`; `VPN[2]`, ...; `table`; `anchor` and `link`.
pub fn level_name(config: &PagingConfig, level: u32) -> &'static str {
    let names: &[&'static str] = match config {
        PagingConfig::X86_64 { .. } => &["PT", "PD", "PDPT", "PML4", "PML5"],
        PagingConfig::Sv39 | PagingConfig::Sv48 => &["VPN[0]", "VPN[1]", "VPN[2]", "VPN[3]"],
        PagingConfig::OneLevel { .. } => &["table"],
        PagingConfig::Inverted { .. } => &["link", "anchor"],
    };
    names.get(level as usize).copied().unwrap_or("?")
}

/// The rights that the entries of a walk give together on x86-64: writable and user are ANDed, no-execute is ORed.
///
/// ```
/// use memcore::vm::paging::hardware::Combined;
/// // A read-only directory over a writable page, and a page that must not be executed.
/// let rights = Combined::ALL.and(0x65).and(0x8000_0000_0000_0067);
/// assert_eq!(rights, Combined { writable: false, user: true, executable: false });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Combined {
    /// All entries say RW.
    pub writable: bool,
    /// All entries say US.
    pub user: bool,
    /// No entry says NX.
    pub executable: bool,
}

impl Combined {
    /// Before the first entry.
    pub const ALL: Combined = Combined { writable: true, user: true, executable: true };

    /// With one more entry.
    #[must_use]
    pub fn and(self, word: u64) -> Combined {
        Combined {
            writable: self.writable && word & X86_WRITABLE != 0,
            user: self.user && word & X86_USER != 0,
            executable: self.executable && word & X86_NO_EXECUTE == 0,
        }
    }

    /// Whether a process, not the kernel, may access the page so.
    pub fn allows(self, access: Access) -> bool {
        self.user
            && match access {
                Access::Read => true,
                Access::Write => self.writable,
                Access::Execute => self.executable,
            }
    }
}

/// The error code that x86-64 pushes for a page fault: P (bit 0) the page is there, W (1) a write, U (2) user mode,
/// RSVD (3) a reserved bit is set, I (4) a fetch, PK (5) a protection key forbids it.
///
/// ```
/// use memcore::vm::{Access, paging::hardware::error_code};
/// assert_eq!(error_code(false, Access::Read, true, false, false), 4);  // a read of what is not mapped
/// assert_eq!(error_code(true, Access::Write, true, false, false), 7);  // a write to a read-only page
/// ```
pub fn error_code(present: bool, access: Access, user: bool, reserved: bool, key: bool) -> u32 {
    u32::from(present)
        | u32::from(access == Access::Write) << 1
        | u32::from(user) << 2
        | u32::from(reserved) << 3
        | u32::from(access == Access::Execute) << 4
        | u32::from(key) << 5
}

/// The cause that RISC-V reports for a page fault: 12 instruction, 13 load, 15 store.
pub fn riscv_cause(access: Access) -> u32 {
    match access {
        Access::Execute => 12,
        Access::Read => 13,
        Access::Write => 15,
    }
}

/// What a RISC-V walk does with a word that it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiscvStep {
    /// It goes on in this frame.
    Table(Frame),
    /// It ends with a page that begins in this frame.
    Leaf(Frame),
}

/// What a RISC-V walk does with a word of a table of this level, the extensions Svnapot and Svpbmt absent. O(1).
///
/// # Errors
/// Why it raises a page fault.
///
/// ```
/// use memcore::vm::paging::hardware::{RiscvStep, check_riscv};
/// assert_eq!(check_riscv(0x2000_00cf, 2), Ok(RiscvStep::Leaf(0x80000)));
/// assert_eq!(check_riscv(0x2000_0005, 0), Err("the entry is writable but not readable"));
/// ```
pub fn check_riscv(word: u64, level: u32) -> Result<RiscvStep, &'static str> {
    let frame = word >> RISCV.frame_shift & ((1 << RISCV.frame_bits) - 1);
    let has = |bits: u64| word & bits != 0;
    if !has(RISCV_VALID) {
        return Err("the entry is not valid");
    }
    if has(RISCV_WRITE) && !has(RISCV_READ) {
        return Err("the entry is writable but not readable");
    }
    if word >> (RISCV.frame_shift + RISCV.frame_bits) != 0 {
        return Err("a reserved bit is set");
    }
    if !has(RISCV_READ | RISCV_EXECUTE) {
        if has(RISCV_USER | RISCV_ACCESSED | RISCV_DIRTY) {
            return Err("a pointer to a table has U, A or D set");
        }
        return if level > 0 { Ok(RiscvStep::Table(frame)) } else { Err("a pointer where pages must be") };
    }
    if frame & ((1 << (INDEX_BITS * level.min(4))) - 1) != 0 {
        return Err("the superpage is misaligned");
    }
    Ok(RiscvStep::Leaf(frame))
}
