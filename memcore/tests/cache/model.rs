//! A memory hierarchy written straight from its definition: lists that are searched, clocks that are compared,
//! levels that ask the next one by recursion.

use memcore::cache::{
    HierarchyConfig, Inclusion, LevelConfig, LevelStats, MemoryStats, Operation, Prefetch, Serves, SetPolicy,
    Trigger, WritePolicy,
};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

#[derive(Clone, Copy, Debug, PartialEq)]
struct Line {
    number: u64,
    dirty: bool,
    prefetched: bool,
    used: u64,
    came: u64,
}

/// One set: its ways, and whatever a policy marks them with.
#[derive(Clone, Debug)]
struct Set {
    ways: Vec<Option<Line>>,
    /// Bit-PLRU's bits, SRRIP's predictions.
    marks: Vec<u8>,
    /// Tree-PLRU's arrows that point right, by the range of ways under the node.
    right: Vec<(usize, usize)>,
}

pub struct Level {
    config: LevelConfig,
    sets: Vec<Set>,
    random: Xoshiro256PlusPlus,
    clock: u64,
    /// Region, last line, distance.
    streams: Vec<Option<(u64, u64, i128)>>,
    pub stats: LevelStats,
}

#[derive(Clone, Copy, PartialEq)]
enum Who {
    Program(Operation),
    Prefetcher,
    WriteBack,
}

/// How the processor's time goes.
#[derive(Clone, Copy)]
struct Time {
    waits: bool,
    cycles: u64,
}

const NOBODY_WAITS: Time = Time { waits: false, cycles: 0 };

pub struct Model {
    config: HierarchyConfig,
    pub levels: Vec<Level>,
    pub memory: MemoryStats,
    /// Pages in the RAM, the least recently used first, and whether they are dirty.
    pages: Vec<(u64, bool)>,
    wishes: Vec<(usize, Vec<u64>)>,
}

fn halves(ways: usize, way: usize) -> Vec<(usize, usize, bool)> {
    let (mut low, mut high) = (0, ways);
    let mut path = Vec::new();
    while high - low > 1 {
        let left = (high - low).div_ceil(2);
        let is_right = way >= low + left;
        path.push((low, high, is_right));
        if is_right {
            low += left;
        } else {
            high = low + left;
        }
    }
    path
}

impl Level {
    fn number(&self, address: u64) -> u64 {
        address / self.config.geometry.line()
    }

    fn place(&self, number: u64) -> (usize, Option<usize>) {
        let set = (number % self.config.geometry.sets()) as usize;
        let way = self.sets[set].ways.iter().position(|way| way.is_some_and(|line| line.number == number));
        (set, way)
    }

    pub fn has(&self, address: u64) -> bool {
        self.place(self.number(address)).1.is_some()
    }

    fn line(&mut self, address: u64) -> Option<&mut Line> {
        let (set, way) = self.place(self.number(address));
        self.sets[set].ways[way?].as_mut()
    }

    fn mark(&mut self, set: usize, way: usize, came_in: bool) {
        let set = &mut self.sets[set];
        let ways = set.ways.len();
        match self.config.policy {
            SetPolicy::BitPlru => {
                set.marks[way] = 1;
                if set.marks.iter().all(|&mark| mark == 1) {
                    set.marks = vec![0; ways];
                    set.marks[way] = 1;
                }
            }
            SetPolicy::TreePlru => {
                for (low, high, is_right) in halves(ways, way) {
                    set.right.retain(|node| *node != (low, high));
                    if !is_right {
                        set.right.push((low, high));
                    }
                }
            }
            SetPolicy::Srrip { bits } => set.marks[way] = if came_in { (1 << bits) - 2 } else { 0 },
            _ => {}
        }
    }

    /// The program, or a write-back, uses a line that is there.
    fn hit(&mut self, address: u64) {
        let (set, way) = self.place(self.number(address));
        let way = way.unwrap();
        self.clock += 1;
        self.sets[set].ways[way].as_mut().unwrap().used = self.clock;
        self.mark(set, way, false);
    }

