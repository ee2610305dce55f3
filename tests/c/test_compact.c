/**
 * \file test_compact.c
 * Compaction of real bytes: after the copies of a plan, in its order, every block has its contents.
 */

#include <memcore.h>

#include <string.h>

#include "check.h"

enum { CAPACITY = 4096, BLOCKS = 64 };

static unsigned char bytes[CAPACITY];
static memcore_block blocks[BLOCKS];

static unsigned char content(uint64_t id, uint64_t i) { return (unsigned char)(id * 31 + i * 7 + (id >> 32)); }

static memcore_allocator *fragmented(const char *strategy) {
    memcore_options options = memcore_options_for(CAPACITY);
    memcore_allocator *allocator = NULL;
    CHECK_OK(memcore_allocator_create(strategy, &options, &allocator));
    for (int i = 0; i < BLOCKS; i += 1) {
        CHECK_OK(memcore_allocator_allocate(allocator, 1 + (uint64_t)i * 37 % 60, &blocks[i]));
        for (uint64_t k = 0; k < blocks[i].size; k += 1) {
            bytes[blocks[i].start + k] = content(blocks[i].id, k);
        }
    }
    for (int i = 0; i < BLOCKS; i += 1) {
        if (i * 7 % 5 < 2) {
            CHECK_OK(memcore_allocator_free(allocator, blocks[i].id, NULL));
            blocks[i].id = 0;
        }
    }
    return allocator;
}

static void check_contents(memcore_allocator *allocator) {
    for (int i = 0; i < BLOCKS; i += 1) {
        if (blocks[i].id != 0) {
            memcore_block now;
            CHECK_OK(memcore_allocator_block(allocator, blocks[i].id, &now));
            CHECK(now.size == blocks[i].size);
            for (uint64_t k = 0; k < now.size; k += 1) {
                CHECK(bytes[now.start + k] == content(now.id, k));
            }
        }
    }
    CHECK_OK(memcore_allocator_validate(allocator, NULL));
}

static size_t carry_out(memcore_allocator *allocator, const memcore_plan *plan) {
    const memcore_move *moves = NULL;
    size_t count = 0;
    uint64_t sum = 0, total = 0;
    CHECK_OK(memcore_plan_moves(plan, &moves, &count));
    CHECK_OK(memcore_plan_bytes(plan, &total));
    for (size_t i = 0; i < count; i += 1) {
        memmove(bytes + moves[i].to, bytes + moves[i].from, moves[i].size);
        sum += moves[i].size;
    }
    CHECK(sum == total);
    CHECK_OK(memcore_allocator_commit(allocator, plan));
    return count;
}

static void test_contents_survive(const char *strategy) {
    memcore_allocator *allocator = fragmented(strategy);
    memcore_plan *plan = NULL;
    memcore_stats stats;
    uint64_t pinned = 0, pinned_start = 0;
    for (int i = BLOCKS; i > BLOCKS / 2; i -= 1) {
        if (blocks[i - 1].id != 0) {
            pinned = blocks[i - 1].id;
            pinned_start = blocks[i - 1].start;
        }
    }

    /* In small steps, with one block pinned, until nothing is left to move. */
    const memcore_budget budget = {100, 3};
    size_t moved = 0, steps = 0;
    do {
        CHECK_OK(memcore_allocator_plan_compaction(allocator, &budget, &pinned, 1, &plan));
        moved = carry_out(allocator, plan);
        CHECK(moved <= 3);
        memcore_plan_destroy(plan);
        check_contents(allocator);
        steps += 1;
    } while (moved > 0 && steps < 1000);
    CHECK(steps > 1 && steps < 1000);
    memcore_block block;
    CHECK_OK(memcore_allocator_block(allocator, pinned, &block));
    CHECK(block.start == pinned_start);

    /* All at once: one hole remains. */
    CHECK_OK(memcore_allocator_plan_compaction(allocator, NULL, NULL, 0, &plan));
    carry_out(allocator, plan);
    check_contents(allocator);
    CHECK_OK(memcore_allocator_stats(allocator, &stats));
    CHECK(stats.holes == 1 && stats.largest_hole == stats.free);

    /* A committed plan is out of date, and so is one that a change overtook. */
    CHECK_STATUS(MEMCORE_STATUS_OUTDATED_PLAN, memcore_allocator_commit(allocator, plan));
    memcore_error_details details;
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.made < details.now);
    memcore_plan_destroy(plan);
    CHECK_OK(memcore_allocator_destroy(allocator));
}

static void test_bad_input(void) {
    memcore_allocator *allocator = fragmented("first-fit"), *buddy = fragmented("buddy");
    memcore_plan *plan = NULL;
    const memcore_move *moves;
    size_t count;
    uint64_t total;
    const uint64_t none = 0, unknown = UINT64_MAX;
    CHECK_STATUS(MEMCORE_STATUS_UNSUPPORTED, memcore_allocator_plan_compaction(buddy, NULL, NULL, 0, &plan));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_ID, memcore_allocator_plan_compaction(allocator, NULL, &none, 1, &plan));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_ID, memcore_allocator_plan_compaction(allocator, NULL, &unknown, 1, &plan));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_plan_compaction(allocator, NULL, NULL, 1, &plan));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_allocator_plan_compaction(allocator, NULL, &none, SIZE_MAX, &plan));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_plan_compaction(NULL, NULL, NULL, 0, &plan));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_plan_compaction(allocator, NULL, NULL, 0, NULL));
    CHECK(plan == NULL);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_commit(allocator, NULL));
    CHECK_OK(memcore_allocator_plan_compaction(allocator, NULL, NULL, 0, &plan));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_commit(NULL, plan));
    CHECK_STATUS(MEMCORE_STATUS_UNSUPPORTED, memcore_allocator_commit(buddy, plan));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_plan_moves(NULL, &moves, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_plan_moves(plan, NULL, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_plan_moves(plan, &moves, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_plan_bytes(NULL, &total));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_plan_bytes(plan, NULL));
    memcore_block block;
    CHECK_OK(memcore_allocator_allocate(allocator, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_OUTDATED_PLAN, memcore_allocator_commit(allocator, plan));
    memcore_plan_destroy(plan);
    memcore_plan_destroy(NULL);
    CHECK_OK(memcore_allocator_destroy(allocator));
    CHECK_OK(memcore_allocator_destroy(buddy));
}

int main(void) {
    test_contents_survive("first-fit");
    test_contents_survive("best-fit:tie=recent");
    test_contents_survive("tlsf");
    test_bad_input();
    return checked();
}
