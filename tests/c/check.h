/**
 * \file check.h
 * What a C test needs: a check that names its place, and an exit status.
 *
 * `assert` would vanish with NDEBUG and stop at the first failure. A test includes this file, calls CHECK as often as
 * it likes, and ends `main` with `return checked();`.
 */

#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static unsigned long check_failures;

/** Notes a failure, with its place, unless the condition holds. */
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            check_failures += 1; \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
        } \
    } while (0)

/** Notes a failure unless the call returns the status that is expected. */
#define CHECK_STATUS(expected, call) \
    do { \
        const long check_status = (call); \
        if (check_status != (long)(expected)) { \
            check_failures += 1; \
            fprintf(stderr, "%s:%d: status %ld where %ld is expected: %s\n", __FILE__, __LINE__, check_status, \
                    (long)(expected), #call); \
        } \
    } while (0)

/** As CHECK_STATUS, for success. */
#define CHECK_OK(call) CHECK_STATUS(0, call)

/** The exit status of a test: 0 when every check held. */
static inline int checked(void) { return check_failures == 0 ? 0 : 1; }

#endif
