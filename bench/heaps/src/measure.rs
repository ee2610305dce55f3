//! Clocks, medians and tables.

/// Nanoseconds of the processor that this thread has had.
pub fn thread_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists, and the place for its answer is valid.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The middle of some numbers.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn geometric_mean(numbers: &[f64]) -> f64 {
    (numbers.iter().map(|number| number.ln()).sum::<f64>() / numbers.len() as f64).exp()
}

/// Times of each contender in each round.
pub struct Rounds {
    names: Vec<&'static str>,
    /// By contender, then by round.
    times: Vec<Vec<f64>>,
}

impl Rounds {
    pub fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
        let names: Vec<_> = names.into_iter().collect();
        let times = vec![vec![]; names.len()];
        Rounds { names, times }
    }

    pub fn note(&mut self, contender: usize, time: f64) {
        self.times[contender].push(time);
    }

    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    pub fn time(&self, contender: usize) -> f64 {
        median(self.times[contender].clone())
    }

    /// How many times faster than the peer of this name; none where it did not run.
    pub fn faster_than(&self, peer: &str, contender: usize) -> Option<f64> {
        let peer = self.names.iter().position(|&name| name == peer)?;
        let ratios = self.times[peer].iter().zip(&self.times[contender]).map(|(peer, own)| peer / own);
        Some(median(ratios.collect()))
    }

    /// A row for each contender: its time, its ratio to each of the peers, and more if there is more to tell.
    pub fn print(&self, title: &str, peers: &[&str], more: impl Fn(usize) -> String) {
        print!("{title:34}{:>8}", "ns");
        peers.iter().for_each(|peer| print!("{:>12}", format!("x {peer}")));
        println!();
        for (contender, name) in self.names.iter().enumerate() {
            print!("  {name:32}{:8.2}", self.time(contender));
            for peer in peers {
                match self.faster_than(peer, contender) {
                    Some(ratio) => print!("{ratio:12.2}"),
                    None => print!("{:>12}", "-"),
                }
            }
            println!("{}", more(contender));
        }
    }
}

/// Ratios of many tables, for their means at the end.
pub struct Means {
    peers: &'static [&'static str],
    /// By contender: a list for each peer.
    ratios: Vec<(&'static str, Vec<Vec<f64>>)>,
}

impl Means {
    pub fn new(peers: &'static [&'static str]) -> Self {
        Means { peers, ratios: vec![] }
    }

    pub fn add(&mut self, rounds: &Rounds) {
        for (contender, &name) in rounds.names().iter().enumerate() {
            if !self.ratios.iter().any(|(other, _)| *other == name) {
                self.ratios.push((name, vec![vec![]; self.peers.len()]));
            }
            let Some((_, lists)) = self.ratios.iter_mut().find(|(other, _)| *other == name) else { continue };
            for (list, peer) in lists.iter_mut().zip(self.peers) {
                list.extend(rounds.faster_than(peer, contender));
            }
        }
    }

    /// The geometric mean and the worst of each.
    pub fn print(&self, title: &str) {
        print!("{title:34}");
        self.peers.iter().for_each(|peer| print!("{:>24}", format!("x {peer} (worst)")));
        println!();
        for (name, lists) in &self.ratios {
            print!("  {name:32}");
            for list in lists {
                let worst = list.iter().copied().fold(f64::INFINITY, f64::min);
                print!("{:>24}", format!("{:.2} ({worst:.2})", geometric_mean(list)));
            }
            println!();
        }
    }
}
