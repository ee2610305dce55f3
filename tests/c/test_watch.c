/**
 * \file test_watch.c
 * Limit and listener; and that a callback cannot get inside the allocator that calls it.
 */

#include <memcore.h>

#include <string.h>

#include "check.h"

typedef struct {
    memcore_allocator *allocator;
    memcore_event last;
    int counts[5];
    bool intrudes;
} hearing;

/* Every call on the allocator is refused while its listener is being called. */
static void intrude(memcore_allocator *allocator) {
    memcore_block block;
    memcore_stats stats;
    memcore_cursor cursor;
    memcore_plan *plan;
    memcore_allocator *copy;
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_allocate(allocator, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_free(allocator, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_reset(allocator));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_set_limit(allocator, 1));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_set_listener(allocator, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_stats(allocator, &stats));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_cursor(allocator, &cursor));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_plan_compaction(allocator, NULL, NULL, 0, &plan));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_clone(allocator, &copy));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_destroy(allocator));
}

static void hear(const memcore_event *event, void *user) {
    hearing *heard = (hearing *)user;
    heard->last = *event;
    heard->counts[event->kind] += 1;
    if (heard->intrudes) {
        intrude(heard->allocator);
    }
}

static void test_one(bool intrudes) {
    memcore_options options = memcore_options_for(1000);
    hearing heard;
    memset(&heard, 0, sizeof heard);
    CHECK_OK(memcore_allocator_create("first-fit", &options, &heard.allocator));
    memcore_allocator *allocator = heard.allocator;
    heard.intrudes = intrudes;
    memcore_block first, second;
    CHECK_OK(memcore_allocator_set_listener(allocator, hear, &heard));
    CHECK_OK(memcore_allocator_allocate(allocator, 100, &first));
    CHECK(heard.last.kind == MEMCORE_EVENT_KIND_ALLOCATED && heard.last.block.id == first.id);
    CHECK(heard.last.old.id == 0 && heard.last.moved.id == 0);
    CHECK_OK(memcore_allocator_allocate(allocator, 100, &second));
    CHECK_OK(memcore_allocator_resize(allocator, second.id, 150, NULL));
    CHECK(heard.last.kind == MEMCORE_EVENT_KIND_RESIZED);
    CHECK(heard.last.block.size == 150 && heard.last.old.size == 100);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_allocator_allocate(allocator, 900, &first));
    CHECK(heard.last.kind == MEMCORE_EVENT_KIND_FAILED && heard.last.size == 900);
    CHECK(heard.last.status == MEMCORE_STATUS_OUT_OF_SPACE);
    CHECK_OK(memcore_allocator_free(allocator, first.id, NULL));
    CHECK(heard.last.kind == MEMCORE_EVENT_KIND_FREED && heard.last.block.id == first.id);

    memcore_plan *plan = NULL;
    CHECK_OK(memcore_allocator_plan_compaction(allocator, NULL, NULL, 0, &plan));
    CHECK_OK(memcore_allocator_commit(allocator, plan));
    memcore_plan_destroy(plan);
    CHECK(heard.last.kind == MEMCORE_EVENT_KIND_MOVED && heard.last.moved.id == second.id);
    CHECK(heard.last.moved.from == 100 && heard.last.moved.to == 0 && heard.last.moved.size == 150);
    CHECK_OK(memcore_allocator_reset(allocator));
    CHECK(heard.counts[MEMCORE_EVENT_KIND_ALLOCATED] == 2 && heard.counts[MEMCORE_EVENT_KIND_FREED] == 2);

    CHECK_OK(memcore_allocator_set_listener(allocator, NULL, NULL));
    CHECK_OK(memcore_allocator_allocate(allocator, 1, &first));
    CHECK(heard.counts[MEMCORE_EVENT_KIND_ALLOCATED] == 2);
    CHECK_OK(memcore_allocator_set_listener(allocator, hear, &heard));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_set_listener(NULL, hear, &heard));
    CHECK_OK(memcore_allocator_destroy(allocator));
}

static void test_fixed_memory(void) {
    /* A listener in fixed storage finds the mark inside the given memory. */
    static uint64_t memory[4096];
    unsigned char *start = (unsigned char *)memory;
    start += (MEMCORE_FIXED_ALIGNMENT - (uintptr_t)start % MEMCORE_FIXED_ALIGNMENT) % MEMCORE_FIXED_ALIGNMENT;
    memcore_options options = memcore_options_for(1000);
    hearing heard;
    memset(&heard, 0, sizeof heard);
    CHECK_OK(memcore_allocator_create_fixed(start, sizeof memory - MEMCORE_FIXED_ALIGNMENT, 10, "best-fit", &options,
                                            &heard.allocator));
    heard.intrudes = true;
    memcore_block block;
    CHECK_OK(memcore_allocator_set_listener(heard.allocator, hear, &heard));
    CHECK_OK(memcore_allocator_allocate(heard.allocator, 100, &block));
    CHECK(heard.counts[MEMCORE_EVENT_KIND_ALLOCATED] == 1);
    CHECK_OK(memcore_allocator_destroy(heard.allocator));
}

static void test_limit(void) {
    memcore_options options = memcore_options_for(1000);
    memcore_allocator *allocator = NULL;
    memcore_block block;
    memcore_error_details details;
    uint64_t limit = 0;
    CHECK_OK(memcore_allocator_create("first-fit", &options, &allocator));
    CHECK_OK(memcore_allocator_limit(allocator, &limit));
    CHECK(limit == MEMCORE_NO_LIMIT);
    CHECK_OK(memcore_allocator_set_limit(allocator, 300));
    CHECK_OK(memcore_allocator_limit(allocator, &limit));
    CHECK(limit == 300);
    CHECK_OK(memcore_allocator_allocate(allocator, 200, &block));
    CHECK_STATUS(MEMCORE_STATUS_LIMIT_EXCEEDED, memcore_allocator_allocate(allocator, 101, &block));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.size == 101 && details.used == 200 && details.limit == 300);
    CHECK_STATUS(MEMCORE_STATUS_LIMIT_EXCEEDED, memcore_allocator_resize(allocator, block.id, 301, NULL));
    CHECK_OK(memcore_allocator_set_limit(allocator, MEMCORE_NO_LIMIT));
    CHECK_OK(memcore_allocator_allocate(allocator, 101, &block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_set_limit(NULL, 1));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_limit(allocator, NULL));
    CHECK_OK(memcore_allocator_destroy(allocator));
}

int main(void) {
    test_one(false);
    test_one(true);
    test_fixed_memory();
    test_limit();
    return checked();
}
