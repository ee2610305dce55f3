/**
 * \file pairs.c
 * What a free and an allocation cost through the C library, with a given number of blocks live.
 *
 * pairs STRATEGY LIVE PAIRS: fills a space until LIVE blocks are live. Then, for each line on the standard input, it
 * frees a random block and allocates another in its place, PAIRS times, and prints the nanoseconds of one such pair:
 * so the caller can let several programs take turns. Sizes and choices come from one seed and are those of
 * bench/rust/pace.rs. The space is twice what the blocks take on average.
 */

#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include <memcore.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SMALLEST = 16, SIZES = 1008 };

static uint64_t state = 0x9e3779b97f4a7c15;

/* xorshift64*: a draw costs about a nanosecond, which the figure contains. */
static uint64_t draw(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1d;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int fail(int32_t status) {
    char message[256];
    memcore_last_error_message(message, sizeof message);
    fprintf(stderr, "%s: %s\n", memcore_status_message(status), message);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fputs("pairs STRATEGY LIVE PAIRS\n", stderr);
        return 2;
    }
    const size_t live = strtoull(arguments[2], NULL, 10);
    const uint64_t pairs = strtoull(arguments[3], NULL, 10);
    const memcore_options options = memcore_options_for(2 * (SMALLEST + SIZES / 2) * (uint64_t)live + 4096);
    memcore_allocator *allocator = NULL;
    uint64_t *ids = calloc(live, sizeof *ids);
    memcore_block block;
    int32_t status = memcore_allocator_create(arguments[1], &options, &allocator);
    for (size_t i = 0; i < live && status == MEMCORE_STATUS_OK; i += 1) {
        status = memcore_allocator_allocate(allocator, SMALLEST + draw() % SIZES, &block);
        ids[i] = block.id;
    }
    char line[16];
    while (status == MEMCORE_STATUS_OK && fgets(line, sizeof line, stdin) != NULL) {
        const uint64_t begin = now();
        for (uint64_t i = 0; i < pairs && status == MEMCORE_STATUS_OK; i += 1) {
            const uint64_t random = draw();
            uint64_t *id = &ids[(random >> 32) % live];
            status = memcore_allocator_free(allocator, *id, NULL);
            if (status == MEMCORE_STATUS_OK) {
                status = memcore_allocator_allocate(allocator, SMALLEST + (random & UINT32_MAX) % SIZES, &block);
                *id = block.id;
            }
        }
        printf("%.3f\n", (double)(now() - begin) / (double)pairs);
        fflush(stdout);
    }
    const int failed = status == MEMCORE_STATUS_OK ? 0 : fail(status);
    memcore_allocator_destroy(allocator);
    free(ids);
    return failed;
}
