//! Segmented paging against maps that are searched.

use memcore::vm::segment::SegmentedPagingError as Error;
use memcore::vm::segment::multics::{
    Brackets, MulticsFaultKind as Fault, PageWord, SegmentAccess, SegmentedPaging,
};
use memcore::vm::{Access, Protection};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

const PAGE: u64 = 10;
const FRAMES: u32 = 6;
const BOUND: u32 = 5;

/// The rules of Schroeder and Saltzer, ring by ring.
fn allowed(access: &SegmentAccess, ring: u8, kind: Access) -> bool {
    let (r1, r2, _) = access.brackets.numbers();
    match kind {
        Access::Write => access.modes.contains(Protection::WRITE) && (0..=r1).contains(&ring),
        Access::Read => access.modes.contains(Protection::READ) && (0..=r2).contains(&ring),
        Access::Execute => access.modes.contains(Protection::EXECUTE) && (r1..=r2).contains(&ring),
    }
}

#[derive(Default)]
struct Model {
    /// Length of each segment that lives.
    lengths: BTreeMap<u32, u64>,
    created: u32,
    processes: u32,
    attached: BTreeMap<(u32, u32), (u32, SegmentAccess)>,
    pages: BTreeMap<(u32, u32), PageWord>,
    /// Free frames, the next one last.
    free: Vec<u32>,
}

impl Model {
    fn pages_of(&self, segment: u32) -> u32 {
        self.lengths[&segment].div_ceil(PAGE) as u32
    }

    fn drop_pages(&mut self, segment: u32, from: u32) {
        let gone: Vec<_> =
            self.pages.keys().copied().filter(|key| key.0 == segment && key.1 >= from).collect();
        for key in gone.into_iter().rev() {
            self.free.extend(self.pages.remove(&key).unwrap().frame);
        }
    }

    fn translate(
        &mut self,
        process: u32,
        ring: u8,
        number: u32,
        offset: u64,
        kind: Access,
    ) -> Result<u64, Fault> {
        if process >= self.processes || ring > 7 {
            return Err(Fault::NoProcess);
        }
        if number >= BOUND {
            return Err(Fault::OutOfBounds);
        }
        let (segment, access) = *self.attached.get(&(process, number)).ok_or(Fault::MissingSegment)?;
        if offset >= self.lengths[&segment] {
            return Err(Fault::OutOfBounds);
        }
        if !allowed(&access, ring, kind) {
            return Err(Fault::AccessViolation);
        }
        let word = self.pages.get_mut(&(segment, (offset / PAGE) as u32)).ok_or(Fault::MissingPage)?;
        word.used = true;
        word.modified |= kind == Access::Write;
        Ok(u64::from(word.frame.unwrap()) * PAGE + offset % PAGE)
    }
}

fn unknown<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Unknown { .. }))
}

