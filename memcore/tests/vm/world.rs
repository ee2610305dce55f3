//! What a world is: something that performs calls for processes, and answers.
//!
//! The words are the numbers of the system calls (protections, flags, advice as in `sys/mman.h`), so that wrong ones
//! can be said too, and addresses are absolute: all worlds keep the arena, [`BASE`] and the [`PAGES`] pages above it,
//! free of anything else.

use std::fmt;

pub const PAGE: u64 = 4096;
/// Where the arena begins: 64 GiB, far from everything that a process has by itself.
pub const BASE: u64 = 0x10_0000_0000;
/// Pages of the arena.
pub const PAGES: u64 = 2048;
pub const END: u64 = BASE + PAGES * PAGE;
/// The first address that no process of Linux on x86-64 with four levels can have.
pub const LIMIT: u64 = (1 << 47) - PAGE;
/// In place of an address outside the arena, where each world chooses by itself. What was mapped there has been
/// unmapped again.
pub const ELSEWHERE: u64 = 1;

pub const READ: u32 = 1;
pub const WRITE: u32 = 2;
pub const EXEC: u32 = 4;
pub const RW: u32 = READ | WRITE;

pub const SHARED: u32 = 0x1;
pub const PRIVATE: u32 = 0x2;
pub const FIXED: u32 = 0x10;
pub const NORESERVE: u32 = 0x4000;
pub const LOCKED: u32 = 0x2000;
pub const POPULATE: u32 = 0x8000;
pub const NOREPLACE: u32 = 0x10_0000;

pub const WILLNEED: i32 = 3;
pub const DONTNEED: i32 = 4;
pub const FREE: i32 = 8;
pub const DONTFORK: i32 = 10;
pub const DOFORK: i32 = 11;
pub const MERGEABLE: i32 = 12;
pub const UNMERGEABLE: i32 = 13;
pub const HUGEPAGE: i32 = 14;
pub const NOHUGEPAGE: i32 = 15;
pub const WIPEONFORK: i32 = 18;
pub const KEEPONFORK: i32 = 19;
pub const COLD: i32 = 20;
pub const PAGEOUT: i32 = 21;
pub const POPULATE_READ: i32 = 22;
pub const POPULATE_WRITE: i32 = 23;
pub const GUARD_INSTALL: i32 = 102;
pub const GUARD_REMOVE: i32 = 103;

pub const EBADF: i32 = 9;
pub const EAGAIN: i32 = 11;
pub const ENOMEM: i32 = 12;
pub const EACCES: i32 = 13;
pub const EFAULT: i32 = 14;
pub const EEXIST: i32 = 17;
pub const EINVAL: i32 = 22;

/// The file that may be written, and the one that may only be read, in each world: so many bytes of [`content`].
pub const FILES: [u64; 2] = [5 * PAGE + 100, 3 * PAGE];
/// A file that there is not.
pub const NO_FILE: u32 = 99;

/// The byte of a file at an offset, as the worlds begin.
pub fn content(file: u32, offset: u64) -> u8 {
    (offset / PAGE * 16 + offset % 7 + 1) as u8 ^ (file as u8) << 7
}

/// The address of a page of the arena.
pub const fn at(page: u64) -> u64 {
    BASE + page * PAGE
}

/// How mremap may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    InPlace,
    MayMove,
    To(u64),
}

