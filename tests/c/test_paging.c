/**
 * \file test_paging.c
 * Page traces through replacement policies: simulations, sweeps, curves, a policy of one's own, and how a program goes
 * about its pages. Expected values are by hand, or those of the field's textbooks.
 */

#include <memcore.h>

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Belady's string: FIFO misses more in 4 frames than in 3. */
static const uint64_t belady[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};

static memcore_page_trace *trace_of(const uint64_t *keys, const uint8_t *kinds, size_t length) {
    memcore_page_trace *trace = NULL;
    CHECK_OK(memcore_page_trace_from_keys(length, keys, kinds, &trace));
    return trace;
}

static int32_t stop(uint64_t done, uint64_t total, void *user) {
    (void)done;
    (void)total;
    *(int *)user += 1;
    return -1;
}

static int32_t go_on(uint64_t done, uint64_t total, void *user) {
    CHECK(done <= total);
    *(int *)user += 1;
    return 0;
}

static void test_simulations(void) {
    static const struct {
        const char *policy;
        uint64_t misses[3]; /* in 3, 4 and 5 frames */
    } expected[] = {
        {"fifo", {9, 10, 5}},
        {"lru", {10, 8, 5}},
        {"opt", {7, 6, 5}},
        {"clock:bit=set", {9, 10, 5}},
        {"clock:bit=clear", {10, 8, 5}},
        {"sieve", {10, 8, 5}},
    };
    memcore_page_trace *trace = trace_of(belady, NULL, 12);
    memcore_paging_options options = memcore_paging_options_default();
    int calls = 0;
    CHECK(options.writebacks == 1 && options.threads == 0);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i += 1) {
        for (uint32_t frames = 3; frames <= 5; frames += 1) {
            memcore_paging_result result;
            CHECK_OK(memcore_paging_simulate(trace, expected[i].policy, frames, &options, go_on, &calls, &result));
            CHECK(result.misses == expected[i].misses[frames - 3] && result.hits == 12 - result.misses);
            CHECK(result.accesses == 12 && result.evictions == result.misses - frames);
            CHECK(result.has_frames && result.frames == frames && result.has_evictions);
            CHECK(result.has_writebacks && result.writebacks == 0 && result.dirty_at_end == 0);
            CHECK(!result.has_resident_set && result.miss_ratio == (double)result.misses / 12);
        }
    }
    CHECK(calls > 0);
    memcore_page_trace_destroy(trace);
}

static void test_writes(void) {
    static const uint64_t keys[] = {1, 2, 3, 1};
    static const uint8_t kinds[] = {MEMCORE_ACCESS_KIND_WRITE, MEMCORE_ACCESS_KIND_READ, MEMCORE_ACCESS_KIND_READ,
                                    MEMCORE_ACCESS_KIND_WRITE};
    memcore_page_trace *trace = trace_of(keys, kinds, 4);
    memcore_paging_options options = memcore_paging_options_default();
    memcore_paging_result result;
    CHECK_OK(memcore_paging_simulate(trace, "lru", 2, NULL, NULL, NULL, &result));
    CHECK(result.misses == 4 && result.evictions == 2 && result.writebacks == 1 && result.dirty_at_end == 1);
    options.writebacks = 0;
    CHECK_OK(memcore_paging_simulate(trace, "lru", 2, &options, NULL, NULL, &result));
    CHECK(result.misses == 4 && !result.has_writebacks && result.writebacks == 0 && result.dirty_at_end == 0);
    memcore_page_trace_destroy(trace);
}

