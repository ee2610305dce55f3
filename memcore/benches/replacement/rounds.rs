//! Rounds in turns, and their medians.

use std::time::Instant;

const ROUNDS: usize = 3;

/// The median seconds of each work, measured in turns.
pub fn in_turns(works: &mut [Box<dyn FnMut() + '_>]) -> Vec<f64> {
    let mut seconds = vec![Vec::new(); works.len()];
    for _ in 0..ROUNDS {
        for (work, seconds) in works.iter_mut().zip(&mut seconds) {
            let begin = Instant::now();
            work();
            seconds.push(begin.elapsed().as_secs_f64());
        }
    }
    seconds.into_iter().map(median).collect()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
