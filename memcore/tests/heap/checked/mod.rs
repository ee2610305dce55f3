//! The checked mode.

mod directed;
mod driven;
#[cfg(unix)]
mod guard;
mod model;
mod text;
#[cfg(target_os = "linux")]
mod tools;

use memcore::heap::{Borrowed, Checked, Checks, SizeClassHeap};

pub type Heap<'a> = Checked<SizeClassHeap<Borrowed<'a>>>;

/// Bytes for a heap.
pub fn bytes() -> Vec<u8> {
    vec![0x33; 4 << 20]
}

pub fn heap(bytes: &mut [u8], checks: Checks) -> Heap<'_> {
    let inner = SizeClassHeap::new(Borrowed::new(bytes)).expect("enough bytes");
    Checked::new(inner, checks).expect("possible checks")
}
