//! The lines of the reference, one by one: short scripts with the answers written beside each call. Every world runs
//! every script.

use crate::world::*;

/// A world that is told what to expect.
pub struct Script<'a> {
    name: &'a str,
    world: &'a mut dyn World,
}

impl Script<'_> {
    #[track_caller]
    fn by(&mut self, who: usize, call: Call, expected: Answer) -> Option<u64> {
        if !self.world.can(&call) {
            return None;
        }
        let outcome = self.world.call(who, &call);
        self.world.check();
        assert_eq!(outcome.answer, expected, "{}: {call:?} by process {who}", self.name);
        outcome.faults
    }

    #[track_caller]
    fn done(&mut self, call: Call) {
        self.by(0, call, Answer::Done(0));
    }

    #[track_caller]
    fn fails(&mut self, call: Call, errno: i32) {
        self.by(0, call, Answer::Error(errno));
    }

    /// Maps pages of the arena, anonymous.
    #[track_caller]
    fn map(&mut self, page: u64, pages: u64, protection: u32, flags: u32) {
        let call = map(page, pages, protection, flags | FIXED);
        self.by(0, call, Answer::Done(at(page)));
    }

    #[track_caller]
    fn map_file(&mut self, page: u64, pages: u64, protection: u32, flags: u32, file: u32) {
        let call = Call::Map {
            at: at(page),
            length: pages * PAGE,
            protection,
            flags: flags | FIXED,
            file: Some(file),
            offset: 0,
        };
        self.by(0, call, Answer::Done(at(page)));
    }

    /// Writes the first byte of a page; `faults` are served.
    #[track_caller]
    fn write(&mut self, who: usize, page: u64, byte: u8, faults: u64) {
        let found = self.by(who, write(page, byte), Answer::Done(0));
        self.counted(found, faults);
    }

    /// Reads the first byte of a page.
    #[track_caller]
    fn read(&mut self, who: usize, page: u64, byte: u8, faults: u64) {
        let found = self.by(who, read(page), Answer::Bytes(vec![byte]));
        self.counted(found, faults);
    }

    #[track_caller]
    fn counted(&self, found: Option<u64>, expected: u64) {
        assert_eq!(found.unwrap_or(expected), expected, "{}: faults", self.name);
    }

    #[track_caller]
    fn segv(&mut self, who: usize, call: Call, kind: Kind) {
        let address = match call {
            Call::Read { at, .. } | Call::Write { at, .. } | Call::Execute { at } => at,
            Call::CompareExchange { at, .. } => at,
            _ => unreachable!(),
        };
        self.by(who, call, Answer::Fault(kind, address));
    }

    #[track_caller]
    fn fork(&mut self, child: usize) {
        self.by(0, Call::Fork, Answer::Done(child as u64));
    }

    #[track_caller]
    fn resident(&mut self, who: usize, pages: u64) {
        let found = self.world.resident(who).unwrap_or(pages);
        assert_eq!(found, pages, "{}: resident pages of process {who}", self.name);
    }

    #[track_caller]
    fn areas(&mut self, expected: &[(u64, u64, u32)]) {
        let found: Vec<(u64, u64, u32)> = self
            .world
            .areas(0)
            .into_iter()
            .map(|(from, to, protection, _)| ((from - BASE) / PAGE, (to - BASE) / PAGE, protection))
            .collect();
        assert_eq!(found, expected, "{}: areas", self.name);
    }
}

fn map(page: u64, pages: u64, protection: u32, flags: u32) -> Call {
    Call::Map { at: at(page), length: pages * PAGE, protection, flags, file: None, offset: 0 }
}

fn read(page: u64) -> Call {
    Call::Read { at: at(page), length: 1 }
}

fn write(page: u64, byte: u8) -> Call {
    Call::Write { at: at(page), bytes: vec![byte] }
}

fn unmap(page: u64, pages: u64) -> Call {
    Call::Unmap { at: at(page), length: pages * PAGE }
}

fn protect(page: u64, pages: u64, protection: u32) -> Call {
    Call::Protect { at: at(page), length: pages * PAGE, protection }
}

