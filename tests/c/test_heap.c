/**
 * \file test_heap.c
 * Heaps over real bytes: every function, every error, contents that survive, callbacks that may not come back in.
 */

#define _POSIX_C_SOURCE 200809L /* for mkstemp */

#include <memcore.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static unsigned char bytes[1 << 16];

static memcore_error_details last(void) {
    memcore_error_details details;
    CHECK_OK(memcore_last_error(&details));
    return details;
}

static memcore_heap *make(const char *strategy, const char *checks, int32_t locked) {
    memcore_heap_options options = memcore_heap_options_for(memcore_memory_own((size_t)1 << 26));
    memcore_heap *heap = NULL;
    options.strategy = strategy;
    options.checks = checks;
    options.locked = locked;
    CHECK_OK(memcore_heap_create(&options, &heap));
    return heap;
}

/* A block's bytes follow from its number, so that a wrong byte is found. */
static void fill(unsigned char *block, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i += 1) {
        block[i] = (unsigned char)(seed * 37 + i);
    }
}

static int holds(const unsigned char *block, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i += 1) {
        if (block[i] != (unsigned char)(seed * 37 + i)) {
            return 0;
        }
    }
    return 1;
}

static uint32_t random_state = 1;

static uint32_t random_number(void) {
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

enum { BLOCKS = 64 };

/* Random calls, with the contents of each block looked at before it goes or moves. */
static void test_contents(const char *strategy, const char *checks) {
    memcore_heap *heap = make(strategy, checks, 0);
    struct {
        unsigned char *start;
        size_t size;
        unsigned seed;
    } blocks[BLOCKS] = {{NULL, 0, 0}};
    const int steps = getenv("MEMCORE_TEST_SHORT") != NULL ? 500 : 4000;
    uint64_t live = 0;
    for (int step = 0; step < steps; step += 1) {
        const unsigned i = random_number() % BLOCKS;
        const size_t size = random_number() % 10 == 0 ? random_number() % 20000 : random_number() % 300;
        const size_t alignment = (size_t)1 << (random_number() % 8 == 0 ? random_number() % 13 : random_number() % 5);
        void *block = NULL;
        if (blocks[i].start == NULL) {
            if (step % 2 == 0) {
                CHECK_OK(memcore_heap_allocate(heap, size, alignment, &block));
            } else {
                CHECK_OK(memcore_heap_allocate_zeroed(heap, size, alignment, &block));
                for (size_t at = 0; at < size; at += 1) {
                    CHECK(((unsigned char *)block)[at] == 0);
                }
            }
            live += 1;
        } else {
            CHECK(holds(blocks[i].start, blocks[i].size, blocks[i].seed));
            if (random_number() % 2 == 0) {
                CHECK_OK(memcore_heap_free(heap, blocks[i].start));
                blocks[i].start = NULL;
                live -= 1;
                continue;
            }
            CHECK_OK(memcore_heap_reallocate(heap, blocks[i].start, size, alignment, &block));
            const size_t kept = size < blocks[i].size ? size : blocks[i].size;
            CHECK(holds((unsigned char *)block, kept, blocks[i].seed));
        }
        CHECK((uintptr_t)block % alignment == 0);
        size_t usable = 0;
        CHECK_OK(memcore_heap_usable_size(heap, block, &usable));
        CHECK(usable >= size);
        blocks[i].start = (unsigned char *)block;
        blocks[i].size = size;
        blocks[i].seed = (unsigned)step;
        fill(blocks[i].start, size, blocks[i].seed);
        if (step % 500 == 0) {
            CHECK_OK(memcore_heap_validate(heap, NULL));
            CHECK_OK(memcore_heap_check(heap, NULL));
        }
    }
    memcore_stats stats;
    CHECK_OK(memcore_heap_stats(heap, &stats));
    CHECK(stats.blocks == live);
    CHECK(stats.used + stats.free + stats.dead == stats.capacity);
    CHECK_OK(memcore_heap_destroy(heap));
}

static void test_addresses(const char *strategy, size_t header) {
    memcore_heap_options options = memcore_heap_options_for(memcore_memory_of(bytes, sizeof bytes));
    memcore_heap *heap = NULL;
    void *block = NULL, *other = NULL;
    size_t size = 0;
    bool contained = false;
    options.strategy = strategy;
    CHECK_OK(memcore_heap_create(&options, &heap));
    CHECK_OK(memcore_heap_header(heap, &size));
    CHECK(size == header);
    CHECK_OK(memcore_heap_allocate(heap, 100, 16, &block));
    CHECK_OK(memcore_heap_allocate(heap, 100, 16, &other));

    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_heap_free(heap, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_heap_free(heap, &size));
    CHECK(last().address == (uintptr_t)&size);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_heap_free(heap, (void *)UINTPTR_MAX));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_heap_free(heap, (char *)block + 1));
    CHECK(last().address == (uintptr_t)block + 1);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_heap_free(heap, (char *)block + 16));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_heap_usable_size(heap, (char *)block + 8, &size));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_heap_resize_in_place(heap, (char *)block + 8, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_heap_reallocate(heap, (char *)block + 8, 1, 1, &block));
    CHECK_OK(memcore_heap_contains(heap, block, &contained));
    CHECK(contained);
    CHECK_OK(memcore_heap_contains(heap, &contained, &contained));
    CHECK(!contained);

    CHECK_STATUS(MEMCORE_STATUS_NO_ROOM_IN_PLACE, memcore_heap_resize_in_place(heap, block, 20000, &size));
    CHECK(last().size == 20000 && last().available >= 100 && last().available < 20000);
    CHECK_OK(memcore_heap_resize_in_place(heap, block, 50, &size));
    CHECK(size >= 50);
    CHECK_OK(memcore_heap_free(heap, block));
    CHECK_STATUS(MEMCORE_STATUS_DOUBLE_FREE, memcore_heap_free(heap, block));
    CHECK(last().address == (uintptr_t)block);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_heap_usable_size(heap, block, &size));

    if (header != 0) {
        const uint64_t smashed = 0x1234567812345678u;
        memcpy((char *)other - 8, &smashed, sizeof smashed);
        CHECK_STATUS(MEMCORE_STATUS_HEAP_HEADER_SMASHED, memcore_heap_free(heap, other));
        CHECK(last().found == smashed && last().address == (uintptr_t)other);
        memcore_corruption corruption;
        CHECK_STATUS(MEMCORE_STATUS_CORRUPT, memcore_heap_validate(heap, &corruption));
        CHECK(corruption.what.length > 0);
    }
    CHECK_OK(memcore_heap_destroy(heap));
}