/// One operation, chosen by numbers, on both; everything they answer is compared.
fn step(machine: &mut SegmentedPaging, model: &mut Model, [what, a, b, c, d]: [u32; 5]) {
    let (segment, page, process, number) = (a % 6, b % 5, a % 3, b % 6);
    let lives = model.lengths.contains_key(&segment);
    match what % 12 {
        0 => {
            if model.created < 6 {
                let length = u64::from(b % 45);
                assert_eq!(machine.create_segment(length), Ok(model.created));
                model.lengths.insert(model.created, length);
                model.created += 1;
            }
        }
        1 => {
            if model.processes < 2 {
                assert_eq!(machine.add_process(BOUND), Ok(model.processes));
                model.processes += 1;
            }
        }
        2 => {
            let times = model.attached.values().filter(|(other, _)| *other == segment).count() as u64;
            let got = machine.delete_segment(segment);
            if !lives {
                assert!(unknown(got));
            } else if times > 0 {
                assert_eq!(got, Err(Error::Attached { segment, times }));
            } else {
                assert_eq!(got, Ok(()));
                model.drop_pages(segment, 0);
                model.lengths.remove(&segment);
            }
        }
        3 => {
            let length = u64::from(c % 45);
            let got = machine.set_length(segment, length);
            if lives {
                assert_eq!(got, Ok(()));
                model.lengths.insert(segment, length);
                model.drop_pages(segment, model.pages_of(segment));
            } else {
                assert!(unknown(got));
            }
        }
        4 | 5 => {
            let segment = c % 6;
            let modes = Protection::from_bits(d % 8).unwrap();
            let mut rings = [d / 8 % 8, d / 64 % 8, d / 512 % 8].map(|ring| ring as u8);
            rings.sort_unstable();
            let brackets = Brackets::new(rings[0], rings[1], rings[2]).unwrap();
            let access = SegmentAccess { modes, brackets, gates: u64::from(d / 4096 % 4) };
            let got = machine.attach(process, number, segment, access);
            if !model.lengths.contains_key(&segment) || process >= model.processes {
                assert!(unknown(got));
            } else if number >= BOUND {
                assert!(matches!(got, Err(Error::Invalid { value: 5, .. })));
            } else if let Entry::Vacant(free) = model.attached.entry((process, number)) {
                assert_eq!(got, Ok(()));
                free.insert((segment, access));
            } else {
                assert_eq!(got, Err(Error::Taken { what: "segment number", value: number.into() }));
            }
        }
        6 => {
            let got = machine.detach(process, number).ok();
            assert_eq!(got, model.attached.remove(&(process, number)).map(|(segment, _)| segment));
        }
        7 | 8 => {
            let got = machine.bring_in(segment, page);
            if !lives || page >= model.pages_of(segment) {
                assert!(unknown(got));
            } else if model.pages.contains_key(&(segment, page)) {
                assert_eq!(got, Err(Error::Taken { what: "page", value: page.into() }));
            } else if let Some(frame) = model.free.pop() {
                assert_eq!(got, Ok(frame));
                model.pages.insert((segment, page), PageWord { frame: Some(frame), ..PageWord::default() });
            } else {
                assert_eq!(got, Err(Error::NoFrames { frames: FRAMES }));
            }
        }
        9 => {
            let got = machine.put_out(segment, page).ok();
            let word = model.pages.remove(&(segment, page));
            assert_eq!(got, word);
            model.free.extend(word.and_then(|word| word.frame));
        }
        _ => {
            let (ring, offset) = ((c % 9) as u8, u64::from(d % 50));
            for kind in [Access::Read, Access::Write, Access::Execute] {
                let walked = machine.walk(process, ring, number, offset, kind).outcome;
                let got = machine.translate(process, ring, number, offset, kind);
                assert_eq!(got, walked);
                assert_eq!(
                    got.map_err(|fault| fault.kind),
                    model.translate(process, ring, number, offset, kind)
                );
            }
        }
    }
    machine.validate().unwrap();
    for (&(segment, page), word) in &model.pages {
        assert_eq!(machine.page(segment, page), Ok(*word));
    }
    assert_eq!(machine.frames(), (FRAMES, model.free.len() as u32));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_agrees_with_maps(steps in prop::collection::vec(prop::array::uniform5(any::<u32>()), 1..120)) {
        let mut machine = SegmentedPaging::new(PAGE, FRAMES).unwrap();
        let mut model = Model { free: (0..FRAMES).rev().collect(), ..Model::default() };
        for (at, numbers) in steps.into_iter().enumerate() {
            // Processes and segments first, so that there is something to work on.
            let numbers = if at < 6 { [at as u32 % 2, 30 + numbers[1] % 9, 7, 1, 1] } else { numbers };
            step(&mut machine, &mut model, numbers);
        }
    }
}

