//! The policies by name, and what kind each is.

use std::ffi::c_char;

use memcore::replacement::{Facts, PolicySpec};

use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::out,
    status::memcore_status,
    text::{memcore_text, text},
};

/// The number of replacement policies.
///
/// \return the number; `memcore_policy_name` takes indices below it.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_policy_count() -> usize {
    guarded(0, || PolicySpec::names().len())
}

/// The name of a replacement policy, as every function that takes a policy reads it.
///
/// \param index from 0 to `memcore_policy_count()` - 1.
/// \param name where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_policy_name(index: usize, name: *mut memcore_text) -> i32 {
    guarded_status(|| {
        // SAFETY: null or room for the answer.
        let name = unsafe { out(name) }?;
        let found = *PolicySpec::names().get(index).ok_or(memcore_status::OutOfRange)?;
        name.write(found.into());
        Ok::<_, Failure>(())
    })
}

/// What kind of policy it is.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_policy_kind {
    /// It decides by references to come: a simulation of a whole trace can serve it, a cache cannot.
    pub needs_future: bool,
    /// It chooses the number of resident pages itself; the number of frames means nothing to it.
    pub varies_allocation: bool,
    /// More frames never mean more misses, because the pages in fewer frames are always among those in more.
    pub is_stack: bool,
}

impl From<Facts> for memcore_policy_kind {
    fn from(facts: Facts) -> Self {
        memcore_policy_kind {
            needs_future: facts.needs_future,
            varies_allocation: facts.varies_allocation,
            is_stack: facts.is_stack,
        }
    }
}

/// Tells what kind of policy it is.
///
/// \param policy a name, with parameters where wanted: "lru", "clock:bit=clear".
/// \param kind where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the policy cannot be read;
/// `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(policies).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_policy_facts(policy: *const c_char, kind: *mut memcore_policy_kind) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (policy, kind) = unsafe { (text(policy)?, out(kind)?) };
        kind.write(policy.parse::<PolicySpec>()?.facts().into());
        Ok::<_, Failure>(())
    })
}
