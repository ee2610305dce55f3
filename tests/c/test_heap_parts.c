/**
 * \file test_heap_parts.c
 * Arenas, pools, double stacks, rings, and heaps whose blocks move: every function, every error.
 */

#include <memcore.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

static uint64_t words[1024];
static const size_t length = sizeof words;

static memcore_error_details last(void) {
    memcore_error_details details;
    CHECK_OK(memcore_last_error(&details));
    return details;
}

static void test_arena(memcore_memory memory) {
    memcore_arena *arena = NULL;
    memcore_arena_figures figures;
    char *first = NULL, *block = NULL;
    uint64_t mark = 0;
    bool contained = false;
    CHECK_OK(memcore_arena_create(&memory, &arena));
    CHECK_OK(memcore_arena_allocate(arena, 100, 16, (void **)&first));
    CHECK((uintptr_t)first % 16 == 0);
    CHECK_OK(memcore_arena_checkpoint(arena, &mark));
    memset(first, 1, 100);
    CHECK_OK(memcore_arena_copy(arena, "hello", 6, 1, (void **)&block));
    CHECK(strcmp(block, "hello") == 0);
    CHECK_OK(memcore_arena_copy(arena, NULL, 0, 1, (void **)&block));
    CHECK_OK(memcore_arena_allocate_zeroed(arena, 1000, 256, (void **)&block));
    CHECK((uintptr_t)block % 256 == 0 && block[0] == 0 && block[999] == 0);
    CHECK_OK(memcore_arena_contains(arena, block + 999, &contained));
    CHECK(contained);
    CHECK_OK(memcore_arena_rewind(arena, mark));
    CHECK_OK(memcore_arena_contains(arena, block + 999, &contained));
    CHECK(!contained);
    CHECK_OK(memcore_arena_look(arena, &figures));
    CHECK(figures.used == mark && figures.footprint >= mark + 1000 && figures.limit == length);
    CHECK(figures.capacity <= figures.limit);
    CHECK(first[99] == 1);

    CHECK_STATUS(MEMCORE_STATUS_BAD_CHECKPOINT, memcore_arena_rewind(arena, mark + 1));
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_arena_allocate(arena, 1, 3, (void **)&block));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_arena_allocate(arena, length + 1, 1, (void **)&block));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_arena_allocate(arena, SIZE_MAX, 1, (void **)&block));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_arena_allocate(arena, length, 1, (void **)&block));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_arena_copy(arena, words, SIZE_MAX, 1, (void **)&block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_arena_copy(arena, NULL, 1, 1, (void **)&block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_arena_allocate(arena, 1, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_arena_reset(NULL));
    CHECK_OK(memcore_arena_trim(arena, NULL));
    CHECK_OK(memcore_arena_reset(arena));
    CHECK_OK(memcore_arena_look(arena, &figures));
    CHECK(figures.used == 0);
    CHECK_OK(memcore_arena_destroy(arena));
    CHECK_OK(memcore_arena_destroy(NULL));

    memory = memcore_memory_own(0);
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_arena_create(&memory, &arena));
    memory = memcore_memory_of(words, 0);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_arena_create(&memory, &arena));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_arena_create(NULL, &arena));
}

static int32_t count(const memcore_heap_block *block, void *user) {
    CHECK(block->address != NULL && block->usable >= block->requested);
    *(size_t *)user += 1;
    return 0;
}

static int32_t stop(const memcore_heap_block *block, void *user) {
    (void)block;
    (void)user;
    return -1;
}

static int32_t reset_pool(const memcore_heap_block *block, void *user) {
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_pool_free((memcore_pool *)user, block->address));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_pool_destroy((memcore_pool *)user));
    CHECK_OK(memcore_pool_lives((memcore_pool *)user, block->address));
    return 0;
}

