//! Single accesses that may fault.
//!
//! Before an access the place to go on is written to [`RESUME`]; the handler sets the instruction pointer to it. The
//! string instructions keep their registers up to date, so that what is left tells how far they came.

use std::arch::asm;
use std::ptr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

static RESUME: AtomicU64 = AtomicU64::new(0);
/// The stack pointer to restore, for a fetch has pushed its return address; 0: leave it.
static STACK: AtomicU64 = AtomicU64::new(0);
pub static SIGNAL: AtomicI64 = AtomicI64::new(0);
pub static CODE: AtomicI64 = AtomicI64::new(0);
pub static ADDRESS: AtomicU64 = AtomicU64::new(0);

extern "C" fn on_signal(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let resume = RESUME.swap(0, Relaxed);
    if resume == 0 {
        // Not from a probe: a mistake of the test.
        // SAFETY: ends the worker at once.
        unsafe { libc::_exit(86) };
    }
    SIGNAL.store(signal.into(), Relaxed);
    // SAFETY: the kernel passes both to a handler set with SA_SIGINFO, and they are valid while it runs.
    unsafe {
        CODE.store((*info).si_code.into(), Relaxed);
        ADDRESS.store((*info).si_addr() as u64, Relaxed);
        let registers = &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
        registers[libc::REG_RIP as usize] = resume as i64;
        let stack = STACK.swap(0, Relaxed);
        if stack != 0 {
            registers[libc::REG_RSP as usize] = stack as i64;
        }
    }
}

/// Catches the signals of accesses, in this process.
pub fn catch() {
    // SAFETY: the handler does nothing that a handler must not, and all zeros is an empty mask without flags.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
        for signal in [libc::SIGSEGV, libc::SIGBUS] {
            libc::sigaction(signal, &action, ptr::null_mut());
        }
    }
}

/// Copies bytes, of which either side may fault; the bytes that were left.
#[inline(never)]
pub fn copy(from: u64, to: u64, length: u64) -> u64 {
    let left;
    // SAFETY: one side is the worker's slot, in which `length` bytes have room. The other side is the arena, which
    // holds nothing that Rust knows of; if it faults, the handler goes on at the label.
    unsafe {
        asm!(
            "lea {scratch}, [rip + 2f]",
            "mov [{resume}], {scratch}",
            "rep movsb",
            "2:",
            scratch = out(reg) _,
            resume = in(reg) RESUME.as_ptr(),
            inout("rcx") length => left,
            inout("rsi") from => _,
            inout("rdi") to => _,
        );
    }
    RESUME.store(0, Relaxed);
    left
}

/// Swaps one byte if it is as expected.
#[inline(never)]
pub fn exchange(address: u64, expected: u8, new: u8) -> bool {
    let equal: u8;
    // SAFETY: the byte is in the arena, which holds nothing that Rust knows of; if it faults, the handler goes on at
    // the label.
    unsafe {
        asm!(
            "xor {equal}, {equal}",
            "lea {scratch}, [rip + 2f]",
            "mov [{resume}], {scratch}",
            "lock cmpxchg byte ptr [{address}], {new}",
            "sete {equal}",
            "2:",
            scratch = out(reg) _,
            resume = in(reg) RESUME.as_ptr(),
            address = in(reg) address,
            new = in(reg_byte) new,
            equal = out(reg_byte) equal,
            inout("al") expected => _,
        );
    }
    RESUME.store(0, Relaxed);
    equal == 1
}

/// Calls what must be a lone `ret`.
#[inline(never)]
pub fn fetch(address: u64) {
    // SAFETY: the instruction there returns at once and changes nothing; if it faults, the handler goes on at the
    // label with the stack as it was.
    unsafe {
        asm!(
            "lea {scratch}, [rip + 2f]",
            "mov [{resume}], {scratch}",
            "mov [{stack}], rsp",
            "call {address}",
            "2:",
            scratch = out(reg) _,
            resume = in(reg) RESUME.as_ptr(),
            stack = in(reg) STACK.as_ptr(),
            address = in(reg) address,
        );
    }
    RESUME.store(0, Relaxed);
    STACK.store(0, Relaxed);
}
