/* Belady's string of page references through four policies, and LRU's misses at every number of frames. */

#include <memcore.h>

#include <inttypes.h>
#include <stdio.h>

static const uint64_t pages[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
static const char *const policies[] = {"fifo", "clock:bit=clear", "lru", "opt"};

static int report(const memcore_page_trace *trace) {
    memcore_curve *curve;
    const uint32_t *frames;
    const uint64_t *misses;
    size_t count;
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i += 1) {
        memcore_paging_result three, four;
        if (memcore_paging_simulate(trace, policies[i], 3, NULL, NULL, NULL, &three) != MEMCORE_STATUS_OK ||
            memcore_paging_simulate(trace, policies[i], 4, NULL, NULL, NULL, &four) != MEMCORE_STATUS_OK) {
            return 1;
        }
        printf("%-15s  %2" PRIu64 " misses in 3 frames, %2" PRIu64 " in 4\n", policies[i], three.misses, four.misses);
    }
    if (memcore_miss_ratio_curve(trace, "lru", NULL, NULL, NULL, &curve) != MEMCORE_STATUS_OK) {
        return 1;
    }
    memcore_curve_points(curve, &frames, &misses, &count);
    printf("lru:");
    for (size_t i = 0; i < count; i += 1) {
        printf(" %" PRIu64, misses[i]);
    }
    printf("\n");
    memcore_curve_destroy(curve);
    return 0;
}

int main(void) {
    memcore_page_trace *trace;
    char message[200];
    if (memcore_page_trace_from_keys(sizeof pages / sizeof pages[0], pages, NULL, &trace) != MEMCORE_STATUS_OK) {
        return 1;
    }
    const int failed = report(trace);
    if (failed) {
        memcore_last_error_message(message, sizeof message);
        fprintf(stderr, "%s\n", message);
    }
    memcore_page_trace_destroy(trace);
    return failed;
}
