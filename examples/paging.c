/* Page replacement from a string to a cache that decides by the winner: the same in every language. */

#include <memcore.h>

#include <inttypes.h>
#include <stdio.h>

static const uint64_t string[] = {7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1};
static const char *const policies[] = {"fifo", "clock:bit=clear", "opt"};

static int compare(const memcore_page_trace *trace) {
    memcore_curve *curve;
    const uint32_t *frames;
    const uint64_t *misses;
    size_t points;
    for (int i = 0; i < 3; i += 1) {
        for (uint32_t size = 3; size <= 4; size += 1) {
            memcore_paging_result row;
            if (memcore_paging_simulate(trace, policies[i], size, NULL, NULL, NULL, &row) != MEMCORE_STATUS_OK) {
                return 1;
            }
            printf("%s misses %" PRIu64 " times in %" PRIu32 " frames\n", policies[i], row.misses, row.frames);
        }
    }
    if (memcore_miss_ratio_curve(trace, "lru", NULL, NULL, NULL, &curve) != MEMCORE_STATUS_OK) {
        return 1;
    }
    memcore_curve_points(curve, &frames, &misses, &points);
    printf("lru, from 1 frame on:");
    for (size_t i = 0; i < points; i += 1) {
        printf(" %" PRIu64, misses[i]);
    }
    printf("\n");
    memcore_curve_destroy(curve);
    return 0;
}

static int cache_keys(memcore_cache *cache) {
    static const uint64_t keys[] = {11, 12, 11, 13, 11};
    for (int i = 0; i < 5; i += 1) {
        memcore_cache_outcome outcome;
        const uint64_t *evicted;
        size_t count;
        if (memcore_cache_access(cache, keys[i], false, &outcome) != MEMCORE_STATUS_OK) {
            return 1;
        }
        memcore_cache_evicted(cache, &evicted, &count);
        printf("%" PRIu64 " %s", keys[i], outcome.hit ? "is there" : "comes in");
        for (size_t k = 0; k < count; k += 1) {
            printf(" and %" PRIu64 " leaves", evicted[k]);
        }
        printf("\n");
    }
    return 0;
}

int main(void) {
    memcore_page_trace *trace;
    memcore_cache *cache;
    int failed;

    if (memcore_page_trace_from_keys(sizeof string / sizeof string[0], string, NULL, &trace) != MEMCORE_STATUS_OK) {
        return 1;
    }
    failed = compare(trace);
    memcore_page_trace_destroy(trace);
    if (failed || memcore_cache_create("clock:bit=clear", 2, &cache) != MEMCORE_STATUS_OK) {
        return 1;
    }
    failed = cache_keys(cache);
    memcore_cache_destroy(cache);
    return failed;
}