    fn victim(&mut self, set: usize) -> usize {
        let ways = self.sets[set].ways.len();
        let by = |key: fn(&Line) -> u64, set: &Set| {
            (0..ways).min_by_key(|&way| key(set.ways[way].as_ref().unwrap())).unwrap()
        };
        let set = &mut self.sets[set];
        match &self.config.policy {
            SetPolicy::Lru => by(|line| line.used, set),
            SetPolicy::Fifo => by(|line| line.came, set),
            SetPolicy::Random { .. } => {
                (u128::from(self.random.next_u64()) * ways as u128 / (1 << 64)) as usize
            }
            SetPolicy::BitPlru => set.marks.iter().position(|&mark| mark == 0).unwrap_or(0),
            SetPolicy::TreePlru => {
                let leads_to = |way: &usize| {
                    halves(ways, *way)
                        .iter()
                        .all(|&(low, high, is_right)| set.right.contains(&(low, high)) == is_right)
                };
                (0..ways).find(leads_to).unwrap()
            }
            SetPolicy::Srrip { bits } => loop {
                if let Some(way) = set.marks.iter().position(|&mark| mark == (1 << bits) - 1) {
                    break way;
                }
                set.marks.iter_mut().for_each(|mark| *mark += 1);
            },
            other => panic!("no model of {other}"),
        }
    }

    fn insert(&mut self, address: u64, dirty: bool, prefetched: bool) -> Option<Line> {
        let number = self.number(address);
        if let Some(line) = self.line(address) {
            line.dirty |= dirty;
            self.hit(address);
            return None;
        }
        let (set, _) = self.place(number);
        let way = match self.sets[set].ways.iter().position(Option::is_none) {
            Some(way) => way,
            None => self.victim(set),
        };
        self.clock += 1;
        let line = Line { number, dirty, prefetched, used: self.clock, came: self.clock };
        let victim = self.sets[set].ways[way].replace(line);
        self.mark(set, way, true);
        victim
    }

    fn take(&mut self, address: u64) -> Option<Line> {
        let (set, way) = self.place(self.number(address));
        self.sets[set].ways[way?].take()
    }

    fn wish(&mut self, line: u64, hit: bool, first_use: bool) -> Vec<u64> {
        let (degree, stride) = match self.config.prefetch {
            Prefetch::None => return Vec::new(),
            Prefetch::NextLine { degree, on } => {
                let acts = on == Trigger::Always || !hit || on == Trigger::Tagged && first_use;
                (if acts { degree } else { 0 }, 1)
            }
            Prefetch::Stride { degree, region, .. } => {
                let region = line * self.config.geometry.line() / region;
                let slots = self.streams.len() as u64;
                let slot = &mut self.streams[(region % slots) as usize];
                match *slot {
                    Some((known, last, stride)) if known == region => {
                        let now = i128::from(line) - i128::from(last);
                        if now == 0 {
                            return Vec::new();
                        }
                        *slot = Some((region, line, now));
                        (if now == stride { degree } else { 0 }, now)
                    }
                    _ => {
                        *slot = Some((region, line, 0));
                        return Vec::new();
                    }
                }
            }
            _ => unreachable!(),
        };
        let last = i128::from(u64::MAX / self.config.geometry.line());
        let lines = (1..=i128::from(degree)).map(|n| i128::from(line) + n * stride);
        lines.take_while(|line| (0..=last).contains(line)).map(|line| line as u64).collect()
    }
}

impl Model {
    pub fn new(config: &HierarchyConfig) -> Model {
        let level = |config: &LevelConfig| {
            let ways = config.geometry.ways() as usize;
            let marks = vec![0; ways];
            let set = Set { ways: vec![None; ways], marks, right: Vec::new() };
            let seed = if let SetPolicy::Random { seed } = config.policy { seed } else { 0 };
            let streams =
                if let Prefetch::Stride { streams, .. } = config.prefetch { streams as usize } else { 0 };
            Level {
                config: config.clone(),
                sets: vec![set; config.geometry.sets() as usize],
                random: Xoshiro256PlusPlus::seed_from_u64(seed),
                clock: 0,
                streams: vec![None; streams],
                stats: LevelStats::default(),
            }
        };
        Model {
            config: config.clone(),
            levels: config.levels.iter().map(level).collect(),
            memory: MemoryStats::default(),
            pages: Vec::new(),
            wishes: Vec::new(),
        }
    }

    fn meets(&self, level: usize, data: bool) -> bool {
        let other = if data { Serves::Instruction } else { Serves::Data };
        self.config.levels[level].serves != other
    }

    /// The levels that lead to a level.
    fn inside(&self, level: usize) -> Vec<usize> {
        let inside = |&inner: &usize| {
            [true, false].iter().any(|&data| self.meets(inner, data) && self.meets(level, data))
        };
        (0..level).filter(inside).collect()
    }

    fn after(&self, level: usize) -> Option<usize> {
        (level + 1..self.levels.len()).find(|&outer| self.inside(outer).contains(&level))
    }