/// What a process asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    Map {
        at: u64,
        length: u64,
        protection: u32,
        flags: u32,
        file: Option<u32>,
        offset: u64,
    },
    Unmap {
        at: u64,
        length: u64,
    },
    Protect {
        at: u64,
        length: u64,
        protection: u32,
    },
    Remap {
        at: u64,
        old: u64,
        new: u64,
        way: Way,
    },
    Advise {
        at: u64,
        length: u64,
        advice: i32,
    },
    Lock {
        at: u64,
        length: u64,
    },
    LockOnFault {
        at: u64,
        length: u64,
    },
    Unlock {
        at: u64,
        length: u64,
    },
    Sync {
        at: u64,
        length: u64,
    },
    Incore {
        at: u64,
        length: u64,
    },
    /// Moves the break by so many bytes; the answer is how far it moved.
    Break {
        by: i64,
    },
    Read {
        at: u64,
        length: u64,
    },
    Write {
        at: u64,
        bytes: Vec<u8>,
    },
    /// Fetches one instruction; on Linux a `ret` must stand there.
    Execute {
        at: u64,
    },
    /// Swaps one byte for another, if it is as expected; the answer is whether it was.
    CompareExchange {
        at: u64,
        expected: u8,
        new: u8,
    },
    /// The answer is the number of the child: processes are numbered from 0 in order.
    Fork,
    Exit,
    Truncate {
        file: u32,
        length: u64,
    },
}

/// Why an access failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    MapErr,
    AccErr,
    AdrErr,
    General,
    /// What no world should answer.
    Other,
}

/// What a call came to.
#[derive(Clone, PartialEq)]
pub enum Answer {
    Done(u64),
    Error(i32),
    Bytes(Vec<u8>),
    /// Page by page.
    Bits(Vec<bool>),
    /// An access ended in a signal, at this address.
    Fault(Kind, u64),
    /// The world cannot do this here, or cannot know.
    Unable,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Done(value) => write!(f, "Done({value:#x})"),
            Answer::Error(number) => write!(f, "Error({})", errno(*number)),
            Answer::Bits(bits) => {
                let letters: String = bits.iter().map(|&bit| if bit { '1' } else { '0' }).collect();
                write!(f, "Bits({letters})")
            }
            Answer::Fault(kind, at) => write!(f, "Fault({kind:?}, {at:#x})"),
            Answer::Unable => f.write_str("Unable"),
            Answer::Bytes(bytes) => {
                // Equal bytes in one word: pages are long.
                let mut rest = bytes.as_slice();
                f.write_str("Bytes(")?;
                while let Some(&first) = rest.first() {
                    let run = rest.iter().take_while(|&&byte| byte == first).count();
                    write!(f, "{first:02x}*{run} ")?;
                    rest = &rest[run..];
                }
                f.write_str(")")
            }
        }
    }
}

fn errno(number: i32) -> String {
    let names = [
        (EBADF, "EBADF"),
        (EAGAIN, "EAGAIN"),
        (ENOMEM, "ENOMEM"),
        (EACCES, "EACCES"),
        (EFAULT, "EFAULT"),
        (EEXIST, "EEXIST"),
        (EINVAL, "EINVAL"),
    ];
    let found = names.iter().find(|&&(known, _)| known == number);
    found.map_or_else(|| number.to_string(), |(_, name)| (*name).into())
}

/// An answer, and how many faults were served on the way; `None` where the world does not know for sure.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub answer: Answer,
    pub faults: Option<u64>,
}

/// Something that performs calls. It begins with one process, number 0, that has nothing in the arena.
pub trait World {
    fn call(&mut self, who: usize, call: &Call) -> Outcome;

    /// Whether the call can be made here at all.
    fn can(&self, _call: &Call) -> bool {
        true
    }

    /// Pages of the arena that are in memory for this process (its RSS there); `None` if the world does not know.
    fn resident(&mut self, who: usize) -> Option<u64>;

    /// The areas in the arena: from, to, protection, shared.
    fn areas(&mut self, who: usize) -> Vec<(u64, u64, u32, bool)>;

    /// Checks what it can about itself.
    fn check(&mut self) {}
}

/// What the areas say about each page, whichever way they are cut.
pub fn by_page(areas: &[(u64, u64, u32, bool)]) -> Vec<(u64, u32, bool)> {
    let pages = |&(from, to, protection, shared): &(u64, u64, u32, bool)| {
        (from..to).step_by(PAGE as usize).map(move |page| (page, protection, shared))
    };
    areas.iter().flat_map(pages).collect()
}