static void test_refusals(void) {
    memcore_heap_options options = memcore_heap_options_for(memcore_memory_of(bytes, sizeof bytes));
    memcore_heap *heap = NULL;
    void *block = NULL;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_create(NULL, &heap));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_create(&options, NULL));
    options.strategy = "no-such-fit";
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_heap_create(&options, &heap));
    options.strategy = "best-fit:flavour=3";
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_KEY, memcore_heap_create(&options, &heap));
    options.strategy = "tlsf:subdivisions=no";
    CHECK_STATUS(MEMCORE_STATUS_BAD_VALUE, memcore_heap_create(&options, &heap));
    options.strategy = "tlsf:subdivisions";
    CHECK_STATUS(MEMCORE_STATUS_BAD_PART, memcore_heap_create(&options, &heap));
    options.strategy = "\xff";
    CHECK_STATUS(MEMCORE_STATUS_NOT_UTF8, memcore_heap_create(&options, &heap));
    options.strategy = "first-fit";
    options.checks = "some";
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_heap_create(&options, &heap));
    options.checks = "light:redzone=1G";
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_heap_create(&options, &heap));
    CHECK(last().value == (uint64_t)1 << 30 && last().rule.length > 0);
    options.checks = NULL;

    /* Memory that cannot be. */
    options.memory = memcore_memory_of(bytes, 0);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_heap_create(&options, &heap));
    options.memory = memcore_memory_of(bytes, SIZE_MAX);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_heap_create(&options, &heap));
    options.memory = memcore_memory_of((void *)(UINTPTR_MAX - 100), 200);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_heap_create(&options, &heap));
    options.memory = memcore_memory_of(NULL, 100);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_heap_create(&options, &heap));
    options.memory = memcore_memory_own(0);
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_heap_create(&options, &heap));
    options.memory = memcore_memory_own(SIZE_MAX);
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_heap_create(&options, &heap));
    options.memory = memcore_memory_own(1 << 20);
    options.memory.initial = 1 << 21;
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_heap_create(&options, &heap));
    options.memory = memcore_memory_own(1 << 20);
    options.memory.huge_pages = 17;
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_heap_create(&options, &heap));
    options.memory = memcore_memory_file("/no/such/folder/heap", 1 << 20);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_SYSTEM, memcore_heap_create(&options, &heap));
    CHECK(last().error_number == 2); /* ENOENT */
    CHECK(heap == NULL);
    CHECK_OK(memcore_heap_destroy(NULL));

    options.memory = memcore_memory_of(bytes, 4096);
    CHECK_OK(memcore_heap_create(&options, &heap));
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_heap_allocate(heap, 1, 0, &block));
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_heap_allocate(heap, 1, 24, &block));
    CHECK(last().alignment == 24);
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_heap_allocate(heap, SIZE_MAX, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_heap_allocate_zeroed(heap, 5000, 1, &block));
    CHECK_OK(memcore_heap_allocate(heap, 2000, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_heap_allocate_tagged(heap, 3000, 1, 0, 0, &block));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_heap_allocate(heap, 1, (size_t)1 << 62, &block));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_heap_reallocate(heap, block, 5000, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_allocate(heap, 1, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_allocate(NULL, 1, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_free(NULL, block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_visit(heap, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_leaks(heap, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_leak_summary(heap, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_heap_stats(heap, NULL));
    CHECK(memcore_heap_strategy(NULL, NULL, 0) == 0);

    /* Handles of another kind, and what is no handle at all. */
    memcore_arena *arena = NULL;
    const memcore_memory memory = memcore_memory_own(1 << 16);
    CHECK_OK(memcore_arena_create(&memory, &arena));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE, memcore_heap_allocate((memcore_heap *)arena, 1, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE, memcore_heap_destroy((memcore_heap *)arena));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE, memcore_arena_reset((memcore_arena *)heap));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE, memcore_heap_free((memcore_heap *)((char *)heap + 1), block));
    static uint64_t zeros[64];
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE, memcore_heap_free((memcore_heap *)zeros, block));
    CHECK_OK(memcore_arena_destroy(arena));
    CHECK_OK(memcore_heap_destroy(heap));
}

static int32_t count_blocks(const memcore_heap_block *block, void *user) {
    size_t *total = (size_t *)user;
    *total += block->requested;
    return 0;
}

static int32_t stop(const memcore_heap_block *block, void *user) {
    (void)block;
    *(int *)user += 1;
    return 1;
}

/* May read, may not change. */
static int32_t come_back(const memcore_heap_block *block, void *user) {
    memcore_heap *heap = (memcore_heap *)user;
    size_t usable = 0;
    CHECK_OK(memcore_heap_usable_size(heap, block->address, &usable));
    CHECK(usable == block->usable);
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_heap_free(heap, block->address));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_heap_destroy(heap));
    return 0;
}