    /// The cycles of an access to bytes.
    pub fn access(&mut self, address: u64, size: u64, operation: Operation) -> u64 {
        let data = operation != Operation::Fetch;
        let first = (0..self.levels.len()).find(|&level| self.meets(level, data));
        let unit = first.map_or(self.config.ram.page, |level| self.config.levels[level].geometry.line());
        let last = (u128::from(address) + u128::from(size.max(1)) - 1).min(u128::from(u64::MAX)) as u64;
        let mut cycles = 0;
        for line in address / unit..=last / unit {
            let mut time = Time { waits: true, cycles: 0 };
            match operation {
                Operation::Write => self.store(first, line * unit, &mut time),
                _ => drop(self.get(first, line * unit, Who::Program(operation), &mut time)),
            }
            cycles += time.cycles;
            for (level, lines) in std::mem::take(&mut self.wishes) {
                for line in lines {
                    self.bring(level, line * self.config.levels[level].geometry.line());
                }
            }
        }
        cycles
    }

    fn wait(&mut self, level: usize, time: &mut Time) {
        if time.waits {
            let latency = self.config.levels[level].latency;
            self.levels[level].stats.cycles += latency - time.cycles;
            time.cycles = latency;
        }
    }

    /// Someone in front of a level gets a line; true: as a dirty one.
    fn get(&mut self, level: Option<usize>, address: u64, who: Who, time: &mut Time) -> bool {
        let Some(at) = level else {
            match who {
                Who::Prefetcher => self.memory.prefetch_reads += 1,
                _ => self.memory.reads += 1,
            }
            self.page(address, false, time);
            return false;
        };
        self.wait(at, time);
        let exclusive = self.config.levels[at].inclusion == Inclusion::Exclusive;
        let now = &mut self.levels[at];
        let found = now.line(address).copied();
        let counts = match who {
            Who::Program(Operation::Read) => &mut now.stats.read,
            Who::Program(Operation::Fetch) => &mut now.stats.fetch,
            Who::Program(Operation::Write) | Who::WriteBack => &mut now.stats.write,
            Who::Prefetcher => &mut now.stats.prefetch,
        };
        counts.accesses += 1;
        counts.misses += u64::from(found.is_none());
        if let Who::Program(_) = who {
            self.learn(at, address, found);
        }
        let now = &mut self.levels[at];
        match found {
            Some(line) if exclusive => {
                now.take(address);
                line.dirty
            }
            Some(_) => {
                now.hit(address);
                if let Who::Program(_) = who {
                    now.line(address).unwrap().prefetched = false;
                }
                false
            }
            None => {
                let dirty = self.get(self.after(at), address, who, time);
                if exclusive {
                    return dirty;
                }
                self.put(at, address, dirty, false);
                false
            }
        }
    }

    fn learn(&mut self, level: usize, address: u64, found: Option<Line>) {
        let now = &mut self.levels[level];
        let first_use = found.is_some_and(|line| line.prefetched);
        now.stats.prefetches_useful += u64::from(first_use);
        let wish = now.wish(now.number(address), found.is_some(), first_use);
        self.wishes.push((level, wish));
    }

    fn store(&mut self, level: Option<usize>, address: u64, time: &mut Time) {
        let Some(at) = level else {
            self.memory.writes += 1;
            self.page(address, true, time);
            return;
        };
        let LevelConfig { write, allocate, inclusion, .. } = self.config.levels[at].clone();
        let back = write == WritePolicy::Back;
        self.wait(at, time);
        let now = &mut self.levels[at];
        let found = now.line(address).copied();
        now.stats.write.accesses += 1;
        now.stats.write.misses += u64::from(found.is_none());
        self.learn(at, address, found);
        let mut stays = found.is_some();
        if stays {
            let now = &mut self.levels[at];
            now.hit(address);
            let line = now.line(address).unwrap();
            line.prefetched = false;
            line.dirty |= back;
        } else if allocate && inclusion != Inclusion::Exclusive {
            let dirty = self.get(self.after(at), address, Who::Program(Operation::Write), time);
            self.put(at, address, dirty || back, false);
            stays = true;
        }
        if !(stays && back) {
            self.levels[at].stats.writes_passed += 1;
            // A write buffer takes it from here.
            time.waits = false;
            self.store(self.after(at), address, time);
        }
    }

