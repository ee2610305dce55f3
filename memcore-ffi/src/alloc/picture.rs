//! A space as text: what a person looks at first.

use std::ffi::c_char;

use memcore::alloc::layout::{Bar, Table};

use super::handle::memcore_allocator;
use crate::{error::Failure, panic::guarded_status, pointer::out, text::Buffer};

/// Draws the space as a bar: one character for each part. '#' is full, '.' is free, 'x' is dead, and a part that is
/// both used and free is one of '-', '=', '+' for up to a third, two thirds, and more.
///
/// \param allocator the handle.
/// \param width characters of the bar, at most; 0 counts as 1.
/// \param buffer where the bar is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole bar without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(blocks and holes + width). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_bar(
    allocator: *const memcore_allocator,
    width: u64,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, length, buffer) =
            unsafe { (memcore_allocator::reading(allocator)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&Bar::new(state.space.reading(), width)));
        Ok::<_, Failure>(())
    })
}

/// Lists the space as a table with a line for each region: start, end, size, what it is.
///
/// \param allocator the handle.
/// \param most_lines regions listed, at most; a last line counts the others.
/// \param buffer where the table is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole table without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(blocks and holes). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_table(
    allocator: *const memcore_allocator,
    most_lines: usize,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, length, buffer) =
            unsafe { (memcore_allocator::reading(allocator)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&Table::new(state.space.reading(), most_lines)));
        Ok::<_, Failure>(())
    })
}