static void test_figures(int32_t locked) {
    memcore_heap *heap = make("best-fit:tie=recent", NULL, locked);
    void *blocks[3];
    size_t total = 0, number = 0;
    int seen = 0;
    for (size_t i = 0; i < 3; i += 1) {
        CHECK_OK(memcore_heap_allocate(heap, 100 * (i + 1), 8, &blocks[i]));
    }
    CHECK_OK(memcore_heap_visit(heap, count_blocks, &total));
    CHECK(total == 600);
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_heap_visit(heap, stop, &seen));
    CHECK(seen == 1);
    CHECK_OK(memcore_heap_visit(heap, come_back, heap));
    CHECK_OK(memcore_heap_metadata_bytes(heap, &number));
    CHECK(number > 0);

    memcore_stats stats;
    CHECK_OK(memcore_heap_stats(heap, &stats));
    CHECK(stats.blocks == 3 && stats.allocations == 3 && stats.frees == 0);
    char text[64];
    CHECK(memcore_heap_strategy(heap, text, sizeof text) == strlen("best-fit:tie=recent"));
    CHECK(strcmp(text, "best-fit:tie=recent") == 0);

    void *large = NULL;
    CHECK_OK(memcore_heap_allocate(heap, 1 << 20, 8, &large));
    memset(large, 1, 1 << 20);
    CHECK_OK(memcore_heap_free(heap, large));
    CHECK_OK(memcore_heap_trim(heap, &number));
    CHECK(number >= (1 << 20) - 8192);
    CHECK_OK(memcore_heap_trim(heap, NULL));
    CHECK_OK(memcore_heap_destroy(heap));
}

