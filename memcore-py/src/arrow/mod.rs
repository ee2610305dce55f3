//! Tables for the dataframe libraries, through the Arrow PyCapsule interface: without a copy in between, and without
//! a dependency on Arrow.
//!
//! ```text
//! capsule "arrow_array_stream"  -->  Stream { get_schema, get_next, release }
//!                                       |           |
//!                                       v           v
//!                                    Schema       Array       one batch: a struct of columns, then the end
//! ```
//!
//! The three structs are those of the Arrow C data and stream interfaces. Each is released by whoever has it last,
//! through its own `release`; a struct that was moved to another owner has none any more.

mod array;
mod schema;
mod stream;

pub use stream::capsule;

/// A column of a table; a missing value is None.
#[derive(Clone)]
pub enum Column {
    Text(Vec<String>),
    Whole(Vec<Option<u64>>),
    Real(Vec<Option<f64>>),
}

impl Column {
    /// The type, in Arrow's notation: utf8, uint64, float64.
    fn format(&self) -> &'static std::ffi::CStr {
        match self {
            Column::Text(_) => c"u",
            Column::Whole(_) => c"L",
            Column::Real(_) => c"g",
        }
    }

    fn len(&self) -> usize {
        match self {
            Column::Text(values) => values.len(),
            Column::Whole(values) => values.len(),
            Column::Real(values) => values.len(),
        }
    }
}

/// Columns of equal length, by their names.
pub type Table = Vec<(&'static std::ffi::CStr, Column)>;