fn advise(page: u64, pages: u64, advice: i32) -> Call {
    Call::Advise { at: at(page), length: pages * PAGE, advice }
}

fn remap(page: u64, old: u64, new: u64, way: Way) -> Call {
    Call::Remap { at: at(page), old: old * PAGE, new: new * PAGE, way }
}

fn incore(page: u64, pages: u64) -> Call {
    Call::Incore { at: at(page), length: pages * PAGE }
}

fn lock(page: u64, pages: u64) -> Call {
    Call::Lock { at: at(page), length: pages * PAGE }
}

fn bits(letters: &str) -> Answer {
    Answer::Bits(letters.bytes().map(|letter| letter == b'1').collect())
}

/// Runs a script in every world.
fn everywhere(name: &str, script: impl Fn(&mut Script)) {
    let mut model = crate::model::Model::new(crate::model::Rules::default());
    script(&mut Script { name: &format!("{name}, model"), world: &mut model });
    let mut machine = crate::machine::Simulated::new(crate::agree::ample(), false);
    script(&mut Script { name: &format!("{name}, machine"), world: &mut machine });
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    if let Some(mut linux) = crate::linux::Linux::new() {
        script(&mut Script { name: &format!("{name}, Linux"), world: &mut linux });
    }
}

macro_rules! scripts {
    ($($(#[$about:meta])* $name:ident: |$script:ident| $body:block)+) => {
        $($(#[$about])* #[test]
        fn $name() {
            everywhere(stringify!($name), |$script| $body);
        })+
    };
}

scripts! {
    errors_of_mmap: |s| {
        let good = |flags| map(0, 1, RW, flags);
        s.fails(Call::Map { at: at(0), length: 0, protection: RW, flags: PRIVATE, file: None, offset: 0 }, EINVAL);
        s.fails(good(0), EINVAL);
        s.fails(good(SHARED | PRIVATE), EINVAL);
        let unaligned = |at, offset, file| {
            Call::Map { at, length: PAGE, protection: READ, flags: PRIVATE | FIXED, file, offset }
        };
        s.fails(unaligned(at(0) + 1, 0, None), EINVAL);
        s.fails(unaligned(at(0), 1, Some(0)), EINVAL);
        s.fails(unaligned(at(0), 0, Some(NO_FILE)), EBADF);
        let on = |protection, flags| {
            Call::Map { at: at(0), length: PAGE, protection, flags: flags | FIXED, file: Some(1), offset: 0 }
        };
        s.fails(on(RW, SHARED), EACCES);
        s.by(0, on(READ, SHARED), Answer::Done(at(0)));
        s.by(0, on(RW, PRIVATE), Answer::Done(at(0)));
        s.fails(map(0, 1, RW, PRIVATE | NOREPLACE), EEXIST);
        s.by(0, map(1, 1, RW, PRIVATE | NOREPLACE), Answer::Done(at(1)));
        // What is there is in the way of a wish, and gives way to FIXED.
        s.by(0, map(0, 1, RW, PRIVATE), Answer::Done(ELSEWHERE));
        s.by(0, map(5, 1, RW, PRIVATE), Answer::Done(at(5)));
        // The whole of the address space, and more.
        let long = |length| Call::Map { at: 0, length, protection: READ, flags: PRIVATE, file: None, offset: 0 };
        s.fails(long(LIMIT + 1), ENOMEM);
        s.fails(long(u64::MAX), ENOMEM);
        s.fails(map((LIMIT - BASE) / PAGE, 1, RW, PRIVATE | FIXED), ENOMEM);
    }

    /// A length is rounded up.
    lengths_round_up: |s| {
        let call = Call::Map { at: at(3), length: 1, protection: RW, flags: PRIVATE | FIXED, file: None, offset: 0 };
        s.by(0, call, Answer::Done(at(3)));
        s.by(0, Call::Read { at: at(3) + PAGE - 1, length: 1 }, Answer::Bytes(vec![0]));
        s.segv(0, read(4), Kind::MapErr);
        s.done(Call::Unmap { at: at(3), length: 1 });
        s.segv(0, read(3), Kind::MapErr);
    }

    areas_split_and_merge: |s| {
        s.map(0, 4, RW, PRIVATE);
        s.map(4, 4, RW, PRIVATE);
        s.areas(&[(0, 8, RW)]);
        s.done(protect(2, 2, READ));
        s.areas(&[(0, 2, RW), (2, 4, READ), (4, 8, RW)]);
        s.done(protect(2, 2, RW));
        s.areas(&[(0, 8, RW)]);
        s.done(unmap(3, 2));
        s.areas(&[(0, 3, RW), (5, 8, RW)]);
        s.map(3, 2, RW, PRIVATE);
        s.areas(&[(0, 8, RW)]);
        s.done(advise(2, 1, DONTFORK));
        s.areas(&[(0, 2, RW), (2, 3, RW), (3, 8, RW)]);
        s.done(advise(2, 1, DOFORK));
        s.areas(&[(0, 8, RW)]);
        s.map_file(16, 2, READ, PRIVATE, 0);
        let next = |offset| {
            Call::Map { at: at(18), length: PAGE, protection: READ, flags: PRIVATE | FIXED, file: Some(0), offset }
        };
        s.by(0, next(0), Answer::Done(at(18)));
        s.areas(&[(0, 8, RW), (16, 18, READ), (18, 19, READ)]);
        s.by(0, next(2 * PAGE), Answer::Done(at(18)));
        s.areas(&[(0, 8, RW), (16, 19, READ)]);
    }

    errors_of_munmap: |s| {
        s.map(0, 2, RW, PRIVATE);
        s.fails(Call::Unmap { at: at(0) + 1, length: PAGE }, EINVAL);
        s.fails(Call::Unmap { at: at(0), length: 0 }, EINVAL);
        s.fails(Call::Unmap { at: at(0), length: LIMIT }, EINVAL);
        // Holes are no error.
        s.done(unmap(1, 100));
        s.done(unmap(50, 1));
        s.areas(&[(0, 1, RW)]);
    }

    errors_of_mprotect: |s| {
        s.map(0, 2, RW, PRIVATE);
        s.map(3, 1, RW, PRIVATE);
        s.fails(Call::Protect { at: at(0) + 1, length: PAGE, protection: READ }, EINVAL);
        s.fails(Call::Protect { at: at(0), length: PAGE, protection: 0x40 }, EINVAL);
        // Nothing of it is ever right.
        s.done(protect(0, 0, READ));
        s.done(protect(70, 0, READ));
        // The part before the hole has been changed.
        s.fails(protect(0, 4, READ), ENOMEM);
        s.areas(&[(0, 2, READ), (3, 4, RW)]);
        s.fails(protect(2, 2, NONE), ENOMEM);
        s.areas(&[(0, 2, READ), (3, 4, RW)]);
        s.map_file(8, 2, READ, SHARED, 1);
        s.fails(protect(8, 1, RW), EACCES);
        s.map_file(8, 2, READ, PRIVATE, 1);
        s.done(protect(8, 1, RW));
    }

    protections: |s| {
        s.map(0, 1, RW, PRIVATE);
        s.write(0, 0, 7, 1);
        s.done(protect(0, 1, NONE));
        s.segv(0, read(0), Kind::AccErr);
        s.segv(0, write(0, 1), Kind::AccErr);
        s.done(protect(0, 1, READ));
        s.segv(0, write(0, 1), Kind::AccErr);
        // The content has been kept.
        s.read(0, 0, 7, 0);
        // What may be written may be read on x86.
        s.done(protect(0, 1, WRITE));
        s.read(0, 0, 7, 0);
        s.write(0, 0, 0xc3, 0);
        s.segv(0, Call::Execute { at: at(0) }, Kind::AccErr);
        s.done(protect(0, 1, READ | EXEC));
        s.done(Call::Execute { at: at(0) });
        s.segv(0, write(0, 1), Kind::AccErr);
        s.segv(0, read(1), Kind::MapErr);
        s.segv(0, Call::Execute { at: at(1) }, Kind::MapErr);
    }

    not_canonical: |s| {
        let far = 0x8000_0000_0000_0000;
        s.segv(0, Call::Read { at: far, length: 1 }, Kind::General);
        s.segv(0, Call::Read { at: 1 << 47, length: 1 }, Kind::General);
        s.segv(0, Call::Write { at: far, bytes: vec![1] }, Kind::General);
    }

    /// A read of what was never written maps the shared page of zeros, and takes no memory.
    zero_page: |s| {
        s.map(0, 3, RW, PRIVATE);
        s.read(0, 0, 0, 1);
        s.read(0, 0, 0, 0);
        s.resident(0, 0);
        s.write(0, 0, 1, 1);
        s.write(0, 1, 2, 1);
        s.resident(0, 2);
        s.write(0, 0, 3, 0);
        s.by(0, incore(0, 3), bits("110"));
        s.done(advise(2, 1, POPULATE_READ));
        s.by(0, incore(0, 3), bits("111"));
        s.resident(0, 2);
    }

    copy_on_write: |s| {
        s.map(0, 3, RW, PRIVATE);
        s.write(0, 0, 1, 1);
        s.write(0, 1, 2, 1);
        s.fork(1);
        // Reading what is shared costs nothing.
        s.read(0, 0, 1, 0);
        s.read(1, 0, 1, 0);
        s.resident(1, 2);
        // The first to write copies, the last uses the frame on.
        s.write(1, 0, 9, 1);
        s.read(0, 0, 1, 0);
        s.write(0, 0, 8, 1);
        s.read(1, 0, 9, 0);
        s.write(0, 0, 7, 0);
        s.write(1, 0, 6, 0);
        // With the other gone there is nothing to copy either.
        s.by(1, Call::Exit, Answer::Done(0));
        s.write(0, 1, 5, 1);
        s.write(0, 1, 4, 0);
        s.resident(0, 2);
    }

    shared_memory: |s| {
        s.map(0, 2, RW, SHARED);
        s.write(0, 0, 1, 1);
        s.fork(1);
        s.by(1, read(0), Answer::Bytes(vec![1]));
        s.by(1, write(1, 2), Answer::Done(0));
        s.by(0, read(1), Answer::Bytes(vec![2]));
        s.done(advise(0, 2, DONTNEED));
        s.resident(0, 0);
        s.by(0, read(0), Answer::Bytes(vec![1]));
        s.done(unmap(0, 2));
        s.by(1, read(0), Answer::Bytes(vec![1]));
    }

    files: |s| {
        s.map_file(0, 8, RW, SHARED, 0);
        s.map_file(10, 8, RW, PRIVATE, 0);
        let byte = content(0, PAGE);
        s.by(0, read(1), Answer::Bytes(vec![byte]));
        s.by(0, read(11), Answer::Bytes(vec![byte]));
        // The rest of the last page is zeros; pages past it are not there.
        s.by(0, Call::Read { at: at(5) + 200, length: 1 }, Answer::Bytes(vec![0]));
        s.segv(0, read(6), Kind::AdrErr);
        s.segv(0, read(16), Kind::AdrErr);
        s.segv(0, write(17, 1), Kind::AdrErr);
        // What is shared is seen through private mappings, until they write.
        s.by(0, write(1, 99), Answer::Done(0));
        s.by(0, read(11), Answer::Bytes(vec![99]));
        s.by(0, write(11, 98), Answer::Done(0));
        s.by(0, write(1, 97), Answer::Done(0));
        s.by(0, read(11), Answer::Bytes(vec![98]));
        s.done(advise(10, 8, DONTNEED));
        s.by(0, read(11), Answer::Bytes(vec![97]));
        s.done(Call::Sync { at: at(0), length: PAGE });
    }

    a_file_is_cut_under_its_mappings: |s| {
        s.map_file(0, 6, RW, SHARED, 0);
        s.map_file(10, 6, RW, PRIVATE, 0);
        s.by(0, write(12, 5), Answer::Done(0));
        s.by(0, write(11, 5), Answer::Done(0));
        s.done(Call::Truncate { file: 0, length: PAGE + 50 });
        s.by(0, Call::Read { at: at(1) + 49, length: 2 }, Answer::Bytes(vec![content(0, PAGE + 49), 0]));
        s.segv(0, read(2), Kind::AdrErr);
        // Private copies go too.
        s.segv(0, read(12), Kind::AdrErr);
        s.by(0, read(11), Answer::Bytes(vec![5]));
        s.done(Call::Truncate { file: 0, length: 3 * PAGE });
        s.by(0, read(2), Answer::Bytes(vec![0]));
        s.by(0, read(12), Answer::Bytes(vec![0]));
        s.segv(0, read(3), Kind::AdrErr);
    }

    errors_of_madvise: |s| {
        s.map(0, 2, RW, PRIVATE);
        s.map(3, 1, RW, PRIVATE);
        s.fails(Call::Advise { at: at(0) + 1, length: PAGE, advice: DONTNEED }, EINVAL);
        s.fails(advise(0, 1, 77), EINVAL);
        s.fails(advise(0, 0, 77), EINVAL);
        s.done(advise(0, 0, DONTNEED));
        // Over a hole all that is mapped is done.
        s.write(0, 0, 1, 1);
        s.write(0, 3, 1, 1);
        s.fails(advise(0, 4, DONTNEED), ENOMEM);
        s.resident(0, 0);
        s.read(0, 0, 0, 1);
        s.done(lock(0, 1));
        s.fails(advise(0, 1, DONTNEED), EINVAL);
        s.fails(advise(0, 1, FREE), EINVAL);
        s.fails(advise(0, 1, COLD), EINVAL);
        s.fails(advise(0, 1, PAGEOUT), EINVAL);
        s.fails(advise(0, 1, GUARD_INSTALL), EINVAL);
        s.done(protect(1, 1, WRITE));
        s.fails(advise(1, 1, POPULATE_READ), EINVAL);
        s.done(protect(1, 1, READ));
        s.fails(advise(1, 1, POPULATE_WRITE), EINVAL);
        s.fails(advise(2, 1, POPULATE_READ), ENOMEM);
        s.map_file(8, 8, RW, PRIVATE, 0);
        s.fails(advise(8, 1, FREE), EINVAL);
        s.fails(advise(8, 1, WIPEONFORK), EINVAL);
        s.fails(advise(8, 8, POPULATE_READ), EFAULT);
        s.map(20, 1, RW, SHARED);
        s.fails(advise(20, 1, FREE), EINVAL);
        s.fails(advise(20, 1, WIPEONFORK), EINVAL);
    }

    advice_on_contents: |s| {
        s.map(0, 4, RW, PRIVATE);
        for page in 0..4 {
            s.write(0, page, 1, 1);
        }
        s.done(advise(0, 1, DONTNEED));
        s.resident(0, 3);
        s.read(0, 0, 0, 1);
        // Written again, a page that was given away is kept.
        s.done(advise(1, 1, FREE));
        s.write(0, 1, 2, 0);
        s.read(0, 1, 2, 0);
        s.done(advise(0, 4, POPULATE_WRITE));
        s.resident(0, 4);
        s.write(0, 0, 3, 0);
        s.done(advise(2, 1, COLD));
        s.read(0, 2, 1, 0);
    }

    guards: |s| {
        s.map(0, 3, RW, PRIVATE);
        s.write(0, 1, 5, 1);
        s.done(advise(1, 1, GUARD_INSTALL));
        s.areas(&[(0, 3, RW)]);
        s.resident(0, 0);
        s.segv(0, read(1), Kind::MapErr);
        s.segv(0, write(1, 1), Kind::MapErr);
        s.by(0, Call::Read { at: at(1) - 1, length: 1 }, Answer::Bytes(vec![0]));
        s.fails(advise(1, 1, POPULATE_WRITE), EFAULT);
        s.by(0, incore(0, 3), bits("100"));
        // They survive what takes contents, and protection comes first.
        s.done(advise(0, 3, DONTNEED));
        s.segv(0, read(1), Kind::MapErr);
        s.done(protect(0, 3, READ));
        s.segv(0, read(1), Kind::MapErr);
        s.segv(0, write(1, 1), Kind::AccErr);
        s.done(protect(0, 3, RW));
        s.segv(0, read(1), Kind::MapErr);
        s.fork(1);
        s.segv(1, read(1), Kind::MapErr);
        s.by(0, remap(0, 3, 3, Way::To(at(10))), Answer::Done(at(10)));
        s.segv(0, read(11), Kind::MapErr);
        s.done(advise(10, 3, GUARD_REMOVE));
        s.read(0, 11, 0, 1);
        s.done(advise(10, 1, GUARD_INSTALL));
        s.done(unmap(10, 1));
        s.map(10, 1, RW, PRIVATE);
        s.read(0, 10, 0, 1);
    }

    errors_of_mremap: |s| {
        s.map(0, 2, RW, PRIVATE);
        s.map(2, 1, READ, PRIVATE);
        let call = |at, way| Call::Remap { at, old: PAGE, new: 2 * PAGE, way };
        s.fails(call(at(0) + 1, Way::MayMove), EINVAL);
        s.fails(remap(0, 1, 0, Way::MayMove), EINVAL);
        s.fails(call(at(0), Way::To(at(8) + 1)), EINVAL);
        s.fails(remap(0, 2, 2, Way::To(at(1))), EINVAL);
        s.fails(remap(30, 1, 2, Way::MayMove), EFAULT);
        s.fails(remap(0, 3, 4, Way::MayMove), EFAULT);
        s.fails(remap(0, 2, 3, Way::InPlace), ENOMEM);
        s.fails(remap(0, 0, 1, Way::MayMove), EINVAL);
        s.areas(&[(0, 2, RW), (2, 3, READ)]);
    }

    mremap_moves: |s| {
        s.map(0, 2, RW, PRIVATE);
        s.write(0, 0, 1, 1);
        s.write(0, 1, 2, 1);
        // In place, as far as there is room.
        s.by(0, remap(0, 2, 4, Way::InPlace), Answer::Done(at(0)));
        s.areas(&[(0, 4, RW)]);
        s.write(0, 3, 3, 1);
        // Entries move: no faults, no copies.
        s.by(0, remap(0, 4, 4, Way::To(at(8))), Answer::Done(at(8)));
        s.areas(&[(8, 12, RW)]);
        s.read(0, 8, 1, 0);
        s.write(0, 9, 4, 0);
        s.segv(0, read(0), Kind::MapErr);
        // What is at the place goes.
        s.map(20, 2, RW, PRIVATE);
        s.write(0, 20, 9, 1);
        s.by(0, remap(8, 4, 2, Way::To(at(20))), Answer::Done(at(20)));
        s.areas(&[(20, 22, RW)]);
        s.read(0, 20, 1, 0);
        s.resident(0, 2);
        // Shrinking unmaps.
        s.by(0, remap(20, 2, 1, Way::InPlace), Answer::Done(at(20)));
        s.areas(&[(20, 21, RW)]);
        // What a shrinking range loses may lie anywhere, where it moves too.
        s.by(0, remap(20, 5, 1, Way::To(at(30))), Answer::Done(at(30)));
        s.read(0, 30, 1, 0);
        s.by(0, remap(30, 1, 1, Way::To(at(20))), Answer::Done(at(20)));
        s.map(21, 1, READ, PRIVATE);
        // Several areas move as they are, holes with them.
        s.map(24, 1, RW, SHARED);
        s.map(40, 4, RW, SHARED);
        s.by(0, remap(20, 5, 5, Way::To(at(40))), Answer::Done(at(40)));
        s.areas(&[(40, 41, RW), (41, 42, READ), (42, 44, RW), (44, 45, RW)]);
        s.done(unmap(42, 2));
        s.by(0, remap(40, 5, 5, Way::To(at(20))), Answer::Done(at(20)));
        s.by(0, remap(20, 1, 2, Way::MayMove), Answer::Done(ELSEWHERE));
        s.areas(&[(21, 22, READ), (24, 25, RW)]);
    }

    /// With an old length of nothing a shared range is mapped once more.
    mremap_maps_twice: |s| {
        s.map(0, 2, RW, SHARED);
        s.write(0, 1, 5, 1);
        s.by(0, remap(0, 0, 2, Way::To(at(8))), Answer::Done(at(8)));
        s.by(0, read(9), Answer::Bytes(vec![5]));
        s.by(0, write(8, 6), Answer::Done(0));
        s.by(0, read(0), Answer::Bytes(vec![6]));
        // Over itself it is unmapped, and then there is nothing to map.
        s.map(20, 1, RW, SHARED);
        s.fails(remap(20, 0, 1, Way::To(at(20))), EFAULT);
        s.segv(0, read(20), Kind::MapErr);
        // Beyond the object there is nothing.
        s.by(0, remap(0, 2, 3, Way::InPlace), Answer::Done(at(0)));
        s.segv(0, read(2), Kind::AdrErr);
    }

    locks: |s| {
        s.map(0, 4, RW, PRIVATE);
        s.done(lock(0, 2));
        s.resident(0, 2);
        s.write(0, 0, 1, 0);
        s.areas(&[(0, 2, RW), (2, 4, RW)]);
        s.done(Call::LockOnFault { at: at(2), length: PAGE });
        s.resident(0, 2);
        s.fails(lock(3, 2), ENOMEM);
        s.fails(advise(3, 1, DONTNEED), EINVAL);
        s.done(Call::Unlock { at: at(0), length: 4 * PAGE });
        s.areas(&[(0, 4, RW)]);
        s.done(advise(0, 4, DONTNEED));
        s.fails(Call::Unlock { at: at(3), length: 2 * PAGE }, ENOMEM);
        s.map(8, 1, NONE, PRIVATE);
        s.fails(lock(8, 1), ENOMEM);
        s.fails(lock(30, 1), ENOMEM);
        s.map(9, 1, READ, PRIVATE);
        s.done(lock(9, 1));
        s.by(0, incore(9, 1), bits("1"));
        s.resident(0, 0);
        // An address within a page will do.
        s.map(12, 2, RW, PRIVATE);
        s.done(Call::Lock { at: at(12) + 5, length: PAGE });
        s.resident(0, 2);
        // The page becomes writable: it is copied now, for a locked page shall not fault.
        s.done(protect(9, 1, RW));
        s.write(0, 9, 1, 0);
        s.map(16, 2, RW, PRIVATE | LOCKED);
        s.write(0, 16, 1, 0);
        s.map(20, 2, RW, PRIVATE | POPULATE);
        s.write(0, 21, 1, 0);
        s.map(24, 2, RW, PRIVATE | LOCKED);
        s.by(0, remap(24, 2, 4, Way::InPlace), Answer::Done(at(24)));
        s.write(0, 27, 1, 0);
    }

    forks: |s| {
        s.map(0, 1, RW, PRIVATE);
        s.map(1, 1, RW, PRIVATE);
        s.map(2, 1, RW, PRIVATE);
        for page in 0..3 {
            s.write(0, page, page as u8 + 1, 1);
        }
        s.done(advise(1, 1, DONTFORK));
        s.done(advise(2, 1, WIPEONFORK));
        s.done(lock(0, 1));
        s.fork(1);
        s.by(1, read(0), Answer::Bytes(vec![1]));
        s.segv(1, read(1), Kind::MapErr);
        s.by(1, read(2), Answer::Bytes(vec![0]));
        // Locks are not handed down.
        s.by(1, advise(0, 1, DONTNEED), Answer::Done(0));
        s.by(0, advise(0, 1, DONTNEED), Answer::Error(EINVAL));
        s.by(1, read(0), Answer::Bytes(vec![0]));
        s.by(0, read(0), Answer::Bytes(vec![1]));
        // A child's child, and what the child then wrote.
        s.by(1, write(0, 7), Answer::Done(0));
        s.by(1, Call::Fork, Answer::Done(2));
        s.by(2, read(0), Answer::Bytes(vec![7]));
        s.by(1, Call::Exit, Answer::Done(0));
        s.by(2, write(0, 8), Answer::Done(0));
        s.by(0, read(0), Answer::Bytes(vec![1]));
    }

    errors_of_mincore_and_msync: |s| {
        s.map(0, 2, RW, PRIVATE);
        s.fails(Call::Incore { at: at(0) + 1, length: PAGE }, EINVAL);
        s.fails(incore(0, 3), ENOMEM);
        s.fails(Call::Sync { at: at(0) + 1, length: PAGE }, EINVAL);
        s.fails(Call::Sync { at: at(0), length: 3 * PAGE }, ENOMEM);
        s.done(Call::Sync { at: at(0), length: 2 * PAGE });
        s.map(8, 3, RW, SHARED);
        s.write(0, 9, 1, 1);
        s.by(0, incore(8, 3), bits("010"));
        s.done(advise(8, 3, DONTNEED));
        s.by(0, incore(8, 3), bits("010"));
    }

    compare_and_exchange: |s| {
        s.map(0, 1, RW, PRIVATE);
        let call = |expected, new| Call::CompareExchange { at: at(0) + 8, expected, new };
        s.by(0, call(0, 5), Answer::Done(1));
        s.by(0, call(0, 6), Answer::Done(0));
        s.by(0, call(5, 7), Answer::Done(1));
        s.by(0, Call::Read { at: at(0) + 8, length: 1 }, Answer::Bytes(vec![7]));
        s.done(protect(0, 1, READ));
        // It is a write, though it would not change anything.
        s.segv(0, call(1, 2), Kind::AccErr);
    }

    accesses_over_pages: |s| {
        s.map(0, 2, RW, PRIVATE);
        let bytes = vec![3; 2 * PAGE as usize];
        let found = s.by(0, Call::Write { at: at(0), bytes: bytes.clone() }, Answer::Done(0));
        s.counted(found, 2);
        s.by(0, Call::Read { at: at(0), length: 2 * PAGE }, Answer::Bytes(bytes));
        // The bytes before the page that cannot be written have been written.
        let call = Call::Write { at: at(2) - 2, bytes: vec![4; 5] };
        s.by(0, call, Answer::Fault(Kind::MapErr, at(2)));
        s.by(0, Call::Read { at: at(2) - 3, length: 3 }, Answer::Bytes(vec![3, 4, 4]));
    }

    /// Mapped beside the page that a read wants: what is in memory, in the same area, among the 16 pages from the
    /// beginning of its aligned window, or from that of its area if it is later.
    fault_around: |s| {
        s.map_file(16, 5, READ, SHARED, 0);
        s.read(0, 17, content(0, PAGE), 1);
        s.read(0, 20, content(0, 4 * PAGE), 0);
        s.resident(0, 5);
        s.map_file(30, 5, READ, PRIVATE, 0);
        s.read(0, 31, content(0, PAGE), 1);
        s.read(0, 34, content(0, 4 * PAGE), 0);
        s.resident(0, 10);
        s.map(46, 4, RW, SHARED);
        s.write(0, 49, 1, 1);
        s.done(advise(46, 4, DONTNEED));
        s.read(0, 46, 0, 1);
        s.read(0, 49, 1, 0);
    }

    the_break: |s| {
        s.by(0, Call::Break { by: 3 * PAGE as i64 }, Answer::Done(3 * PAGE));
        s.by(0, Call::Break { by: -(PAGE as i64) }, Answer::Done(PAGE));
        s.by(0, Call::Break { by: 100 }, Answer::Done(100));
        // Below the start, or further than addresses go: where it was.
        s.by(0, Call::Break { by: -(1 << 40) }, Answer::Done(0));
        s.by(0, Call::Break { by: 1 << 50 }, Answer::Done(0));
    }
}

const NONE: u32 = 0;
