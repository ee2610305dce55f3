//! What a worker does: waits for a byte, performs the operation in its slot, sends a byte.
//!
//! It began as a copy of one thread of the test program, so it takes no lock and allocates nothing: system calls, its
//! stack, its slot, the statics of [`probe`].

use super::*;
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::Relaxed;

/// Sends a byte.
pub fn signal(fd: i32) {
    // SAFETY: one byte is read from the array.
    let written = unsafe { libc::write(fd, [1u8].as_ptr().cast(), 1) };
    assert_eq!(written, 1);
}

/// Waits for a byte, at most so many milliseconds (-1: as long as it takes); false if there is none.
pub fn wait(fd: i32, milliseconds: i32) -> bool {
    let mut byte = [0u8];
    let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one structure is given.
    if unsafe { libc::poll(&mut poll, 1, milliseconds) } != 1 {
        return false;
    }
    loop {
        // SAFETY: one byte is written to the array.
        match unsafe { libc::read(fd, byte.as_mut_ptr().cast(), 1) } {
            1 => return true,
            0 => return false,
            _ if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            _ => return false,
        }
    }
}

/// The worker's life.
pub fn run(slots: *mut Slot, pipes: &[[[i32; 2]; 2]], mut who: usize) -> ! {
    probe::catch();
    loop {
        // SAFETY: a worker that outlives the test shall end with it.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        if !wait(pipes[who][0][0], -1) {
            // SAFETY: ends this process alone.
            unsafe { libc::_exit(0) };
        }
        // SAFETY: the test waits for the answer, so the slot is this worker's now.
        let slot = unsafe { &mut *slots.add(who) };
        match slot.operation {
            EXIT => {
                signal(pipes[who][1][1]);
                // SAFETY: ends this process alone.
                unsafe { libc::_exit(0) };
            }
            FORK => {
                // The test becomes the parent of all, so that it can wait for the end of each.
                // The slot is read before: once there is an answer in it, it is the test's again.
                let child = slot.arguments[0] as usize;
                let flags = (libc::CLONE_PARENT | libc::SIGCHLD) as u64;
                // SAFETY: without CLONE_VM and with no stack given this is a fork: the child goes on with a copy.
                let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0u64, 0u64, 0u64, 0u64) };
                if pid == 0 {
                    who = child;
                    continue;
                }
                slot.result = pid;
            }
            _ => perform(slot),
        }
        signal(pipes[who][1][1]);
    }
}

fn minor_faults() -> u64 {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: the call fills the structure, so that it may be read.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    (usage.ru_minflt + usage.ru_majflt) as u64
}

/// Has the kernel bring what the measured stretch of code itself needs, as after a fork the stack is shared.
#[inline(never)]
fn warm_up(slot: &mut Slot) {
    let mut stack = [0u8; 32 << 10];
    for i in (0..stack.len()).step_by(1024) {
        // SAFETY: the place is in the array; volatile, so that it is really written.
        unsafe { ptr::write_volatile(&mut stack[i], 1) };
    }
    for i in (0..DATA).step_by(1024) {
        // SAFETY: the place is in the array.
        unsafe { ptr::write_volatile(&mut slot.data[i], ptr::read_volatile(&slot.data[i])) };
    }
    probe::SIGNAL.store(0, Relaxed);
    probe::CODE.store(0, Relaxed);
    probe::ADDRESS.store(0, Relaxed);
}

fn perform(slot: &mut Slot) {
    warm_up(slot);
    let [a, b, c, d, e, f] = slot.arguments;
    let data = slot.data.as_mut_ptr() as u64;
    // First for nothing, over the same code, tables and stack: after a fork they may have to be faulted in.
    for place in [data, a] {
        let dry = place == data;
        let length = if dry { 1 } else { b };
        let before = minor_faults();
        match slot.operation {
            LOAD => {
                probe::copy(place, data, length);
            }
            STORE => {
                probe::copy(data, place, length);
            }
            EXCHANGE => {
                slot.result = probe::exchange(place, b as u8, if dry { b as u8 } else { c as u8 }).into()
            }
            FETCH if dry => {}
            FETCH => probe::fetch(place),
            _ if dry => {}
            _ => slot.result = system_call(slot.operation, [a, b, c, d, e, f], data),
        }
        slot.faults = minor_faults() - before;
    }
    slot.signal = probe::SIGNAL.load(Relaxed);
    slot.code = probe::CODE.load(Relaxed);
    slot.address = probe::ADDRESS.load(Relaxed);
}

fn system_call(operation: u64, [a, b, c, d, e, f]: [u64; 6], data: u64) -> i64 {
    if operation == BREAK {
        // SAFETY: the break moves up from where it is, or back down over what was never used.
        return unsafe {
            let old = libc::syscall(libc::SYS_brk, 0);
            let new = libc::syscall(libc::SYS_brk, old + a as i64);
            (new - old).abs()
        };
    }
    let number = match operation {
        MAP => libc::SYS_mmap,
        UNMAP => libc::SYS_munmap,
        PROTECT => libc::SYS_mprotect,
        REMAP => libc::SYS_mremap,
        ADVISE => libc::SYS_madvise,
        LOCK => libc::SYS_mlock2,
        UNLOCK => libc::SYS_munlock,
        SYNC => libc::SYS_msync,
        _ => libc::SYS_mincore,
    };
    let c = match operation {
        SYNC => libc::MS_ASYNC as u64,
        INCORE => data,
        _ => c,
    };
    // SAFETY: the calls change mappings of the arena alone, which holds nothing that Rust knows of; mincore writes
    // one byte for each page to the slot, which has room for more pages than the arena has.
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if result == -1 {
        // SAFETY: reads the number of this thread's last error.
        return -i64::from(unsafe { *libc::__errno_location() });
    }
    result
}