    /// Brings a line into a level; its victim goes outward.
    fn put(&mut self, level: usize, address: u64, dirty: bool, prefetched: bool) {
        let Some(victim) = self.levels[level].insert(address, dirty, prefetched) else { return };
        let line = self.config.levels[level].geometry.line();
        let address = victim.number * line;
        let mut dirty = victim.dirty;
        self.levels[level].stats.evictions += 1;
        if self.config.levels[level].inclusion == Inclusion::Inclusive {
            for inner in self.inside(level) {
                dirty |= self.drop_lines(inner, address, line);
            }
        }
        self.levels[level].stats.write_backs += u64::from(dirty);
        self.pass(self.after(level), address, line, dirty, true);
    }

    /// Drops the lines of `bytes` bytes from a level; true: some were dirty.
    fn drop_lines(&mut self, level: usize, address: u64, bytes: u64) -> bool {
        let step = self.config.levels[level].geometry.line();
        let mut dirty = false;
        for part in 0..bytes / step {
            let now = &mut self.levels[level];
            if let Some(line) = now.take(address + part * step) {
                now.stats.invalidations += 1;
                now.stats.write_backs += u64::from(line.dirty);
                dirty |= line.dirty;
            }
        }
        dirty
    }

    /// A victim of `bytes` bytes arrives at a level: that of the level in front, or else passed on by it.
    fn pass(&mut self, level: Option<usize>, address: u64, bytes: u64, dirty: bool, is_victim: bool) {
        let Some(at) = level else {
            if dirty {
                self.memory.writes += 1;
                self.page(address, true, &mut { NOBODY_WAITS });
            }
            return;
        };
        let LevelConfig { write, allocate, inclusion, geometry, .. } = self.config.levels[at].clone();
        let back = write == WritePolicy::Back;
        let takes = inclusion == Inclusion::Exclusive && is_victim;
        let allocate = allocate && inclusion != Inclusion::Exclusive;
        if takes {
            let dirty_behind = self.take_behind(at, address);
            self.put(at, address, dirty && back || dirty_behind, false);
        } else if !dirty {
            return;
        } else if self.levels[at].has(address) {
            self.levels[at].hit(address);
            self.levels[at].line(address).unwrap().dirty |= back;
        } else if allocate {
            let dirty_behind = if geometry.line() > bytes {
                self.get(self.after(at), address, Who::WriteBack, &mut { NOBODY_WAITS })
            } else {
                self.take_behind(at, address)
            };
            self.put(at, address, back || dirty_behind, false);
        }
        let stays = takes || allocate || self.levels[at].has(address);
        if dirty && !(back && stays) {
            self.levels[at].stats.writes_passed += 1;
            self.pass(self.after(at), address, bytes, true, false);
        }
    }

    /// A line that is in front of an exclusive level leaves it.
    fn take_behind(&mut self, level: usize, address: u64) -> bool {
        let Some(behind) = self.after(level) else { return false };
        let exclusive = self.config.levels[behind].inclusion == Inclusion::Exclusive;
        exclusive && self.levels[behind].take(address).is_some_and(|line| line.dirty)
    }

    /// A prefetcher of a level wants a line.
    fn bring(&mut self, level: usize, address: u64) {
        let exclusive = self.config.levels[level].inclusion == Inclusion::Exclusive;
        let in_front = exclusive && self.inside(level).iter().any(|&inner| self.levels[inner].has(address));
        if self.levels[level].has(address) || in_front || !self.is_paged_in(address) {
            return;
        }
        self.levels[level].stats.prefetches += 1;
        let dirty = self.get(self.after(level), address, Who::Prefetcher, &mut { NOBODY_WAITS });
        self.put(level, address, dirty, true);
    }

    fn is_paged_in(&self, address: u64) -> bool {
        self.config.ram.size.is_none()
            || self.pages.iter().any(|page| page.0 == address / self.config.ram.page)
    }

    fn page(&mut self, address: u64, write: bool, time: &mut Time) {
        let ram = self.config.ram.clone();
        if time.waits {
            self.memory.ram_cycles += ram.latency - time.cycles;
            time.cycles = ram.latency;
        }
        let Some(size) = ram.size else { return };
        let page = address / ram.page;
        let mut dirty = write;
        if let Some(place) = self.pages.iter().position(|known| known.0 == page) {
            dirty |= self.pages.remove(place).1;
        } else {
            self.memory.page_faults += 1;
            self.memory.disk_cycles += self.config.disk - time.cycles;
            time.cycles = self.config.disk;
            if self.pages.len() as u64 == size / ram.page {
                let (gone, mut dirty) = self.pages.remove(0);
                for level in 0..self.levels.len() {
                    dirty |= self.drop_lines(level, gone * ram.page, ram.page);
                }
                self.memory.page_evictions += 1;
                self.memory.page_writes += u64::from(dirty);
            }
        }
        self.pages.push((page, dirty));
    }
}