#[test]
fn a_segment_is_shared_with_its_pages() {
    let mut machine = SegmentedPaging::new(1024, 4).unwrap();
    let (first, second) = (machine.add_process(8).unwrap(), machine.add_process(8).unwrap());
    let shared = machine.create_segment(3000).unwrap();
    let rights = |modes| SegmentAccess::new(modes);
    machine.attach(first, 1, shared, rights(Protection::READ | Protection::WRITE)).unwrap();
    machine.attach(second, 6, shared, rights(Protection::READ)).unwrap();
    machine.bring_in(shared, 2).unwrap();
    assert_eq!(machine.translate(first, 4, 1, 2999, Access::Write), Ok(2999 - 2048));
    // The other process sees the page, by its own number, and with its own rights.
    assert_eq!(machine.translate(second, 4, 6, 2999, Access::Read), Ok(2999 - 2048));
    let fault = machine.translate(second, 4, 6, 2999, Access::Write).unwrap_err();
    assert_eq!(fault.kind, Fault::AccessViolation);
    assert_eq!(
        fault.to_string(),
        "access-violation: write of segment 6, offset 2999, in ring 4 by process 1"
    );
    assert_eq!(machine.put_out(shared, 2), Ok(PageWord { frame: Some(0), used: true, modified: true }));
    assert_eq!(machine.translate(first, 4, 1, 2999, Access::Read).unwrap_err().kind, Fault::MissingPage);
}

#[test]
fn gates_lead_inwards() {
    let mut machine = SegmentedPaging::new(1024, 4).unwrap();
    let process = machine.add_process(2).unwrap();
    let supervisor = machine.create_segment(100).unwrap();
    let modes = Protection::READ | Protection::EXECUTE;
    let access = SegmentAccess { modes, brackets: Brackets::new(1, 3, 5).unwrap(), gates: 10 };
    machine.attach(process, 0, supervisor, access).unwrap();
    let call = |ring, offset| machine.call(process, ring, 0, offset).map_err(|fault| fault.kind);
    // From each ring, at the last gate and past it.
    let no = Err(Fault::AccessViolation);
    for (ring, gate, past) in
        [(0, no, no), (1, Ok(1), Ok(1)), (3, Ok(3), Ok(3)), (4, Ok(3), no), (5, Ok(3), no), (6, no, no)]
    {
        assert_eq!((call(ring, 9), call(ring, 10)), (gate, past), "ring {ring}");
    }
    assert_eq!(call(4, 100), Err(Fault::OutOfBounds));
    assert_eq!(machine.call(process, 4, 1, 0).unwrap_err().kind, Fault::MissingSegment);
    assert_eq!(machine.call(process, 4, 2, 0).unwrap_err().kind, Fault::OutOfBounds);
}

#[test]
fn sizes_that_make_no_sense() {
    assert!(SegmentedPaging::new(0, 1).is_err() && SegmentedPaging::new(1, 0).is_err());
    assert!(SegmentedPaging::new(u64::MAX, 2).is_err() && SegmentedPaging::new(u64::MAX, 1).is_ok());
    assert!(matches!(
        SegmentedPaging::new(1, 1).unwrap().create_segment(1 << 32),
        Err(Error::Invalid { what: "length", .. })
    ));
    for rings in [(2, 1, 3), (1, 3, 2), (0, 0, 8)] {
        assert!(Brackets::new(rings.0, rings.1, rings.2).is_err());
    }
}

#[test]
fn a_saved_machine_is_checked() {
    let mut machine = SegmentedPaging::new(8, 3).unwrap();
    let (process, segment) = (machine.add_process(2).unwrap(), machine.create_segment(20).unwrap());
    machine.attach(process, 1, segment, SegmentAccess::new(Protection::READ)).unwrap();
    machine.bring_in(segment, 1).unwrap();
    let saved = postcard::to_allocvec(&machine).unwrap();
    let back: SegmentedPaging = postcard::from_bytes(&saved).unwrap();
    assert_eq!(back.validate(), Ok(()));
    assert_eq!(postcard::to_allocvec(&back).unwrap(), saved);
    // Any byte changed: it is refused at once, or it is found out, or the machine is another sound one.
    let mut refused = 0;
    for at in 0..saved.len() {
        for bit in 0..8 {
            let mut hostile = saved.clone();
            hostile[at] ^= 1 << bit;
            match postcard::from_bytes::<SegmentedPaging>(&hostile) {
                Ok(mut machine) if machine.validate().is_ok() => {
                    for page in 0..4 {
                        let _ = machine.bring_in(segment, page);
                        let _ = machine.translate(process, 4, 1, u64::from(page) * 8, Access::Read);
                        let _ = machine.put_out(segment, page);
                    }
                    machine.validate().unwrap();
                }
                _ => refused += 1,
            }
        }
    }
    assert!(refused > saved.len());
}