static void test_pool(memcore_memory memory) {
    memcore_pool *pool = NULL;
    memcore_pool_figures figures;
    memcore_stats stats;
    char *slots[200];
    size_t slot = 0, seen = 0, bytes = 0;
    CHECK_OK(memcore_pool_create(&memory, 50, 16, &pool));
    CHECK_OK(memcore_pool_look(pool, &figures));
    CHECK(figures.slot == 64 && figures.alignment == 16 && figures.live == 0);
    int32_t status;
    while ((status = memcore_pool_allocate(pool, (void **)&slots[slot])) == MEMCORE_STATUS_OK) {
        CHECK((uintptr_t)slots[slot] % 16 == 0);
        memset(slots[slot], (int)slot, 64);
        slot += 1;
    }
    CHECK(status == MEMCORE_STATUS_OUT_OF_SPACE);
    CHECK(slot == length / 64 || slot == length / 64 - 1);
    for (size_t i = 0; i < slot; i += 1) {
        CHECK(slots[i][0] == (char)i && slots[i][63] == (char)i);
    }
    CHECK_OK(memcore_pool_visit(pool, count, &seen));
    CHECK(seen == slot);
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_pool_visit(pool, stop, NULL));
    CHECK_OK(memcore_pool_visit(pool, reset_pool, pool));
    CHECK_OK(memcore_pool_stats(pool, &stats));
    CHECK(stats.blocks == slot && stats.used == slot * 64);

    CHECK_OK(memcore_pool_lives(pool, slots[3]));
    CHECK_OK(memcore_pool_free(pool, slots[3]));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_pool_lives(pool, slots[3]));
    CHECK_STATUS(MEMCORE_STATUS_DOUBLE_FREE, memcore_pool_free(pool, slots[3]));
    CHECK(last().address == (uintptr_t)slots[3]);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_pool_free(pool, slots[4] + 1));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_pool_free(pool, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_pool_free(pool, &pool));
    char *again = NULL;
    CHECK_OK(memcore_pool_allocate_zeroed(pool, (void **)&again));
    CHECK(again == slots[3] && again[0] == 0 && again[63] == 0);
    CHECK_OK(memcore_pool_validate(pool, NULL));
    CHECK_OK(memcore_pool_reset(pool));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_pool_lives(pool, slots[0]));
    CHECK_OK(memcore_pool_trim(pool, &bytes));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_pool_visit(pool, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE, memcore_ring_reset((memcore_ring *)pool));
    CHECK_OK(memcore_pool_destroy(pool));

    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_pool_create(&memory, 50, 3, &pool));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_pool_create(&memory, 0, 1, &pool));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_pool_create(&memory, SIZE_MAX, 1, &pool));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_pool_create(&memory, 100000, 1, &pool));
}

static void test_double_stack(memcore_memory memory) {
    memcore_double_stack *stack = NULL;
    memcore_double_stack_figures figures, begin;
    char *low = NULL, *high = NULL;
    CHECK_OK(memcore_double_stack_create(&memory, &stack));
    CHECK_OK(memcore_double_stack_look(stack, &begin));
    CHECK(begin.free == length && begin.capacity == length && begin.low == 0 && begin.high == length);
    CHECK_OK(memcore_double_stack_push_low(stack, 100, 32, (void **)&low));
    CHECK_OK(memcore_double_stack_push_high(stack, 100, 32, (void **)&high));
    CHECK((uintptr_t)low % 32 == 0 && (uintptr_t)high % 32 == 0 && low < high);
    memset(low, 1, 100);
    memset(high, 2, 100);
    CHECK(low[99] == 1 && high[0] == 2);
    CHECK_OK(memcore_double_stack_look(stack, &figures));
    CHECK(figures.used_low + figures.free + figures.used_high == length);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_double_stack_push_low(stack, length, 1, (void **)&low));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_double_stack_push_high(stack, length + 1, 1, (void **)&low));
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_double_stack_push_high(stack, 1, 0, (void **)&low));
    CHECK_STATUS(MEMCORE_STATUS_BAD_CHECKPOINT, memcore_double_stack_rewind_low(stack, figures.low + 1));
    CHECK_STATUS(MEMCORE_STATUS_BAD_CHECKPOINT, memcore_double_stack_rewind_high(stack, figures.high - 1));
    CHECK_STATUS(MEMCORE_STATUS_BAD_CHECKPOINT, memcore_double_stack_rewind_high(stack, length + 1));
    CHECK(last().start == length + 1);
    CHECK_OK(memcore_double_stack_rewind_low(stack, begin.low));
    CHECK_OK(memcore_double_stack_rewind_high(stack, begin.high));
    CHECK_OK(memcore_double_stack_push_low(stack, length, 1, (void **)&low));
    CHECK_OK(memcore_double_stack_reset(stack));
    CHECK_OK(memcore_double_stack_look(stack, &figures));
    CHECK(figures.free == length);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_double_stack_reset(NULL));
    CHECK_OK(memcore_double_stack_destroy(stack));
}