struct heard {
    memcore_heap *heap;
    int calls;
    memcore_error_details details;
};

static void hear(const memcore_error_details *details, void *user) {
    struct heard *heard = (struct heard *)user;
    heard->calls += 1;
    heard->details = *details;
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_heap_free(heard->heap, NULL));
}

struct leaks {
    int count;
    memcore_leak last;
    uint64_t blocks;
    memcore_heap *heap;
};

static int32_t note_leak(const memcore_leak *leak, void *user) {
    struct leaks *leaks = (struct leaks *)user;
    leaks->count += 1;
    leaks->last = *leak;
    return 0;
}

/* The report is made before: its visitor may change the heap. */
static int32_t free_leak(const memcore_leak *leak, void *user) {
    CHECK_OK(memcore_heap_free((memcore_heap *)user, leak->address));
    return 0;
}

static int32_t note_group(const memcore_leak_group *group, void *user) {
    struct leaks *leaks = (struct leaks *)user;
    leaks->count += 1;
    leaks->blocks += group->blocks;
    CHECK(group->bytes == group->blocks * 40);
    return 0;
}

static void test_checks(const char *strategy) {
    memcore_heap *heap = make(strategy, "none:redzone=10,poison=all,quarantine=64K,track=yes,limit=100K", 0);
    memcore_checks checks;
    CHECK_OK(memcore_heap_checks(heap, &checks));
    CHECK(checks.redzone == 16 && checks.poison == SIZE_MAX && checks.quarantine == 65536 && checks.track != 0);
    CHECK(checks.limit == 102400 && checks.guard_every == 0 && checks.tools == 0);
    struct heard heard = {heap, 0, last()};
    CHECK_OK(memcore_heap_on_failure(heap, hear, &heard));

    unsigned char *block = NULL;
    void *other = NULL;
    CHECK_OK(memcore_heap_allocate_tagged(heap, 40, 8, 7, 0x1234, (void **)&block));
    CHECK(block[0] == 0xA5 && block[39] == 0xA5);
    uint32_t tag = 0;
    CHECK_OK(memcore_heap_tag(heap, block, &tag));
    CHECK(tag == 7);
    CHECK_OK(memcore_heap_set_tag(heap, block, 8));
    CHECK_OK(memcore_heap_tag(heap, block, &tag));
    CHECK(tag == 8);

    /* An overrun: where, and with what. */
    block[41] = 0x5a;
    CHECK_STATUS(MEMCORE_STATUS_HEAP_REDZONE_SMASHED, memcore_heap_check_block(heap, block));
    CHECK(last().address == (uintptr_t)block && last().offset == 41 && last().found == 0x5a);
    CHECK(heard.calls == 1 && heard.details.offset == 41);
    CHECK(heard.details.status == MEMCORE_STATUS_HEAP_REDZONE_SMASHED);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_REDZONE_SMASHED, memcore_heap_check(heap, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_REDZONE_SMASHED, memcore_heap_free(heap, block));
    CHECK_STATUS(MEMCORE_STATUS_CORRUPT, memcore_heap_validate(heap, NULL));
    block[41] = 0xFD;
    block[-2] = 0x11;
    CHECK_STATUS(MEMCORE_STATUS_HEAP_REDZONE_SMASHED, memcore_heap_free(heap, block));
    CHECK(last().offset == -2 && last().found == 0x11);
    CHECK_OK(memcore_heap_release_smashed(heap, block));
    CHECK(heard.calls == 4);

    /* A write after a free, found when the block leaves the quarantine. */
    size_t blocks = 0, held = 0;
    uint64_t found = 99;
    CHECK_OK(memcore_heap_allocate(heap, 100, 8, (void **)&block));
    CHECK_OK(memcore_heap_free(heap, block));
    CHECK(block[50] == 0xDD);
    CHECK_STATUS(MEMCORE_STATUS_DOUBLE_FREE, memcore_heap_free(heap, block));
    block[50] = 1;
    CHECK_OK(memcore_heap_quarantined(heap, &blocks, &held));
    CHECK(blocks == 2 && held >= 140);
    CHECK_OK(memcore_heap_quarantined(heap, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_FREED_WRITTEN, memcore_heap_check(heap, NULL));
    CHECK(last().offset == 50 && last().found == 1);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_FREED_WRITTEN, memcore_heap_empty_quarantine(heap, &held));
    CHECK_OK(memcore_heap_empty_quarantine(heap, &held));
    CHECK(held == 0);
    memcore_error_details details = last();
    CHECK_OK(memcore_heap_found(heap, &found, &details));
    CHECK(found == 1 && details.status == MEMCORE_STATUS_HEAP_FREED_WRITTEN && details.offset == 50);
    CHECK_OK(memcore_heap_found(heap, &found, NULL));

    /* The limit, and nobody who listens. */
    const int calls = heard.calls;
    CHECK_OK(memcore_heap_on_failure(heap, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_LIMIT_EXCEEDED, memcore_heap_allocate(heap, 102401, 1, &other));
    CHECK(last().limit == 102400);
    CHECK(heard.calls == calls);

    /* What is left. */
    struct leaks leaks = {0, {NULL, 0, 0, 0, 0}, 0, heap};
    CHECK_OK(memcore_heap_leaks(heap, note_leak, &leaks));
    CHECK(leaks.count == 0);
    for (uint32_t i = 0; i < 6; i += 1) {
        CHECK_OK(memcore_heap_allocate_tagged(heap, 40, 8, i % 2, 5, &other));
    }
    CHECK_OK(memcore_heap_leaks(heap, note_leak, &leaks));
    CHECK(leaks.count == 6 && leaks.last.address == other && leaks.last.size == 40 && leaks.last.tag == 1);
    CHECK(leaks.last.site == 5 && leaks.last.number == 8);
    leaks.count = 0;
    CHECK_OK(memcore_heap_leak_summary(heap, note_group, &leaks));
    CHECK(leaks.count == 2 && leaks.blocks == 6);
    CHECK_OK(memcore_heap_check(heap, &blocks));
    CHECK(blocks == 6);
    CHECK_OK(memcore_heap_leaks(heap, free_leak, heap));
    leaks.count = 0;
    CHECK_OK(memcore_heap_leaks(heap, note_leak, &leaks));
    CHECK(leaks.count == 0);
    CHECK_OK(memcore_heap_destroy(heap));

    heap = make(strategy, NULL, 0);
    CHECK_OK(memcore_heap_allocate(heap, 40, 8, &other));
    CHECK_STATUS(MEMCORE_STATUS_NO_TAGS, memcore_heap_tag(heap, other, &tag));
    CHECK_STATUS(MEMCORE_STATUS_NO_TAGS, memcore_heap_set_tag(heap, other, tag));
    CHECK_OK(memcore_heap_check_block(heap, other));
    CHECK_OK(memcore_heap_release_smashed(heap, other));
    CHECK_OK(memcore_heap_destroy(heap));
}

static void test_checks_as_a_struct(void) {
    memcore_heap_options options = memcore_heap_options_for(memcore_memory_own(1 << 20));
    memcore_checks checks, again;
    memcore_heap *heap = NULL;
    CHECK_OK(memcore_checks_parse("full:quarantine=2M,guard_every=1000", &checks));
    CHECK(checks.redzone == 64 && checks.quarantine == 2 << 20 && checks.guard_every == 1000 && checks.tools != 0);
    CHECK(checks.limit == UINT64_MAX);
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_KEY, memcore_checks_parse("full:color=red", &checks));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_checks_parse(NULL, &checks));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_checks_parse("full", NULL));
    checks.guard_every = 0;
    options.checked = &checks;
    CHECK_OK(memcore_heap_create(&options, &heap));
    CHECK_OK(memcore_heap_checks(heap, &again));
    CHECK(memcmp(&checks, &again, sizeof checks) == 0);
    CHECK_OK(memcore_heap_destroy(heap));
}

