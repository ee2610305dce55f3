/* A cache of files, which says which of them to close. */

#include <memcore.h>

#include <inttypes.h>
#include <stdio.h>

int main(void) {
    static const uint64_t files[] = {11, 12, 13, 11, 14, 11, 12};
    memcore_cache *cache;
    memcore_cache_counts counts;
    if (memcore_cache_create("sieve", 3, &cache) != MEMCORE_STATUS_OK) {
        return 1;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i += 1) {
        memcore_cache_outcome outcome;
        const uint64_t *evicted;
        size_t count;
        if (memcore_cache_access(cache, files[i], false, &outcome) != MEMCORE_STATUS_OK ||
            memcore_cache_evicted(cache, &evicted, &count) != MEMCORE_STATUS_OK) {
            memcore_cache_destroy(cache);
            return 1;
        }
        printf("%" PRIu64 " %s", files[i], outcome.hit ? "is open" : "is opened");
        for (size_t k = 0; k < count; k += 1) {
            printf(", %" PRIu64 " is closed", evicted[k]);
        }
        printf("\n");
    }
    memcore_cache_stats(cache, &counts);
    printf("%" PRIu64 " of %" PRIu64 " were open\n", counts.hits, counts.accesses);
    memcore_cache_destroy(cache);
    return 0;
}
