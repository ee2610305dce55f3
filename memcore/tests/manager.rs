//! The virtual memory manager of the textbooks: by hand, and against a naive model.

#[path = "manager/by_hand.rs"]
mod by_hand;
#[path = "manager/model.rs"]
mod model;
#[path = "manager/vectors.rs"]
mod vectors;
