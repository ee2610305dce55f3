/**
 * \file test_version.c
 * Versions and status messages; and the header, included twice, as programs do by accident.
 */

#include <memcore.h>
#include <memcore.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

static void test_version_agrees_with_the_header(void) {
    char expected[64];
    snprintf(expected, sizeof expected, "%d.%d.%d", MEMCORE_VERSION_MAJOR, MEMCORE_VERSION_MINOR,
             MEMCORE_VERSION_PATCH);
    CHECK(strcmp(memcore_version(), expected) == 0);
    CHECK(memcore_version_number() ==
          MEMCORE_VERSION_MAJOR * 1000000u + MEMCORE_VERSION_MINOR * 1000u + MEMCORE_VERSION_PATCH);
}

static void test_version_check_knows_what_it_serves(void) {
    CHECK(memcore_version_check(MEMCORE_VERSION_MAJOR, MEMCORE_VERSION_MINOR, MEMCORE_VERSION_PATCH) ==
          MEMCORE_STATUS_OK);
    CHECK(memcore_version_check(MEMCORE_VERSION_MAJOR + 1, 0, 0) == MEMCORE_STATUS_INCOMPATIBLE_VERSION);
    CHECK(memcore_version_check(UINT32_MAX, UINT32_MAX, UINT32_MAX) == MEMCORE_STATUS_INCOMPATIBLE_VERSION);
}

static void test_every_number_has_a_message(void) {
    const int32_t far[] = {-1, INT32_MIN, INT32_MAX};
    for (int32_t status = 0; status < 1000; status += 1) {
        CHECK(memcore_status_message(status) != NULL);
        CHECK(strlen(memcore_status_message(status)) > 0);
    }
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i += 1) {
        CHECK(strlen(memcore_status_message(far[i])) > 0);
    }
    CHECK(strcmp(memcore_status_message(MEMCORE_STATUS_OK), "success") == 0);
    CHECK(strcmp(memcore_status_message(MEMCORE_STATUS_OK), memcore_status_message(MEMCORE_STATUS_PANIC)) != 0);
}

int main(void) {
    test_version_agrees_with_the_header();
    test_version_check_knows_what_it_serves();
    test_every_number_has_a_message();
    return checked();
}