static void test_working_sets(void) {
    memcore_page_trace *trace = trace_of(belady, NULL, 12);
    memcore_paging_result result;
    memcore_curve *curve = NULL;
    for (size_t i = 0; i < memcore_policy_count(); i += 1) {
        memcore_text name;
        memcore_policy_kind kind;
        char policy[64];
        CHECK_OK(memcore_policy_name(i, &name));
        snprintf(policy, sizeof policy, "%.*s", (int)name.length, name.data);
        CHECK_OK(memcore_policy_facts(policy, &kind));
        CHECK_OK(memcore_paging_simulate(trace, policy, 3, NULL, NULL, NULL, &result));
        CHECK(result.misses >= 5 && result.misses <= 12);
        CHECK(result.has_resident_set == kind.varies_allocation && result.has_frames != kind.varies_allocation);
        if (kind.varies_allocation) {
            CHECK(result.mean_resident > 0 && result.peak_resident <= 5);
            CHECK(result.peak_resident >= result.mean_resident);
            CHECK_STATUS(MEMCORE_STATUS_POLICY_VARIES_ALLOCATION,
                         memcore_miss_ratio_curve(trace, policy, NULL, NULL, NULL, &curve));
        }
    }
    CHECK(curve == NULL);
    memcore_page_trace_destroy(trace);
}

static void test_sweeps(void) {
    static const char *const policies[] = {"lru", "opt", "fifo"};
    static const uint32_t frames[] = {4, 3};
    static const uint64_t misses[] = {8, 10, 6, 7, 10, 9};
    static const char file[] = "1\n2\n3\n4\n1\n2\n5\n1\n2\n3\n4\n5\n";
    memcore_page_trace *trace = trace_of(belady, NULL, 12);
    memcore_paging_options options = memcore_paging_options_default();
    memcore_paging_result result;
    memcore_sweep *sweep = NULL;
    char policy[16];
    size_t length = 0;
    int calls = 0;
    for (options.threads = 0; options.threads <= 3; options.threads += 1) {
        CHECK_OK(memcore_paging_sweep(trace, policies, 3, frames, 2, &options, NULL, NULL, &sweep));
        CHECK_OK(memcore_sweep_length(sweep, &length));
        CHECK(length == 6);
        for (size_t i = 0; i < length; i += 1) {
            CHECK_OK(memcore_sweep_row(sweep, i, &result));
            CHECK(result.misses == misses[i] && result.frames == frames[i % 2]);
            CHECK_OK(memcore_sweep_policy(sweep, i, policy, sizeof policy, &length));
            CHECK(strcmp(policy, policies[i / 2]) == 0);
            CHECK_OK(memcore_sweep_length(sweep, &length));
        }
        CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_sweep_row(sweep, 6, &result));
        CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_sweep_policy(sweep, 6, policy, sizeof policy, &length));
        CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_sweep_policy(sweep, 0, NULL, 1, &length));
        CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_sweep_row(sweep, 0, NULL));
        CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_sweep_length(NULL, &length));
        memcore_sweep_destroy(sweep);
    }
    CHECK_OK(memcore_paging_sweep(trace, NULL, 0, frames, 2, NULL, NULL, NULL, &sweep));
    CHECK_OK(memcore_sweep_length(sweep, &length));
    CHECK(length == 0);
    memcore_sweep_destroy(sweep);
    memcore_sweep_destroy(NULL);
    sweep = NULL;

    static const uint32_t wrong[] = {3, 0};
    static const char *const unknown[] = {"lru", "lur"}, *const missing[] = {"lru", NULL};
    CHECK_STATUS(MEMCORE_STATUS_POLICY_FRAMES,
                 memcore_paging_sweep(trace, policies, 3, wrong, 2, NULL, NULL, NULL, &sweep));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME,
                 memcore_paging_sweep(trace, unknown, 2, frames, 2, NULL, NULL, NULL, &sweep));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT,
                 memcore_paging_sweep(trace, missing, 2, frames, 2, NULL, NULL, NULL, &sweep));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT,
                 memcore_paging_sweep(trace, NULL, 2, frames, 2, NULL, NULL, NULL, &sweep));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT,
                 memcore_paging_sweep(NULL, policies, 3, frames, 2, NULL, NULL, NULL, &sweep));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_paging_sweep(trace, policies, SIZE_MAX, frames, 2, NULL, NULL, NULL, &sweep));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED,
                 memcore_paging_sweep(trace, policies, 3, frames, 2, NULL, stop, &calls, &sweep));
    CHECK(calls > 0 && sweep == NULL);
    memcore_page_trace_destroy(trace);

    char path[64];
    /* tmpnam and its kin are no C11 everywhere; the address of a local makes the name our own. */
    snprintf(path, sizeof path, "/tmp/memcore-test-%x.txt", (unsigned)(uintptr_t)&result);
    FILE *made = fopen(path, "wb");
    CHECK(made != NULL);
    if (made != NULL) {
        fputs(file, made);
        fclose(made);
        CHECK_OK(memcore_paging_sweep_file(path, 0, NULL, policies + 2, 1, frames, 2, NULL, NULL, NULL, &sweep));
        CHECK_OK(memcore_sweep_row(sweep, 1, &result));
        CHECK(result.misses == 9 && result.accesses == 12);
        memcore_sweep_destroy(sweep);
        sweep = NULL;
        CHECK_STATUS(MEMCORE_STATUS_POLICY_NEEDS_FUTURE,
                     memcore_paging_sweep_file(path, 0, NULL, policies, 3, frames, 2, NULL, NULL, NULL, &sweep));
        CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_paging_sweep_file("no/such/file", 0, NULL, policies, 1, frames, 2,
                                                                        NULL, NULL, NULL, &sweep));
        CHECK_STATUS(MEMCORE_STATUS_CANCELLED,
                     memcore_paging_sweep_file(path, 0, NULL, policies, 1, frames, 2, NULL, stop, &calls, &sweep));
        CHECK_STATUS(MEMCORE_STATUS_TRACE_PAGE_SIZE,
                     memcore_paging_sweep_file(path, 3, NULL, policies, 1, frames, 2, NULL, NULL, NULL, &sweep));
        CHECK(sweep == NULL && remove(path) == 0);
    }
}