static void test_ring(memcore_memory memory) {
    memcore_ring *ring = NULL;
    memcore_ring_figures figures;
    memcore_heap_block front;
    bool found = true;
    CHECK_OK(memcore_ring_create(&memory, &ring));
    CHECK_OK(memcore_ring_front(ring, &front, &found));
    CHECK(!found);

    /* A queue of records whose bytes follow from their number; what is oldest goes when there is no room. */
    unsigned head = 0, tail = 0;
    unsigned char *records[256];
    for (unsigned step = 0; step < 2000; step += 1) {
        const size_t size = 8 + step * 7919 % 900;
        unsigned char *record = NULL;
        while (memcore_ring_allocate(ring, size, 8, (void **)&record) != MEMCORE_STATUS_OK) {
            CHECK(last().status == MEMCORE_STATUS_OUT_OF_SPACE);
            CHECK_OK(memcore_ring_front(ring, &front, &found));
            CHECK(found && front.address == records[tail % 256]);
            const unsigned char *oldest = (const unsigned char *)front.address;
            CHECK(oldest[0] == (unsigned char)tail && oldest[front.usable - 1] == (unsigned char)tail);
            CHECK_OK(memcore_ring_release(ring, front.address));
            tail += 1;
        }
        memset(record, (int)(unsigned char)head, size);
        records[head % 256] = record;
        head += 1;
    }
    size_t seen = 0;
    CHECK_OK(memcore_ring_visit(ring, count, &seen));
    CHECK(seen == head - tail && seen > 1);
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_ring_visit(ring, stop, NULL));
    CHECK_OK(memcore_ring_look(ring, &figures));
    CHECK(figures.records == seen && figures.used + figures.gaps + figures.free == figures.capacity);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_OLDEST, memcore_ring_release(ring, records[(head - 1) % 256]));
    CHECK(last().top == (uintptr_t)records[tail % 256]);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_ring_release(ring, records[tail % 256] + 1));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_ring_release(ring, NULL));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_ring_allocate(ring, length + 1, 1, (void **)&records[0]));
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_ring_allocate(ring, 1, 5, (void **)&records[0]));
    CHECK_OK(memcore_ring_validate(ring, NULL));
    CHECK_OK(memcore_ring_reset(ring));
    CHECK_OK(memcore_ring_look(ring, &figures));
    CHECK(figures.records == 0 && figures.largest_hole == length);
    CHECK_OK(memcore_ring_destroy(ring));
}

struct ids {
    memcore_handle_heap *heap;
    int count;
};

static int32_t note_id(uint64_t block, size_t size, void *user) {
    struct ids *ids = (struct ids *)user;
    size_t again = 0;
    ids->count += 1;
    CHECK_OK(memcore_handle_heap_size(ids->heap, block, &again));
    CHECK(size == again);
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_handle_heap_free(ids->heap, block));
    return ids->count == 5;
}

