//! Views of the machine as Linux' `/proc` gives them.

mod maps;

pub use maps::map_line;
