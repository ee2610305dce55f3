//! Page traces through replacement policies: the engine's `replay::paging`, and what a trace's references say.

pub mod curves;
mod errors;
mod own;
pub mod references;
pub mod row;
pub mod run;
pub mod stream;
pub mod table;
