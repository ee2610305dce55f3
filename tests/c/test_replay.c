/**
 * \file test_replay.c
 * Replays of a recorded file and of generated work, through strategies and through an allocator of one's own.
 */

#include <memcore.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

static memcore_trace *open_file(const char *path) {
    memcore_trace *trace = NULL;
    CHECK_OK(memcore_trace_open(path, NULL, NULL, NULL, &trace));
    return trace;
}

static int32_t stop(uint64_t done, uint64_t total, void *user) {
    (void)done;
    (void)total;
    *(int *)user += 1;
    return -1;
}

static void test_strategies(void) {
    memcore_trace *trace = open_file("memcore/tests/data/zstd_T2.matr.zst");
    memcore_replay_options options = memcore_replay_options_default();
    memcore_trace_summary_figures summary;
    uint64_t best = UINT64_MAX, worst = 0;
    CHECK(options.capacity == 0 && options.align == 16 && options.granularity == 16 && options.series_points == 512);
    CHECK_OK(memcore_trace_summary(trace, &summary));
    for (size_t i = 0; i < memcore_strategy_count(); i += 1) {
        memcore_text name;
        char strategy[64], told[64];
        size_t length = 0, count = 0;
        memcore_replay_result *result = NULL;
        memcore_replay_figures figures;
        const memcore_replay_point *points = NULL;
        CHECK_OK(memcore_strategy_name(i, &name));
        snprintf(strategy, sizeof strategy, "%.*s", (int)name.length, name.data);
        CHECK_OK(memcore_replay(trace, strategy, &options, NULL, NULL, &result));
        CHECK_OK(memcore_replay_result_figures(result, &figures));
        CHECK_OK(memcore_replay_result_series(result, &points, &count));
        CHECK_OK(memcore_replay_result_name(result, told, sizeof told, &length));
        CHECK(strncmp(told, strategy, strlen(strategy)) == 0);
        CHECK(figures.peak_live <= figures.peak_used && figures.peak_used <= figures.footprint);
        CHECK(count > 0 && count <= 512);
        CHECK(points[count - 1].operations == figures.operations);
        CHECK(points[count - 1].footprint == figures.footprint);
        CHECK(figures.has_metadata_bytes && !figures.has_timing && !figures.has_latency);
        CHECK(!figures.has_sufficient_capacity);
        if (figures.failures == 0) {
            CHECK(figures.peak_live == summary.peak_live_bytes);
            best = figures.footprint < best ? figures.footprint : best;
            worst = figures.footprint > worst ? figures.footprint : worst;
        }
        memcore_replay_result_destroy(result);
    }
    CHECK(best < worst);
    memcore_trace_destroy(trace);
    memcore_replay_result_destroy(NULL);
}

static void test_all_passes(void) {
    memcore_trace *trace = open_file("memcore/tests/data/small.rep");
    memcore_replay_options options = memcore_replay_options_default();
    memcore_replay_result *result = NULL;
    memcore_replay_figures figures;
    options.fit = 1;
    options.timing = 1;
    options.latency = 1;
    options.header = 16;
    CHECK_OK(memcore_replay(trace, "first-fit", &options, NULL, NULL, &result));
    CHECK_OK(memcore_replay_result_figures(result, &figures));
    CHECK(figures.has_timing && figures.has_latency && figures.has_sufficient_capacity && figures.header == 16);
    CHECK(figures.sufficient_capacity >= figures.peak_used && figures.sufficient_capacity <= figures.footprint);
    CHECK(figures.latency_p50 <= figures.latency_p99 && figures.latency_p99 <= figures.latency_p999);
    CHECK(figures.latency_p999 <= figures.latency_max);
    memcore_replay_result_destroy(result);

    options = memcore_replay_options_default();
    options.capacity = figures.sufficient_capacity;
    options.header = 16;
    CHECK_OK(memcore_replay(trace, "first-fit", &options, NULL, NULL, &result));
    CHECK_OK(memcore_replay_result_figures(result, &figures));
    CHECK(figures.failures == 0);
    memcore_replay_result_destroy(result);
    memcore_trace_destroy(trace);
}