static void test_curves(void) {
    static const uint64_t lru[] = {12, 12, 10, 8, 5}, opt[] = {12, 9, 7, 6, 5}, fifo[] = {12, 12, 9, 10, 5};
    static const struct {
        const char *policy;
        const uint64_t *misses;
    } expected[] = {{"lru", lru}, {"opt", opt}, {"fifo", fifo}};
    static const uint32_t some[] = {2, 4, 9};
    memcore_page_trace *trace = trace_of(belady, NULL, 12);
    memcore_curve_options options = memcore_curve_options_default();
    memcore_curve *curve = NULL, *other = NULL;
    const uint32_t *frames = NULL;
    const uint64_t *misses = NULL;
    uint64_t number = 0;
    size_t count = 0;
    double error = 1;
    CHECK(options.frames == NULL && options.seed == 1 && options.sampling_rate == 0 && options.sampling_pages == 0);
    for (size_t i = 0; i < 3; i += 1) {
        CHECK_OK(memcore_miss_ratio_curve(trace, expected[i].policy, NULL, NULL, NULL, &curve));
        CHECK_OK(memcore_curve_points(curve, &frames, &misses, &count));
        CHECK(count == 5 && frames[0] == 1 && frames[4] == 5);
        CHECK(memcmp(misses, expected[i].misses, sizeof lru) == 0);
        CHECK_OK(memcore_curve_accesses(curve, &number));
        CHECK(number == 12);
        CHECK_OK(memcore_curve_misses_at(curve, 0, &number));
        CHECK(number == 12);
        CHECK_OK(memcore_curve_misses_at(curve, UINT32_MAX, &number));
        CHECK(number == 5);
        memcore_curve_destroy(curve);
    }
    options.frames = some;
    options.frame_count = 3;
    CHECK_OK(memcore_miss_ratio_curve(trace, "fifo", &options, NULL, NULL, &curve));
    CHECK_OK(memcore_curve_points(curve, &frames, &misses, &count));
    CHECK(count == 3 && memcmp(frames, some, sizeof some) == 0);
    CHECK(misses[0] == 12 && misses[1] == 10 && misses[2] == 5);
    CHECK_OK(memcore_miss_ratio_curve(trace, "lru", NULL, NULL, NULL, &other));
    CHECK_OK(memcore_curve_mean_absolute_error(other, other, &error));
    CHECK(error == 0);
    CHECK_OK(memcore_curve_mean_absolute_error(other, curve, &error)); /* 12, 8, 5 against 12, 10, 5 */
    CHECK(fabs(error - 2.0 / 12 / 3) < 1e-12);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_curve_mean_absolute_error(other, NULL, &error));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_curve_mean_absolute_error(NULL, other, &error));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_curve_points(curve, NULL, &misses, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_curve_points(curve, &frames, NULL, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_curve_points(NULL, &frames, &misses, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_curve_misses_at(NULL, 1, &number));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_curve_accesses(curve, NULL));
    memcore_curve_destroy(curve);
    memcore_curve_destroy(other);
    memcore_curve_destroy(NULL);
    memcore_page_trace_destroy(trace);
}

