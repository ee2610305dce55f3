/**
 * \file test_fixed.c
 * Allocators in memory of the caller's: what is given is enough, and nothing beyond it is touched.
 */

#include <memcore.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { BLOCKS = 20, GUARD = 64 };

static unsigned char *aligned(unsigned char *memory) {
    const uintptr_t address = (uintptr_t)memory;
    return memory + (MEMCORE_FIXED_ALIGNMENT - address % MEMCORE_FIXED_ALIGNMENT) % MEMCORE_FIXED_ALIGNMENT;
}

static void test_one(const char *strategy) {
    memcore_options options = memcore_options_for(1u << 16);
    size_t bytes = 0;
    options.address_index = 1;
    options.tags = 1;
    CHECK_OK(memcore_fixed_bytes(strategy, &options, BLOCKS, &bytes));
    CHECK(bytes > 0);
    unsigned char *whole = (unsigned char *)malloc(bytes + GUARD + MEMCORE_FIXED_ALIGNMENT);
    unsigned char *memory = aligned(whole);
    memset(memory, 0xa5, bytes + GUARD);

    memcore_allocator *allocator = NULL, *copy = NULL;
    CHECK_STATUS(MEMCORE_STATUS_MISALIGNED_MEMORY,
                 memcore_allocator_create_fixed(memory + 1, bytes, BLOCKS, strategy, &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_MEMORY_TOO_SMALL,
                 memcore_allocator_create_fixed(memory, bytes - 1, BLOCKS, strategy, &options, &allocator));
    memcore_error_details details;
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == bytes);
    CHECK_STATUS(MEMCORE_STATUS_MEMORY_TOO_SMALL,
                 memcore_allocator_create_fixed(memory, 0, BLOCKS, strategy, &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT,
                 memcore_allocator_create_fixed(NULL, bytes, BLOCKS, strategy, &options, &allocator));
    CHECK(allocator == NULL && memory[0] == 0xa5);

    CHECK_OK(memcore_allocator_create_fixed(memory, bytes, BLOCKS, strategy, &options, &allocator));
    CHECK((void *)allocator == (void *)memory);
    if (allocator == NULL) {
        fprintf(stderr, "  with %s\n", strategy);
        free(whole);
        return;
    }
    memcore_block blocks[BLOCKS], more;
    for (int round = 0; round < 3; round += 1) {
        for (int i = 0; i < BLOCKS; i += 1) {
            CHECK_OK(memcore_allocator_allocate(allocator, 60, &blocks[i]));
        }
        CHECK_STATUS(MEMCORE_STATUS_OUT_OF_METADATA, memcore_allocator_allocate(allocator, 60, &more));
        CHECK_OK(memcore_last_error(&details));
        CHECK(details.blocks == BLOCKS);
        CHECK_OK(memcore_allocator_validate(allocator, NULL));
        for (int i = BLOCKS; i > 0; i -= 1) {
            CHECK_OK(memcore_allocator_free(allocator, blocks[i - 1].id, NULL));
        }
        CHECK_OK(memcore_allocator_reset(allocator));
    }
    CHECK_STATUS(MEMCORE_STATUS_UNSUPPORTED, memcore_allocator_clone(allocator, &copy));
    CHECK(copy == NULL);
    for (int i = 0; i < GUARD; i += 1) {
        CHECK(memory[bytes + i] == 0xa5);
    }
    CHECK_OK(memcore_allocator_destroy(allocator));

    /* The memory is the caller's again, whatever it holds: another allocator may live there. */
    CHECK_OK(memcore_allocator_create_fixed(memory, bytes, BLOCKS, strategy, &options, &allocator));
    CHECK_OK(memcore_allocator_allocate(allocator, 60, &more));
    CHECK_OK(memcore_allocator_destroy(allocator));
    free(whole);
}

static void test_bad_input(void) {
    memcore_options options = memcore_options_for(1000);
    memcore_allocator *allocator = NULL;
    size_t bytes = 0;
    uint64_t memory[512];
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_fixed_bytes("?", &options, 1, &bytes));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_fixed_bytes(NULL, &options, 1, &bytes));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_fixed_bytes("pool", NULL, 1, &bytes));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_fixed_bytes("pool", &options, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT,
                 memcore_allocator_create_fixed(memory, sizeof memory, 1, NULL, &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT,
                 memcore_allocator_create_fixed(memory, sizeof memory, 1, "bump", NULL, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT,
                 memcore_allocator_create_fixed(memory, sizeof memory, 1, "bump", &options, NULL));
    CHECK(memcore_fixed_bytes("first-fit", &options, UINT32_MAX, &bytes) == MEMCORE_STATUS_OK ||
          memcore_fixed_bytes("first-fit", &options, UINT32_MAX, &bytes) == MEMCORE_STATUS_OUT_OF_METADATA);
    options.granularity = 0;
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_fixed_bytes("first-fit", &options, 1, &bytes));

    /* No block at all is a size, too. */
    options.granularity = 1;
    CHECK_OK(memcore_fixed_bytes("first-fit", &options, 0, &bytes));
    unsigned char *whole = (unsigned char *)malloc(bytes + MEMCORE_FIXED_ALIGNMENT);
    memcore_block block;
    CHECK_OK(memcore_allocator_create_fixed(aligned(whole), bytes, 0, "first-fit", &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_METADATA, memcore_allocator_allocate(allocator, 1, &block));
    CHECK_OK(memcore_allocator_destroy(allocator));
    free(whole);
}

int main(void) {
    for (size_t i = 0; i < memcore_strategy_count(); i += 1) {
        memcore_text name;
        char strategy[64];
        CHECK_OK(memcore_strategy_name(i, &name));
        snprintf(strategy, sizeof strategy, "%.*s", (int)name.length, name.data);
        test_one(strategy);
    }
    test_one("best-fit:tie=recent");
    test_one("tlsf:tie=lowest");
    test_bad_input();
    return checked();
}