static void test_bad_input(void) {
    memcore_trace *trace = open_file("memcore/tests/data/small.rep");
    memcore_replay_options options = memcore_replay_options_default();
    memcore_replay_result *result = NULL;
    memcore_replay_figures figures;
    const memcore_replay_point *points;
    memcore_error_details details;
    char name[8];
    size_t length;
    int calls = 0;
    options.align = 24;
    CHECK_STATUS(MEMCORE_STATUS_REPLAY_BAD_OPTION, memcore_replay(trace, "buddy", &options, NULL, NULL, &result));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == 24);
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_replay(trace, "buddy", NULL, stop, &calls, &result));
    CHECK(calls == 1);
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_replay(trace, "body", NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay(NULL, "buddy", NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay(trace, NULL, NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay(trace, "buddy", NULL, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER,
                 memcore_replay(trace, "tlsf:subdivisions=3", NULL, NULL, NULL, &result));
    CHECK(result == NULL);
    CHECK_OK(memcore_replay(trace, "buddy", NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_result_figures(NULL, &figures));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_result_figures(result, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_result_series(result, NULL, &length));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_result_series(result, &points, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_result_series(NULL, &points, &length));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_result_name(result, NULL, 8, &length));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_result_name(NULL, name, 8, &length));
    memcore_replay_result_destroy(result);
    memcore_trace_destroy(trace);
}

/* --- An allocator of one's own: it never reuses anything. ----------------------------------------------------- */

typedef struct {
    uint64_t next, capacity;
    int *living;
    int32_t answer;
} counter;

typedef struct {
    int living;
    int32_t answer;
    bool fails_to_begin;
    bool overlaps;
} plan;

static void *make(uint64_t capacity, void *user) {
    plan *wanted = (plan *)user;
    if (wanted->fails_to_begin) {
        return NULL;
    }
    counter *made = (counter *)malloc(sizeof *made);
    made->next = 0;
    made->capacity = capacity;
    made->living = &wanted->living;
    made->answer = wanted->overlaps ? 100 : wanted->answer;
    wanted->living += 1;
    return made;
}

static void destroy(void *made) {
    *((counter *)made)->living -= 1;
    free(made);
}

static int32_t allocate(void *made, uint64_t size, uint64_t alignment, uint64_t *start) {
    counter *own = (counter *)made;
    const uint64_t at = (own->next + alignment - 1) / alignment * alignment;
    if (own->answer < 0) {
        return own->answer;
    }
    if (size > own->capacity - at) {
        return 1;
    }
    *start = own->answer == 100 ? 0 : at;
    own->next = at + size;
    return 0;
}

static int32_t release(void *made, uint64_t start) {
    (void)made;
    (void)start;
    return 0;
}

static uint64_t tables(void *made) {
    (void)made;
    return sizeof(counter);
}

static void test_an_allocator_of_ones_own(void) {
    memcore_trace *trace = open_file("memcore/tests/data/small.rep");
    memcore_replay_options options = memcore_replay_options_default();
    memcore_replay_result *own = NULL, *bump = NULL;
    memcore_replay_figures figures, expected;
    plan wanted;
    memcore_plain_allocator calls;
    char name[16];
    size_t length;
    memset(&wanted, 0, sizeof wanted);
    memset(&calls, 0, sizeof calls);
    calls.make = make;
    calls.destroy = destroy;
    calls.allocate = allocate;
    calls.free = release;
    calls.metadata_bytes = tables;
    calls.user = &wanted;
    options.timing = 1;
    CHECK_OK(memcore_replay_plain(trace, "counter", &calls, &options, NULL, NULL, &own));
    CHECK(wanted.living == 0);
    CHECK_OK(memcore_replay_result_figures(own, &figures));
    CHECK_OK(memcore_replay_result_name(own, name, sizeof name, &length));
    CHECK(strcmp(name, "counter") == 0 && figures.metadata_bytes == sizeof(counter) && figures.has_timing);
    CHECK(figures.failures == 0 && figures.refused_frees == 0);
    CHECK_OK(memcore_replay(trace, "first-fit", NULL, NULL, NULL, &bump));
    CHECK_OK(memcore_replay_result_figures(bump, &expected));
    CHECK(figures.peak_live == expected.peak_live && figures.footprint >= expected.footprint);
    memcore_replay_result_destroy(own);
    memcore_replay_result_destroy(bump);
    own = NULL;

    wanted.answer = -5;
    CHECK_STATUS(MEMCORE_STATUS_REPLAY_TARGET,
                 memcore_replay_plain(trace, "counter", &calls, NULL, NULL, NULL, &own));
    wanted.answer = 0;
    wanted.overlaps = true;
    CHECK_STATUS(MEMCORE_STATUS_REPLAY_TARGET,
                 memcore_replay_plain(trace, "counter", &calls, NULL, NULL, NULL, &own));
    char message[200];
    CHECK(memcore_last_error_message(message, sizeof message) > 0 && strstr(message, "overlaps") != NULL);
    wanted.fails_to_begin = true;
    CHECK_STATUS(MEMCORE_STATUS_REPLAY_MAKE, memcore_replay_plain(trace, "counter", &calls, NULL, NULL, NULL, &own));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_plain(trace, "counter", NULL, NULL, NULL, NULL, &own));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_plain(NULL, "c", &calls, NULL, NULL, NULL, &own));
    calls.free = NULL;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_replay_plain(trace, "c", &calls, NULL, NULL, NULL, &own));
    CHECK(own == NULL && wanted.living == 0);
    memcore_trace_destroy(trace);
}

int main(void) {
    test_strategies();
    test_all_passes();
    test_bad_input();
    test_an_allocator_of_ones_own();
    return checked();
}