static void test_sampled_curves(void) {
    memcore_page_trace *trace = NULL;
    memcore_curve_options options = memcore_curve_options_default();
    memcore_curve *exact = NULL, *sampled = NULL;
    double error = 1;
    int calls = 0;
    CHECK_OK(memcore_page_trace_generate("uniform:pages=4000,references=100000,seed=3", NULL, NULL, &trace));
    CHECK_OK(memcore_miss_ratio_curve(trace, "lru", NULL, NULL, NULL, &exact));
    options.sampling_rate = 0.25;
    CHECK_OK(memcore_miss_ratio_curve(trace, "lru", &options, go_on, &calls, &sampled));
    CHECK(calls > 0);
    CHECK_OK(memcore_curve_mean_absolute_error(sampled, exact, &error));
    CHECK(error > 0 && error < 0.05);
    memcore_curve_destroy(sampled);
    options.sampling_rate = 0;
    options.sampling_pages = 1000;
    CHECK_OK(memcore_miss_ratio_curve(trace, "lru", &options, NULL, NULL, &sampled));
    CHECK_OK(memcore_curve_mean_absolute_error(sampled, exact, &error));
    CHECK(error > 0 && error < 0.05);
    memcore_curve_destroy(sampled);
    memcore_curve_destroy(exact);
    memcore_page_trace_destroy(trace);
}