/* A file's bytes as memory. */
static void test_file(void) {
    char name[] = "/tmp/memcore-test-heap-XXXXXX";
    const int file = mkstemp(name);
    CHECK(file >= 0);
    memcore_heap_options options = memcore_heap_options_for(memcore_memory_file(name, 1 << 22));
    memcore_heap *heap = NULL, *second = NULL;
    void *block = NULL;
    options.strategy = "tlsf";
    CHECK_OK(memcore_heap_create(&options, &heap));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_SYSTEM, memcore_heap_create(&options, &second)); /* it is locked */
    CHECK_OK(memcore_heap_allocate(heap, 1 << 20, 16, &block));
    memset(block, 1, 1 << 20);
    CHECK(lseek(file, 0, SEEK_END) >= 1 << 20);
    CHECK_OK(memcore_heap_destroy(heap));
    close(file);
    unlink(name);
}

enum { THREADS = 4 };

struct work {
    memcore_heap *heap;
    unsigned seed;
};

static void *share(void *user) {
    const struct work *work = (const struct work *)user;
    unsigned char *block = NULL;
    memcore_stats stats;
    const int rounds = getenv("MEMCORE_TEST_SHORT") != NULL ? 100 : 2000;
    for (int i = 0; i < rounds; i += 1) {
        CHECK_OK(memcore_heap_allocate(work->heap, 100, 8, (void **)&block));
        fill(block, 100, work->seed);
        CHECK_OK(memcore_heap_stats(work->heap, &stats));
        CHECK(stats.blocks >= 1 && stats.blocks <= THREADS);
        CHECK(holds(block, 100, work->seed));
        CHECK_OK(memcore_heap_free(work->heap, block));
        /* Failures tell the listener, which reads: it is this thread's turn. */
        CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_heap_free(work->heap, NULL));
        if (i % 50 == 0) {
            CHECK_OK(memcore_heap_visit(work->heap, come_back, work->heap));
        }
    }
    return NULL;
}

