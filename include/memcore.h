/**
 * \file memcore.h
 * libmemcore: memory management as a library.
 *
 * Written by `make header` from the Rust sources of the C door; do not edit.
 *
 * ## What holds for every function
 * - A function that can fail returns an `int32_t`: `MEMCORE_STATUS_OK` (0) or another `MEMCORE_STATUS_...`
 *   number, which `memcore_status_message` puts into words. It writes its results only when it succeeds.
 * - After a failed call, everything is as it was before the call.
 * - A `const` pointer to a handle may be used by many threads at once; any other pointer to a handle must be
 *   used by one thread at a time.
 * - No exception and no unwinding leaves a function. A defect inside the library arrives as
 *   `MEMCORE_STATUS_PANIC`; a handle that was being changed by that call may then only be destroyed.
 * - Strings are UTF-8 and end in a zero byte.
 */

#ifndef MEMCORE_H
#define MEMCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The major version of this header.
 */
#define MEMCORE_VERSION_MAJOR 0

/**
 * The minor version of this header. Before 1.0 a minor version may change the interface.
 */
#define MEMCORE_VERSION_MINOR 1

/**
 * The patch version of this header.
 */
#define MEMCORE_VERSION_PATCH 0

/**
 * What a function of this library returns: 0 for success, otherwise the reason why it failed.
 *
 * Numbers are never reused. A later version of the library may return numbers that this list lacks, so a
 * `switch` over them needs a `default`.
 *
 * Hundreds belong together: 0 to 99 are general.
 */
enum memcore_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The call succeeded.
     */
    MEMCORE_STATUS_OK = 0,
    /**
     * A defect inside the library stopped the call. Handles that it was changing may only be destroyed.
     */
    MEMCORE_STATUS_PANIC = 1,
    /**
     * A pointer that must not be null was null.
     */
    MEMCORE_STATUS_NULL_ARGUMENT = 2,
    /**
     * The library that was loaded does not serve programs compiled for that version.
     */
    MEMCORE_STATUS_INCOMPATIBLE_VERSION = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_status memcore_status;
#else
typedef int32_t memcore_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Puts a status into words.
 *
 * \param status any number; one that this version does not know has a message that says so.
 * \return a message in English, without a full stop or a line end. Never null, valid for as long as the library
 * is loaded, not to be freed.
 *
 * Takes time proportional to the number of statuses, allocates nothing, and may be called by any thread.
 */
const char *memcore_status_message(int32_t status);

/**
 * The version of the library that is loaded.
 *
 * \return text such as "0.1.0". Never null, valid for as long as the library is loaded, not to be freed.
 *
 * Takes constant time, allocates nothing, and may be called by any thread.
 */
const char *memcore_version(void);

/**
 * The version of the library that is loaded, as one number that grows with the version.
 *
 * \return major * 1000000 + minor * 1000 + patch.
 *
 * Takes constant time, allocates nothing, and may be called by any thread.
 */
uint32_t memcore_version_number(void);

/**
 * Tells whether the loaded library serves a program that was compiled for the given version.
 *
 * Pass `MEMCORE_VERSION_MAJOR`, `MEMCORE_VERSION_MINOR` and `MEMCORE_VERSION_PATCH`. Before 1.0 the minor versions
 * must be equal; from 1.0 on the major versions must be. Within that, the library must not be the older one.
 *
 * \param major the major version that the program was compiled for.
 * \param minor the minor version that the program was compiled for.
 * \param patch the patch version that the program was compiled for.
 * \return `MEMCORE_STATUS_OK`, or `MEMCORE_STATUS_INCOMPATIBLE_VERSION`.
 *
 * Takes constant time, allocates nothing, and may be called by any thread.
 */
int32_t memcore_version_check(uint32_t major,
                              uint32_t minor,
                              uint32_t patch);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MEMCORE_H */
