//! What is asked of an allocator, and where in a hole it fits.
//!
//! ```text
//!            start          start + bias: a multiple of the alignment
//!              v              v
//!  [ ...pad... |<--- bias --->|................ ]     the block; the pad stays free
//!              |<------------ size ------------>|
//! ```
//!
//! The bias serves whoever keeps a header in front of the bytes it hands out: it is the payload that has to be
//! aligned, not the header.

use super::AllocError;

/// A request for a block.
///
/// ```
/// use memcore::alloc::Request;
/// let request = Request::new(100).align(64).bias(8).tag(7);
/// assert_eq!(request.alignment, 64);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Bytes wanted; not 0.
    pub size: u64,
    /// A power of two. `start + bias` will be a multiple of it.
    pub alignment: u64,
    /// Bytes of the block that come before the aligned point.
    pub bias: u64,
    /// Kept with the block where the allocator keeps tags; see [`Options::tags`](super::Options::tags).
    pub tag: u32,
}

impl Request {
    /// `size` bytes anywhere.
    pub fn new(size: u64) -> Self {
        Request { size, alignment: 1, bias: 0, tag: 0 }
    }

    /// With `start + bias` a multiple of `alignment`, a power of two.
    pub fn align(self, alignment: u64) -> Self {
        Request { alignment, ..self }
    }

    /// With `bias` bytes before the aligned point.
    pub fn bias(self, bias: u64) -> Self {
        Request { bias, ..self }
    }

    /// With a tag for leak reports.
    pub fn tag(self, tag: u32) -> Self {
        Request { tag, ..self }
    }
}

impl From<u64> for Request {
    fn from(size: u64) -> Self {
        Request::new(size)
    }
}

/// A request that was checked against a space: its size is rounded up to the granularity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Bytes the block will take.
    pub size: u64,
    /// `alignment - 1` where the alignment is wider than the granularity, else 0: every start serves then.
    mask: u64,
    bias: u64,
    granularity: u64,
}

impl Fit {
    /// Checks `request` for a space of `capacity` bytes in units of `granularity`. O(1).
    ///
    /// # Errors
    /// [`ZeroSize`](AllocError::ZeroSize), [`BadAlignment`](AllocError::BadAlignment),
    /// [`BadBias`](AllocError::BadBias), [`Overflow`](AllocError::Overflow) and
    /// [`TooLarge`](AllocError::TooLarge), in this order.
    #[inline(always)]
    pub fn new(request: &Request, capacity: u64, granularity: u64) -> Result<Self, AllocError> {
        let &Request { size, alignment, bias, .. } = request;
        if size == 0 {
            return Err(AllocError::ZeroSize);
        }
        if !alignment.is_power_of_two() {
            return Err(AllocError::BadAlignment { alignment });
        }
        // Starts are multiples of the granularity, so a bias that is not can never meet an alignment as wide.
        if bias & (alignment.min(granularity) - 1) != 0 {
            return Err(AllocError::BadBias { bias, alignment, granularity });
        }
        let Some(rounded) = size.checked_add(granularity - 1) else {
            return Err(AllocError::Overflow { size, granularity });
        };
        let rounded = rounded & !(granularity - 1);
        if rounded > capacity {
            return Err(AllocError::TooLarge { size, capacity });
        }
        let mask = if alignment > granularity { alignment - 1 } else { 0 };
        Ok(Fit { size: rounded, mask, bias, granularity })
    }

    /// Bytes to skip from `start` to the first start that is aligned. O(1).
    #[inline(always)]
    pub fn pad(&self, start: u64) -> u64 {
        // Wrapping is right: the alignment divides 2^64.
        0u64.wrapping_sub(start).wrapping_sub(self.bias) & self.mask
    }

    /// The lowest start in the hole `[start, start + size)` at which the block fits. O(1).
    #[inline(always)]
    pub fn start_in(&self, start: u64, size: u64) -> Option<u64> {
        let pad = self.pad(start);
        if pad <= size && self.size <= size - pad { Some(start + pad) } else { None }
    }

    /// True when every start serves, so that a hole of `size` is enough.
    #[inline(always)]
    pub fn is_unaligned(&self) -> bool {
        self.mask == 0
    }

    /// A hole of this size holds the block wherever it begins; `None` when that is over 2^64 - 1.
    #[inline(always)]
    pub fn sure_size(&self) -> Option<u64> {
        if self.mask == 0 { Some(self.size) } else { self.size.checked_add(self.mask + 1 - self.granularity) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pad_brings_the_biased_point_to_the_alignment() {
        let fit = Fit::new(&Request::new(24).align(64).bias(8), 1 << 20, 8).unwrap();
        assert_eq!(fit.pad(0), 56);
        assert_eq!(fit.pad(56), 0);
        assert_eq!(fit.start_in(0, 80), Some(56));
        assert_eq!(fit.start_in(0, 79), None);
        assert_eq!(fit.sure_size(), Some(80));
    }

    #[test]
    fn the_last_bytes_of_the_largest_space_can_be_asked_for() {
        let fit = Fit::new(&Request::new(1), u64::MAX, 1).unwrap();
        assert_eq!(fit.start_in(u64::MAX - 1, 1), Some(u64::MAX - 1));
        let aligned = Fit::new(&Request::new(1).align(1 << 63), u64::MAX, 1).unwrap();
        assert_eq!(aligned.start_in(1, u64::MAX - 1), Some(1 << 63));
        assert_eq!(aligned.start_in((1 << 63) + 1, (1 << 63) - 2), None);
    }
}
