//! Telling valgrind's memcheck and AddressSanitizer about blocks, where the program runs under one of them.
//!
//! Neither tool knows where the blocks of a heap of ours begin and end: to them all of its memory is one valid range. So
//! they are told: what is no block may not be touched, a block that was handed out may, a freed one may not.
//!
//! * **valgrind** watches for a sequence of instructions that does nothing on a real processor (four rotations that add
//!   up to a full turn, and a move of a register to itself) and reads a request from memory when it meets one: N. Nethercote
//!   and J. Seward, "Valgrind: a framework for heavyweight dynamic binary instrumentation", PLDI 2007, and the
//!   chapter "memory pools" of memcheck's manual. Known here for Linux on x86-64 and AArch64. Whether it is there is
//!   asked once, when a heap is made; without it a call costs one branch that is never taken.
//! * **AddressSanitizer** (K. Serebryany and others, "AddressSanitizer: a fast address sanity checker", USENIX ATC
//!   2012) is a library in the process, whose functions are looked up by name, once for each heap. A shared library of
//!   it is found by itself; where it is linked into the program, the program must export its names (for Rust:
//!   `-Zsanitizer=address -Zexport-executable-symbols -Clink-arg=-rdynamic`).
//!
//! The heap itself must look at its records and redzones, too: it opens them before and closes them after.

use core::ffi::c_void;
use std_alloc::vec::Vec;

type Region = unsafe extern "C" fn(*const c_void, usize);

/// The functions of AddressSanitizer.
#[derive(Clone, Copy, Debug)]
struct Sanitizer {
    poison: Region,
    unpoison: Region,
}

/// Which of the tools are there.
#[derive(Debug, Default)]
pub(super) struct Tools {
    /// True when there is somebody to tell.
    on: bool,
    /// A byte whose address names the pool to memcheck. Empty: no memcheck.
    pool: Vec<u8>,
    sanitizer: Option<Sanitizer>,
}

impl Tools {
    /// Looks for the tools. O(1) without; a look-up of two names of the process. memcheck describes an address by the
    /// block that it is near, within the width of a redzone.
    pub fn find(wanted: bool, redzone: usize) -> Tools {
        let mut tools = Tools::default();
        if !wanted {
            return tools;
        }
        if valgrind::request([valgrind::RUNNING_ON_VALGRIND, 0, 0, 0, 0, 0]) != 0
            && tools.pool.try_reserve_exact(1).is_ok()
        {
            tools.pool.push(0);
            tools.pool_request(valgrind::CREATE_MEMPOOL, redzone, 0, 0);
        }
        tools.sanitizer = Sanitizer::find();
        tools.on = !tools.pool.is_empty() || tools.sanitizer.is_some();
        tools
    }

    /// True when there is somebody to tell.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// The heap ends. memcheck then closes its live blocks, which the owner of the memory may not want.
    pub fn end(&self) {
        self.pool_request(valgrind::DESTROY_MEMPOOL, 0, 0, 0);
    }

    fn pool_request(&self, request: usize, first: usize, second: usize, third: usize) {
        if !self.pool.is_empty() {
            valgrind::request([request, self.pool.as_ptr().addr(), first, second, third, 0]);
        }
    }

    fn range_request(&self, request: usize, start: *const u8, len: usize) {
        if !self.pool.is_empty() {
            valgrind::request([request, start.addr(), len, 0, 0, 0]);
        }
    }

    /// These bytes may be touched, and have values. O(len), or O(1) with no tool.
    #[inline(always)]
    pub fn open(&self, start: *const u8, len: usize) {
        if self.on {
            self.open_now(start, len);
        }
    }

    #[cold]
    fn open_now(&self, start: *const u8, len: usize) {
        self.range_request(valgrind::MAKE_MEM_DEFINED, start, len);
        if let Some(sanitizer) = self.sanitizer {
            // SAFETY: the function takes any range of the process's addresses.
            unsafe { (sanitizer.unpoison)(start.cast(), len) };
        }
    }

    /// These bytes may not be touched.
    #[inline(always)]
    pub fn close(&self, start: *const u8, len: usize) {
        if self.on {
            self.close_now(start, len);
        }
    }

    #[cold]
    fn close_now(&self, start: *const u8, len: usize) {
        self.range_request(valgrind::MAKE_MEM_NOACCESS, start, len);
        if let Some(sanitizer) = self.sanitizer {
            // SAFETY: the function takes any range of the process's addresses.
            unsafe { (sanitizer.poison)(start.cast(), len) };
        }
    }

    /// A block of `len` bytes was handed out, in `held` bytes from `start` on that are the heap's own. Its bytes have no
    /// values yet, unless `zeroed`.
    #[inline(always)]
    pub fn allocated(&self, start: *const u8, held: usize, payload: *const u8, len: usize, zeroed: bool) {
        if self.on {
            self.allocated_now(start, held, payload, len, zeroed);
        }
    }

