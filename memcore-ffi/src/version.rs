//! Which version a program was compiled for, and which one it runs with.
//!
//! The macros are fixed when the program is compiled, the functions answer for the library that was loaded. The
//! two differ when a system was updated in between.

use std::ffi::{CStr, c_char};

use crate::{
    panic::{guarded, guarded_status},
    status::memcore_status,
};

/// The major version of this header.
pub const MEMCORE_VERSION_MAJOR: u32 = 0;
/// The minor version of this header. Before 1.0 a minor version may change the interface.
pub const MEMCORE_VERSION_MINOR: u32 = 1;
/// The patch version of this header.
pub const MEMCORE_VERSION_PATCH: u32 = 0;

// cbindgen copies literals alone into the header, so the numbers stand there twice. This holds them together.
const _: () = {
    assert!(MEMCORE_VERSION_MAJOR == number(env!("CARGO_PKG_VERSION_MAJOR")));
    assert!(MEMCORE_VERSION_MINOR == number(env!("CARGO_PKG_VERSION_MINOR")));
    assert!(MEMCORE_VERSION_PATCH == number(env!("CARGO_PKG_VERSION_PATCH")));
};

const fn number(decimal: &str) -> u32 {
    match u32::from_str_radix(decimal, 10) {
        Ok(number) => number,
        Err(_) => panic!("a part of the version is not a number"),
    }
}

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("the version holds a zero byte"),
};

/// The version of the library that is loaded.
///
/// \return text such as "0.1.0". Never null, valid for as long as the library is loaded, not to be freed.
///
/// Takes constant time, allocates nothing, and may be called by any thread.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_version() -> *const c_char {
    guarded(c"".as_ptr(), || VERSION.as_ptr())
}

/// The version of the library that is loaded, as one number that grows with the version.
///
/// \return major * 1000000 + minor * 1000 + patch.
///
/// Takes constant time, allocates nothing, and may be called by any thread.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_version_number() -> u32 {
    guarded(0, || MEMCORE_VERSION_MAJOR * 1_000_000 + MEMCORE_VERSION_MINOR * 1_000 + MEMCORE_VERSION_PATCH)
}

/// Tells whether the loaded library serves a program that was compiled for the given version.
///
/// Pass `MEMCORE_VERSION_MAJOR`, `MEMCORE_VERSION_MINOR` and `MEMCORE_VERSION_PATCH`. Before 1.0 the minor versions
/// must be equal; from 1.0 on the major versions must be. Within that, the library must not be the older one.
///
/// \param major the major version that the program was compiled for.
/// \param minor the minor version that the program was compiled for.
/// \param patch the patch version that the program was compiled for.
/// \return `MEMCORE_STATUS_OK`, or `MEMCORE_STATUS_INCOMPATIBLE_VERSION`.
///
/// Takes constant time, allocates nothing, and may be called by any thread.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_version_check(major: u32, minor: u32, patch: u32) -> i32 {
    let loaded = (MEMCORE_VERSION_MAJOR, MEMCORE_VERSION_MINOR, MEMCORE_VERSION_PATCH);
    guarded_status(|| match serves(loaded, (major, minor, patch)) {
        true => Ok(()),
        false => Err(memcore_status::IncompatibleVersion),
    })
}

type Version = (u32, u32, u32);

fn serves(loaded: Version, wanted: Version) -> bool {
    let same_interface = loaded.0 == wanted.0 && (loaded.0 > 0 || loaded.1 == wanted.1);
    same_interface && loaded >= wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_one_the_minor_version_is_the_interface() {
        assert!(serves((0, 3, 4), (0, 3, 4)));
        assert!(serves((0, 3, 4), (0, 3, 1)));
        assert!(!serves((0, 3, 4), (0, 3, 5)));
        assert!(!serves((0, 3, 4), (0, 2, 0)));
        assert!(!serves((0, 3, 4), (0, 4, 0)));
    }

    #[test]
    fn from_one_on_the_major_version_is_the_interface() {
        assert!(serves((1, 3, 0), (1, 2, 9)));
        assert!(!serves((1, 3, 0), (1, 4, 0)));
        assert!(!serves((2, 0, 0), (1, 4, 0)));
        assert!(!serves((1, 0, 0), (0, 1, 0)));
    }
}