static void test_handle_heap(memcore_memory memory) {
    memcore_handle_heap *heap = NULL;
    memcore_compaction done;
    memcore_stats stats;
    uint64_t blocks[20], block = 0;
    unsigned char *bytes = NULL;
    size_t size = 0;
    uint32_t pins = 9, locks = 9;
    CHECK_OK(memcore_handle_heap_create(&memory, "first-fit", &heap));
    for (unsigned i = 0; i < 20; i += 1) {
        CHECK_OK(memcore_handle_heap_allocate(heap, 300, 8, &blocks[i]));
        CHECK_OK(memcore_handle_heap_bytes(heap, blocks[i], (void **)&bytes, &size));
        CHECK(size == 300 && (uintptr_t)bytes % 8 == 0);
        memset(bytes, (int)i, size);
    }
    for (unsigned i = 0; i < 20; i += 2) {
        CHECK_OK(memcore_handle_heap_free(heap, blocks[i]));
        CHECK_STATUS(MEMCORE_STATUS_HEAP_STALE_HANDLE, memcore_handle_heap_free(heap, blocks[i]));
        CHECK(last().id == blocks[i]);
    }
    struct ids ids = {heap, 0};
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_handle_heap_visit(heap, note_id, &ids));
    CHECK(ids.count == 5);

    /* One stays, one may move but not go. */
    unsigned char *pinned = NULL;
    CHECK_OK(memcore_handle_heap_pin(heap, blocks[7], (void **)&pinned));
    CHECK_OK(memcore_handle_heap_lock(heap, blocks[9]));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_HELD, memcore_handle_heap_free(heap, blocks[7]));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_HELD, memcore_handle_heap_resize(heap, blocks[9], 10));
    CHECK(last().id == blocks[9] && last().value == 1);
    CHECK_OK(memcore_handle_heap_holds(heap, blocks[7], &pins, &locks));
    CHECK(pins == 1 && locks == 0);
    CHECK_OK(memcore_handle_heap_holds(heap, blocks[9], NULL, &locks));
    CHECK(locks == 1);

    const memcore_budget budget = {UINT64_MAX, 2};
    CHECK_OK(memcore_handle_heap_compact(heap, &budget, &done));
    CHECK(done.moves == 2 && !done.done && done.fragmentation_before > 0);
    CHECK_OK(memcore_handle_heap_compact_for(heap, 1000000000, NULL));
    CHECK_OK(memcore_handle_heap_compact(heap, NULL, &done));
    CHECK(done.done);
    CHECK_OK(memcore_handle_heap_validate(heap, NULL));
    CHECK_OK(memcore_handle_heap_bytes(heap, blocks[7], (void **)&bytes, NULL));
    CHECK(bytes == pinned);
    for (unsigned i = 1; i < 20; i += 2) {
        CHECK_OK(memcore_handle_heap_bytes(heap, blocks[i], (void **)&bytes, &size));
        CHECK(bytes[0] == i && bytes[size - 1] == i);
    }
    CHECK_OK(memcore_handle_heap_unpin(heap, blocks[7]));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_HELD, memcore_handle_heap_unpin(heap, blocks[7]));
    CHECK_OK(memcore_handle_heap_unlock(heap, blocks[9]));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_HELD, memcore_handle_heap_unlock(heap, blocks[9]));

    CHECK_OK(memcore_handle_heap_resize(heap, blocks[1], 1000));
    CHECK_OK(memcore_handle_heap_bytes(heap, blocks[1], (void **)&bytes, &size));
    CHECK(size == 1000 && bytes[299] == 1);
    CHECK_OK(memcore_handle_heap_allocate_zeroed(heap, 200, 1, &block));
    CHECK_OK(memcore_handle_heap_bytes(heap, block, (void **)&bytes, NULL));
    CHECK(bytes[0] == 0 && bytes[199] == 0);
    CHECK_OK(memcore_handle_heap_stats(heap, &stats));
    CHECK(stats.blocks == 11);

    CHECK_STATUS(MEMCORE_STATUS_HEAP_STALE_HANDLE, memcore_handle_heap_free(heap, 0));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_STALE_HANDLE, memcore_handle_heap_size(heap, UINT64_MAX, &size));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_STALE_HANDLE, memcore_handle_heap_pin(heap, blocks[0], NULL));
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_handle_heap_allocate(heap, 1, 6, &block));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_handle_heap_allocate(heap, SIZE_MAX, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_handle_heap_allocate(heap, 7000, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_handle_heap_visit(heap, NULL, NULL));
    CHECK_OK(memcore_handle_heap_destroy(heap));

    CHECK_OK(memcore_handle_heap_create(&memory, "buddy", &heap));
    CHECK_STATUS(MEMCORE_STATUS_UNSUPPORTED, memcore_handle_heap_compact(heap, NULL, NULL));
    CHECK_OK(memcore_handle_heap_destroy(heap));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_handle_heap_create(&memory, "", &heap));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_handle_heap_create(&memory, NULL, &heap));
    memory = memcore_memory_of(words, 7);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_handle_heap_create(&memory, "tlsf", &heap));
}

int main(void) {
    void (*const tests[])(memcore_memory) = {test_arena, test_pool, test_double_stack, test_ring, test_handle_heap};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i += 1) {
        tests[i](memcore_memory_of(words, length));
        tests[i](memcore_memory_own(length));
    }
    return checked();
}
