//! The virtual memory manager of the textbooks: by hand, and against a naive model.

mod by_hand;
mod model;
mod vectors;
