//! to come
pub fn run() {}