static void refuse_from_within(const memcore_error_details *details, void *user) {
    memcore_heap *heap = (memcore_heap *)user;
    CHECK(details->status == MEMCORE_STATUS_HEAP_NOT_IN_HEAP);
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_heap_trim(heap, NULL));
}

static void test_lock(void) {
    memcore_heap *heap = make("first-fit", NULL, 1);
    pthread_t threads[THREADS];
    struct work works[THREADS];
    CHECK_OK(memcore_heap_on_failure(heap, refuse_from_within, heap));
    for (unsigned i = 0; i < THREADS; i += 1) {
        works[i].heap = heap;
        works[i].seed = i;
        CHECK(pthread_create(&threads[i], NULL, share, &works[i]) == 0);
    }
    for (unsigned i = 0; i < THREADS; i += 1) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    memcore_stats stats;
    CHECK_OK(memcore_heap_stats(heap, &stats));
    CHECK(stats.blocks == 0);
    CHECK_OK(memcore_heap_validate(heap, NULL));
    CHECK_OK(memcore_heap_destroy(heap));
}

int main(void) {
    const char *strategies[] = {"size-classes", "first-fit", "next-fit", "best-fit", "worst-fit", "tlsf", "buddy"};
    for (size_t i = 0; i < sizeof strategies / sizeof *strategies; i += 1) {
        test_contents(strategies[i], NULL);
        test_contents(strategies[i], "full:tools=no");
        test_addresses(strategies[i], i == 0 ? 0 : 8);
    }
    test_refusals();
    test_figures(0);
    test_figures(1);
    test_checks(NULL);
    test_checks("best-fit");
    test_checks_as_a_struct();
    test_file();
    test_lock();
    return checked();
}