    #[cold]
    fn allocated_now(&self, start: *const u8, held: usize, payload: *const u8, len: usize, zeroed: bool) {
        self.close_now(start, held);
        self.pool_request(valgrind::MEMPOOL_ALLOC, payload.addr(), len, 0);
        if zeroed {
            self.range_request(valgrind::MAKE_MEM_DEFINED, payload, len);
        }
        if let Some(sanitizer) = self.sanitizer {
            // SAFETY: the function takes any range of the process's addresses.
            unsafe { (sanitizer.unpoison)(payload.cast(), len) };
        }
    }

    /// The block at `payload` was freed: its `held` bytes from `start` on are closed.
    #[inline(always)]
    pub fn freed(&self, start: *const u8, held: usize, payload: *const u8) {
        if self.on {
            self.freed_now(start, held, payload);
        }
    }

    #[cold]
    fn freed_now(&self, start: *const u8, held: usize, payload: *const u8) {
        self.pool_request(valgrind::MEMPOOL_FREE, payload.addr(), 0, 0);
        self.close_now(start, held);
    }

    /// The block at `payload` has `len` bytes now instead of `old`, within bytes of the heap that end at `end`. What it
    /// gained has no value.
    #[inline(always)]
    pub fn resized(&self, payload: *const u8, old: usize, len: usize, end: usize) {
        if self.on {
            self.resized_now(payload, old, len, end);
        }
    }

    #[cold]
    fn resized_now(&self, payload: *const u8, old: usize, len: usize, end: usize) {
        self.pool_request(valgrind::MEMPOOL_CHANGE, payload.addr(), payload.addr(), len);
        if len > old {
            self.range_request(valgrind::MAKE_MEM_UNDEFINED, payload.wrapping_add(old), len - old);
        }
        if let Some(sanitizer) = self.sanitizer {
            // SAFETY: the function takes any range of the process's addresses.
            unsafe { (sanitizer.unpoison)(payload.cast(), len) };
        }
        self.close_now(payload.wrapping_add(len), end - payload.addr() - len);
    }
}

impl Sanitizer {
    #[cfg(all(feature = "std", unix))]
    fn find() -> Option<Sanitizer> {
        let look_up = |name: &core::ffi::CStr| {
            // SAFETY: the name is a string of C, and the handle stands for all of the process.
            let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
            // SAFETY: what is found under these names, which the C language reserves for it, is AddressSanitizer's
            // function of this type; null becomes None.
            unsafe { core::mem::transmute::<*mut c_void, Option<Region>>(found) }
        };
        let poison = look_up(c"__asan_poison_memory_region")?;
        let unpoison = look_up(c"__asan_unpoison_memory_region")?;
        Some(Sanitizer { poison, unpoison })
    }

    #[cfg(not(all(feature = "std", unix)))]
    fn find() -> Option<Sanitizer> {
        None
    }
}

/// Requests of valgrind, by the numbers of its headers, which never change.
mod valgrind {
    pub const RUNNING_ON_VALGRIND: usize = 0x1001;
    pub const CREATE_MEMPOOL: usize = 0x1303;
    pub const DESTROY_MEMPOOL: usize = 0x1304;
    pub const MEMPOOL_ALLOC: usize = 0x1305;
    pub const MEMPOOL_FREE: usize = 0x1306;
    pub const MEMPOOL_CHANGE: usize = 0x1309;
    /// Requests of one tool begin at two letters of its name.
    const MEMCHECK: usize = (b'M' as usize) << 24 | (b'C' as usize) << 16;
    pub const MAKE_MEM_NOACCESS: usize = MEMCHECK;
    pub const MAKE_MEM_UNDEFINED: usize = MEMCHECK + 1;
    pub const MAKE_MEM_DEFINED: usize = MEMCHECK + 2;

    /// Makes a request, and tells the answer: 0 without valgrind.
    #[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
    pub fn request(words: [usize; 6]) -> usize {
        let mut answer = 0;
        // SAFETY: rdi is turned by 128 bits in all, which leaves it as it was, and rbx is exchanged with itself. valgrind
        // reads the six words and changes rdx.
        unsafe {
            core::arch::asm!(
                "rol rdi, 3",
                "rol rdi, 13",
                "rol rdi, 61",
                "rol rdi, 51",
                "xchg rbx, rbx",
                inout("rdx") answer,
                in("rax") words.as_ptr(),
                options(nostack),
            );
        }
        answer
    }

    /// Makes a request, and tells the answer: 0 without valgrind.
    #[cfg(all(target_os = "linux", target_arch = "aarch64", not(miri)))]
    pub fn request(words: [usize; 6]) -> usize {
        let mut answer = 0;
        // SAFETY: x12 is turned by 128 bits in all, which leaves it as it was, and x10 is combined with itself. valgrind
        // reads the six words and changes x3.
        unsafe {
            core::arch::asm!(
                "ror x12, x12, #3",
                "ror x12, x12, #13",
                "ror x12, x12, #51",
                "ror x12, x12, #61",
                "orr x10, x10, x10",
                inout("x3") answer,
                in("x4") words.as_ptr(),
                options(nostack),
            );
        }
        answer
    }

    /// There is no valgrind, or its sequence is not known here.
    #[cfg(any(not(target_os = "linux"), not(any(target_arch = "x86_64", target_arch = "aarch64")), miri))]
    pub fn request(_words: [usize; 6]) -> usize {
        0
    }
}