static void test_bad_curves(void) {
    static const uint32_t falling[] = {1, 5, 4}, none[] = {0, 1};
    memcore_page_trace *trace = trace_of(belady, NULL, 12);
    memcore_curve_options options = memcore_curve_options_default();
    memcore_curve *curve = NULL;
    memcore_error_details details;
    int calls = 0;
    options.frame_count = 1;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_miss_ratio_curve(trace, "lru", &options, NULL, NULL, &curve));
    options.frames = falling;
    options.frame_count = 3;
    CHECK_STATUS(MEMCORE_STATUS_REPLAY_BAD_OPTION,
                 memcore_miss_ratio_curve(trace, "lru", &options, NULL, NULL, &curve));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == 4);
    options.frames = none;
    options.frame_count = 2;
    CHECK_STATUS(MEMCORE_STATUS_POLICY_FRAMES, memcore_miss_ratio_curve(trace, "fifo", &options, NULL, NULL, &curve));
    options.frame_count = SIZE_MAX;
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_miss_ratio_curve(trace, "lru", &options, NULL, NULL, &curve));
    options = memcore_curve_options_default();
    options.sampling_rate = 1.5;
    CHECK_STATUS(MEMCORE_STATUS_POLICY_RATE, memcore_miss_ratio_curve(trace, "lru", &options, NULL, NULL, &curve));
    options.sampling_rate = NAN;
    CHECK_STATUS(MEMCORE_STATUS_POLICY_RATE, memcore_miss_ratio_curve(trace, "lru", &options, NULL, NULL, &curve));
    options.sampling_rate = -0.5;
    CHECK_STATUS(MEMCORE_STATUS_POLICY_RATE, memcore_miss_ratio_curve(trace, "lru", &options, NULL, NULL, &curve));
    options.sampling_rate = 0.5;
    CHECK_STATUS(MEMCORE_STATUS_POLICY_NOT_SAMPLED,
                 memcore_miss_ratio_curve(trace, "fifo", &options, NULL, NULL, &curve));
    options.sampling_pages = 3;
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_miss_ratio_curve(trace, "lru", &options, NULL, NULL, &curve));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_miss_ratio_curve(trace, "lru", NULL, stop, &calls, &curve));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_miss_ratio_curve(trace, "opt", NULL, stop, &calls, &curve));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_miss_ratio_curve(trace, "fifo", NULL, stop, &calls, &curve));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_miss_ratio_curve(NULL, "lru", NULL, NULL, NULL, &curve));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_miss_ratio_curve(trace, NULL, NULL, NULL, NULL, &curve));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_miss_ratio_curve(trace, "lru", NULL, NULL, NULL, NULL));
    CHECK(curve == NULL);

    memcore_paging_result result;
    memset(&result, 0, sizeof result);
    CHECK_STATUS(MEMCORE_STATUS_POLICY_FRAMES, memcore_paging_simulate(trace, "lru", 0, NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_POLICY_FRAMES,
                 memcore_paging_simulate(trace, "opt", UINT32_MAX, NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_paging_simulate(trace, "lur", 3, NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_paging_simulate(trace, "lru", 3, NULL, stop, &calls, &result));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_paging_simulate(trace, "opt", 3, NULL, stop, &calls, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_paging_simulate(NULL, "lru", 3, NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_paging_simulate(trace, NULL, 3, NULL, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_paging_simulate(trace, "lru", 3, NULL, NULL, NULL, NULL));
    CHECK(result.accesses == 0);
    memcore_page_trace_destroy(trace);
}

/* --- A policy of one's own: one frame. ------------------------------------------------------------------------ */

typedef struct {
    uint64_t page, evictions, seen;
    bool is_full;
    int32_t writes;
    int64_t breaks_at;
} single;

static int32_t access_single(void *policy, uint64_t page, int32_t kind) {
    single *own = (single *)policy;
    const bool hit = own->is_full && own->page == page;
    if ((int64_t)own->seen == own->breaks_at) {
        return -7;
    }
    own->seen += 1;
    own->writes += kind == MEMCORE_ACCESS_KIND_WRITE;
    own->evictions += own->is_full && !hit;
    own->page = page;
    own->is_full = true;
    return hit;
}

static uint64_t evictions_of_single(void *policy) { return ((single *)policy)->evictions; }

static void test_a_policy_of_ones_own(void) {
    static const uint64_t keys[] = {UINT64_MAX, UINT64_MAX, 2, UINT64_MAX};
    static const uint8_t kinds[] = {0, 1, 0, 0};
    memcore_page_trace *trace = trace_of(keys, kinds, 4);
    memcore_paging_result result, expected;
    memcore_plain_policy policy;
    memcore_error_details details;
    single own;
    int calls = 0;
    memset(&own, 0, sizeof own);
    memset(&policy, 0, sizeof policy);
    own.breaks_at = -1;
    policy.access = access_single;
    policy.evictions = evictions_of_single;
    policy.policy = &own;
    CHECK_OK(memcore_paging_simulate_plain(trace, &policy, 1, go_on, &calls, &result));
    CHECK_OK(memcore_paging_simulate(trace, "lru", 1, NULL, NULL, NULL, &expected));
    CHECK(result.accesses == 4 && result.misses == expected.misses && result.hits == 1 && own.writes == 1);
    CHECK(result.has_evictions && result.evictions == expected.evictions && result.has_frames && result.frames == 1);
    CHECK(!result.has_writebacks && !result.has_resident_set && calls > 0);

    memset(&own, 0, sizeof own);
    own.breaks_at = 2;
    memset(&result, 0, sizeof result);
    CHECK_STATUS(MEMCORE_STATUS_REPLAY_TARGET,
                 memcore_paging_simulate_plain(trace, &policy, 1, NULL, NULL, &result));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == 2 && result.accesses == 0);
    own.breaks_at = -1;
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_paging_simulate_plain(trace, &policy, 1, stop, &calls, &result));
    policy.evictions = NULL;
    CHECK_OK(memcore_paging_simulate_plain(trace, &policy, 0, NULL, NULL, &result));
    CHECK(!result.has_evictions && !result.has_frames);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_paging_simulate_plain(NULL, &policy, 1, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_paging_simulate_plain(trace, NULL, 1, NULL, NULL, &result));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_paging_simulate_plain(trace, &policy, 1, NULL, NULL, NULL));
    policy.access = NULL;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_paging_simulate_plain(trace, &policy, 1, NULL, NULL, &result));
    memcore_page_trace_destroy(trace);
}

