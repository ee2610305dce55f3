/**
 * \file test_iterate.c
 * Regions in address order, by visitor and by cursor; and cursors that came out of date.
 */

#include <memcore.h>

#include <string.h>

#include "check.h"

static memcore_allocator *fragmented(const char *strategy) {
    memcore_options options = memcore_options_for(1024);
    memcore_allocator *allocator = NULL;
    memcore_block first, second, third;
    CHECK_OK(memcore_allocator_create(strategy, &options, &allocator));
    CHECK_OK(memcore_allocator_allocate(allocator, 100, &first));
    CHECK_OK(memcore_allocator_allocate(allocator, 200, &second));
    CHECK_OK(memcore_allocator_allocate(allocator, 150, &third));
    CHECK_OK(memcore_allocator_free(allocator, second.id, NULL));
    return allocator;
}

typedef struct {
    memcore_allocator *allocator;
    memcore_region regions[8];
    int count;
    int most;
} walk;

static int32_t note(const memcore_region *region, void *user) {
    walk *noted = (walk *)user;
    memcore_stats stats;
    memcore_block block;
    /* A visitor reads as it likes and changes nothing. */
    CHECK_OK(memcore_allocator_stats(noted->allocator, &stats));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_allocate(noted->allocator, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_allocator_destroy(noted->allocator));
    noted->regions[noted->count] = *region;
    noted->count += 1;
    return noted->count == noted->most;
}

static int32_t nested(const memcore_region *region, void *user) {
    walk *noted = (walk *)user, inner;
    (void)region;
    memset(&inner, 0, sizeof inner);
    inner.allocator = noted->allocator;
    CHECK_OK(memcore_allocator_visit(noted->allocator, note, &inner));
    noted->count += inner.count;
    return 0;
}

static void test_visitor(void) {
    walk noted;
    memset(&noted, 0, sizeof noted);
    noted.allocator = fragmented("first-fit");
    CHECK_OK(memcore_allocator_visit(noted.allocator, note, &noted));
    CHECK(noted.count == 4);
    CHECK(noted.regions[0].kind == MEMCORE_REGION_KIND_USED && noted.regions[0].block.requested == 100);
    CHECK(noted.regions[1].kind == MEMCORE_REGION_KIND_HOLE && noted.regions[1].block.id == 0);
    CHECK(noted.regions[1].start == 100 && noted.regions[1].size == 200);
    CHECK(noted.regions[2].start == 300 && noted.regions[3].start == 450 && noted.regions[3].size == 574);
    noted.count = 0;
    noted.most = 2;
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_allocator_visit(noted.allocator, note, &noted));
    CHECK(noted.count == 2);
    noted.count = 0;
    CHECK_OK(memcore_allocator_visit(noted.allocator, nested, &noted));
    CHECK(noted.count == 16);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_visit(noted.allocator, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_visit(NULL, note, &noted));
    CHECK_OK(memcore_allocator_destroy(noted.allocator));
}

static void test_dead_regions(void) {
    walk noted;
    memset(&noted, 0, sizeof noted);
    noted.allocator = fragmented("bump");
    CHECK_OK(memcore_allocator_visit(noted.allocator, note, &noted));
    CHECK(noted.count == 4 && noted.regions[1].kind == MEMCORE_REGION_KIND_DEAD);
    CHECK_OK(memcore_allocator_destroy(noted.allocator));
}

static void test_cursor(void) {
    memcore_allocator *allocator = fragmented("best-fit"), *other = fragmented("best-fit");
    memcore_cursor cursor, never;
    memcore_region region;
    bool found = true;
    uint64_t end = 0;
    int count = 0;
    CHECK_OK(memcore_allocator_cursor(allocator, &cursor));
    while (memcore_allocator_next(allocator, &cursor, &region, &found) == MEMCORE_STATUS_OK && found) {
        CHECK(region.start == end);
        end += region.size;
        count += 1;
    }
    CHECK(!found && end == 1024 && count == 4);

    CHECK_OK(memcore_allocator_cursor(allocator, &cursor));
    CHECK_OK(memcore_allocator_next(allocator, &cursor, &region, &found));
    CHECK_STATUS(MEMCORE_STATUS_OUTDATED_CURSOR, memcore_allocator_next(other, &cursor, &region, &found));
    CHECK_OK(memcore_allocator_free(allocator, region.block.id, NULL));
    CHECK_STATUS(MEMCORE_STATUS_OUTDATED_CURSOR, memcore_allocator_next(allocator, &cursor, &region, &found));
    memset(&never, 0, sizeof never);
    CHECK_STATUS(MEMCORE_STATUS_OUTDATED_CURSOR, memcore_allocator_next(allocator, &never, &region, &found));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_next(allocator, NULL, &region, &found));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_next(allocator, &cursor, NULL, &found));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_next(allocator, &cursor, &region, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_next(NULL, &cursor, &region, &found));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_cursor(NULL, &cursor));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_cursor(allocator, NULL));
    CHECK_OK(memcore_allocator_destroy(allocator));
    CHECK_OK(memcore_allocator_destroy(other));
}

int main(void) {
    test_visitor();
    test_dead_regions();
    test_cursor();
    return checked();
}
