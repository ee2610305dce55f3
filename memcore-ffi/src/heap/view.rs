//! Looking at an image without writing to it.

use std::ffi::c_void;

use memcore::heap::{Offset, PersistentView};

use super::{
    handle::{self, Kind, reading},
    image::{memcore_persistent_visitor, offset, show},
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{array, optional_out, out},
};

/// An image that is only read. Opaque.
pub struct memcore_persistent_view {
    _opaque: [u8; 0],
}

impl Kind for memcore_persistent_view {
    type Value = PersistentView<'static>;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.pview");
}

/// Reads and checks an image: of a file that another process made, say. A step that a crash has left is seen as done, and
/// the bytes stay as they are.
///
/// \param image its first byte, at whatever address.
/// \param bytes how many there are, at least those of the image. Nobody may change them until the view is destroyed.
/// \param view where the handle is written; `memcore_persistent_view_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_BAD_IMAGE` iff it is no image, or was damaged;
/// `MEMCORE_STATUS_OUT_OF_METADATA` iff there is no memory for 24 bytes a block; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff there are more bytes than memory can have; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_view_create(
    image: *const c_void,
    bytes: usize,
    view: *mut *mut memcore_persistent_view,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks: the bytes stay as they are until the view is destroyed.
        let (bytes, view) = unsafe { (array(image.cast::<u8>(), bytes)?, out(view)?) };
        view.write(handle::make(PersistentView::new(bytes)?, false)?);
        Ok::<_, Failure>(())
    })
}

/// Ends a view.
///
/// \param view the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this view, and then nothing was done;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no view.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_view_destroy(view: *mut memcore_persistent_view) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(view) }
}

/// Tells where a root leads.
///
/// \param view the handle.
/// \param root from 0 to `MEMCORE_ROOTS` - 1.
/// \param block where the offset of a block is written, or 0 for none.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_PARAMETER` iff there is no such root;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_view_root(
    view: *const memcore_persistent_view,
    root: u32,
    block: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (view, block) = unsafe { (reading(view)?, out(block)?) };
        block.write(view.root(root as usize)?.map_or(0, Offset::to_bits));
        Ok::<_, Failure>(())
    })
}

/// Tells where the bytes of a block are.
///
/// \param view the handle.
/// \param block its offset.
/// \param bytes where the address is written.
/// \param size where is written how many bytes were asked for; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no live block begins there;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `view` or `bytes` is null.
///
/// O(log blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_view_bytes(
    view: *const memcore_persistent_view,
    block: u64,
    bytes: *mut *const c_void,
    size: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (view, bytes, size) = unsafe { (reading(view)?, out(bytes)?, optional_out(size)) };
        let found = view.bytes(offset(block)?)?;
        bytes.write(found.as_ptr().cast());
        if let Some(size) = size {
            size.write(found.len());
        }
        Ok::<_, Failure>(())
    })
}

/// Shows every live block in the order of offsets.
///
/// \param view the handle.
/// \param visitor called for each.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `view` or `visitor` is null.
///
/// O(blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_view_visit(
    view: *const memcore_persistent_view,
    visitor: memcore_persistent_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let view = unsafe { reading(view) }?;
        let _visiting = view.visit();
        show(visitor, user, view.blocks())
    })
}

/// What a view tells of its image.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_persistent_image {
    /// Bytes of the image, superblock and headers included.
    pub capacity: u64,
    /// How many steps have changed the image since it was made.
    pub generation: u64,
    /// The last writer has closed it.
    pub clean: bool,
}

/// Tells what an image is.
///
/// \param view the handle.
/// \param image where it is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_view_look(
    view: *const memcore_persistent_view,
    image: *mut memcore_persistent_image,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (view, image) = unsafe { (reading(view)?, out(image)?) };
        let (capacity, generation, clean) = (view.capacity(), view.generation(), view.is_clean());
        image.write(memcore_persistent_image { capacity, generation, clean });
        Ok::<_, Failure>(())
    })
}
