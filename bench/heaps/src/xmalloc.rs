//! Producer and consumer: one thread allocates, another frees, batch after batch, so that every free is of another
//! thread's block. A heap whose caches only ever go one way is found out here.
//!
//! ```text
//! producer  allocate, allocate, ...  --[ full batch ]-->   consumer  free, free, ...
//!           ^-------------------------[ empty batch ]----------------'
//! ```
//!
//! Chuck Lever, David Boreham: malloc() performance in a multithreaded Linux environment, USENIX 2000.

use super::contender::{Block, Shared};
use super::general::{self, Workloads};
use super::measure::{Rounds, thread_time};
use super::trace::touch;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

const ROUNDS: usize = 7;
const BATCHES: u64 = 4000;
const BATCH: usize = 120;
/// Sizes that come in turn.
const SIZES: [usize; 10] = [16, 24, 32, 48, 64, 96, 128, 192, 256, 400];

pub fn produce<S: Shared>(
    heap: &S,
    sender: &SyncSender<Vec<Block>>,
    back: &Receiver<Vec<Block>>,
    batches: u64,
) {
    for _ in 0..batches {
        let mut batch = back.try_recv().unwrap_or_else(|_| Vec::with_capacity(BATCH));
        for place in 0..BATCH {
            let block = heap.allocate(SIZES[place % SIZES.len()], 16);
            touch(block, 0);
            batch.push(block);
        }
        if sender.send(batch).is_err() {
            return;
        }
    }
}

pub fn consume<S: Shared>(heap: &S, receiver: &Receiver<Vec<Block>>, back: &SyncSender<Vec<Block>>) {
    for mut batch in receiver {
        batch.drain(..).for_each(|block| heap.free(block));
        // A batch for which there is no room just goes.
        let _ = back.try_send(batch);
    }
}

fn measure(heap: &dyn Workloads) -> f64 {
    let (sender, receiver) = sync_channel(32);
    let (back_sender, back) = sync_channel(64);
    let total = std::thread::scope(|scope| {
        let producer = scope.spawn(move || {
            let start = thread_time();
            heap.produce(&sender, &back, BATCHES);
            thread_time() - start
        });
        let consumer = scope.spawn(move || {
            let start = thread_time();
            heap.consume(&receiver, &back_sender);
            thread_time() - start
        });
        producer.join().unwrap_or(0) + consumer.join().unwrap_or(0)
    });
    total as f64 / (BATCHES * BATCH as u64) as f64
}

pub fn run() {
    let contenders = general::all();
    let mut rounds = Rounds::new(contenders.iter().map(|(name, _)| *name));
    for _ in 0..ROUNDS {
        for (place, (_, heap)) in contenders.iter().enumerate() {
            rounds.note(place, measure(&**heap));
        }
    }
    rounds.print("\nallocate here, free there", general::PEERS, |_| String::new());
}