static void test_locality(void) {
    /* 7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1 in the order of first appearance */
    static const uint32_t string[] = {0, 1, 2, 3, 1, 4, 1, 5, 3, 4, 1, 4, 3, 2, 3, 1, 2, 0, 1, 2};
    static const uint32_t expected[] = {MEMCORE_COLD, MEMCORE_COLD, MEMCORE_COLD, MEMCORE_COLD, 3, MEMCORE_COLD, 2,
                                        MEMCORE_COLD, 4, 4, 4, 2, 3, 5, 2, 4, 3, 6, 3, 3};
    static const uint32_t pair[] = {0, 1, 0, 0, 1}, times[] = {0, 0, 2, 1, 3};
    static const uint32_t three[] = {0, 1, 0, 0, 2, 2};
    static const uint64_t windows[] = {1, 2};
    uint32_t told[20];
    double means[2] = {0, 0};
    memcore_working_set_point points[4];
    size_t count = 0;
    memcore_error_details details;
    CHECK_OK(memcore_stack_distances(string, 20, 6, told));
    CHECK(memcmp(told, expected, sizeof expected) == 0);
    CHECK_OK(memcore_reuse_times(pair, 5, 2, told));
    CHECK(memcmp(told, times, sizeof times) == 0);
    CHECK_OK(memcore_mean_working_set(pair, 4, 2, windows, 2, means));
    CHECK(means[0] == 1.0 && means[1] == 1.5);
    CHECK_OK(memcore_working_set_sizes(three, 6, 3, 2, points, 3, &count));
    CHECK(count == 3 && points[0].references == 2 && points[0].pages == 2);
    CHECK(points[1].references == 4 && points[1].pages == 1 && points[2].pages == 1);
    CHECK_OK(memcore_working_set_sizes(three, 1, 3, UINT64_MAX, points, 4, &count));
    CHECK(count == 1 && points[0].references == 1 && points[0].pages == 1);
    CHECK_OK(memcore_working_set_sizes(three, 6, 3, 2, NULL, 0, &count));
    CHECK(count == 0);

    CHECK_OK(memcore_stack_distances(NULL, 0, 0, NULL));
    CHECK_OK(memcore_reuse_times(NULL, 0, 0, NULL));
    CHECK_OK(memcore_mean_working_set(pair, 4, 2, NULL, 0, NULL));
    CHECK_OK(memcore_mean_working_set(NULL, 0, 0, windows, 2, means));
    CHECK(means[0] == 0);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_stack_distances(three, 6, 2, told));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == 2);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_reuse_times(three, 6, 2, told));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_mean_working_set(three, 6, 0, windows, 2, means));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_working_set_sizes(three, 6, 2, 2, points, 3, &count));
    CHECK_STATUS(MEMCORE_STATUS_POLICY_PAGES, memcore_stack_distances(three, 6, UINT32_MAX, told));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_stack_distances(NULL, 6, 3, told));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_stack_distances(three, 6, 3, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_reuse_times(three, 6, 3, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_mean_working_set(three, 6, 3, NULL, 1, means));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_mean_working_set(three, 6, 3, windows, 2, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_working_set_sizes(three, 6, 3, 2, NULL, 1, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_working_set_sizes(three, 6, 3, 2, points, 3, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_stack_distances(three, SIZE_MAX, 3, told));
}

static void *test_all(void *unused) {
    (void)unused;
    test_simulations();
    test_writes();
    test_working_sets();
    test_sweeps();
    test_curves();
    test_sampled_curves();
    test_bad_curves();
    test_a_policy_of_ones_own();
    test_locality();
    return NULL;
}

/* A sweep waits for threads, and the Rust standard library keeps a handle of the thread that waits until that one ends.
   The program's first thread never does, and valgrind would say that its handle of 48 bytes may be lost. */
int main(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, test_all, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    return checked();
}
