/**
 * \file test_hierarchy.c
 * Memory hierarchies and TLBs: accesses by hand, traces through them, counts, times, and what is refused.
 */

#include <memcore.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static memcore_hierarchy *hierarchy_of(const char *config) {
    memcore_hierarchy *hierarchy = NULL;
    CHECK_OK(memcore_hierarchy_create(config, &hierarchy));
    return hierarchy;
}

static uint64_t cycles_of(memcore_hierarchy *hierarchy, uint64_t address, int32_t kind) {
    uint64_t cycles = 0;
    CHECK_OK(memcore_hierarchy_access(hierarchy, address, 8, kind, &cycles));
    return cycles;
}

static void test_presets(void) {
    memcore_text name;
    bool has_seed = false;
    for (size_t i = 0; i < memcore_hierarchy_preset_count(); i += 1) {
        char config[64], told[1000];
        size_t length = 0, levels = 0;
        CHECK_OK(memcore_hierarchy_preset(i, &name));
        snprintf(config, sizeof config, "%.*s", (int)name.length, name.data);
        has_seed = has_seed || strcmp(config, "seed") == 0;
        memcore_hierarchy *hierarchy = hierarchy_of(config), *again = NULL;
        CHECK_OK(memcore_hierarchy_level_count(hierarchy, &levels));
        CHECK(levels == 4);
        CHECK_OK(memcore_hierarchy_config(hierarchy, told, sizeof told, &length));
        CHECK(length < sizeof told);
        CHECK_OK(memcore_hierarchy_create(told, &again));
        memcore_hierarchy_destroy(again);
        memcore_hierarchy_destroy(hierarchy);
    }
    CHECK(has_seed);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_hierarchy_preset(memcore_hierarchy_preset_count(), &name));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_preset(0, NULL));
}

static void test_accesses(void) {
    /* l1d: two lines of 64 bytes, one way; l2: 16 lines, two ways. */
    memcore_hierarchy *memory =
        hierarchy_of("l1d:size=128,ways=1,latency=4 l2:size=1K,ways=2,latency=12 ram:latency=200");
    memcore_level shape;
    memcore_level_counts counts;
    memcore_memory_counts ram;
    memcore_access_time time;
    memcore_time_share shares[5];
    char name[8];
    size_t count = 0;
    uint64_t number = 0;
    bool is_there = false;
    CHECK(cycles_of(memory, 0, MEMCORE_ACCESS_KIND_READ) == 200);
    CHECK(cycles_of(memory, 8, MEMCORE_ACCESS_KIND_READ) == 4);
    CHECK(cycles_of(memory, 128, MEMCORE_ACCESS_KIND_READ) == 200); /* takes the place of line 0 */
    CHECK(cycles_of(memory, 0, MEMCORE_ACCESS_KIND_WRITE) == 12);
    CHECK_OK(memcore_hierarchy_contains(memory, 0, 128, &is_there));
    CHECK(!is_there);
    CHECK_OK(memcore_hierarchy_contains(memory, 1, 128, &is_there));
    CHECK(is_there);
    CHECK_OK(memcore_hierarchy_level(memory, 0, &shape));
    CHECK(shape.sets == 2 && shape.ways == 1 && shape.line == 64 && shape.size == 128 && shape.latency == 4);
    CHECK_OK(memcore_hierarchy_level_name(memory, 1, name, sizeof name, &count));
    CHECK(strcmp(name, "l2") == 0 && count == 2);
    CHECK_OK(memcore_hierarchy_level_stats(memory, 0, &counts));
    CHECK(counts.read.accesses == 3 && counts.read.misses == 2);
    CHECK(counts.write.accesses == 1 && counts.write.misses == 1);
    CHECK(counts.demand.accesses == 4 && counts.demand.misses == 3 && counts.evictions == 2 && counts.cycles == 16);
    CHECK_OK(memcore_hierarchy_memory_stats(memory, &ram));
    CHECK(ram.reads == 2 && ram.writes == 0 && ram.page_faults == 0 && ram.ram_cycles == 2 * 188);
    CHECK_OK(memcore_hierarchy_average_access_time(memory, &time));
    CHECK(time.accesses == 4 && time.average == 104.0);
    CHECK_OK(memcore_hierarchy_time_shares(memory, shares, 5, &count));
    CHECK(count == 3 && strcmp(shares[0].place, "l1d") == 0 && strcmp(shares[2].place, "ram") == 0);
    CHECK(shares[0].cycles == 16 && shares[1].cycles == 24 && shares[1].average == 6.0 && shares[2].cycles == 376);
    CHECK_OK(memcore_hierarchy_time_shares(memory, shares, 1, &count));
    CHECK(count == 1);
    CHECK_OK(memcore_hierarchy_time_shares(memory, NULL, 0, &count));
    CHECK(count == 0);

    CHECK_OK(memcore_hierarchy_flush(memory, &number));
    CHECK(number == 1); /* the one line that was written */
    CHECK_OK(memcore_hierarchy_contains(memory, 1, 128, &is_there));
    CHECK(!is_there);
    CHECK_OK(memcore_hierarchy_reset_counts(memory));
    CHECK_OK(memcore_hierarchy_level_stats(memory, 0, &counts));
    CHECK(counts.demand.accesses == 0);
    CHECK(cycles_of(memory, 60, MEMCORE_ACCESS_KIND_READ) == 400); /* spans two lines */
    CHECK_OK(memcore_hierarchy_invalidate(memory, 64, 1, &number));
    CHECK(number == 2); /* from both levels */
    CHECK_OK(memcore_hierarchy_invalidate(memory, 0, UINT64_MAX, NULL));
    CHECK_OK(memcore_hierarchy_contains(memory, 0, 0, &is_there));
    CHECK(!is_there);
    CHECK_OK(memcore_hierarchy_access(memory, UINT64_MAX, UINT32_MAX, MEMCORE_ACCESS_KIND_EXECUTE, NULL));
    CHECK_OK(memcore_hierarchy_reset(memory));
    CHECK_OK(memcore_hierarchy_average_access_time(memory, &time));
    CHECK(time.accesses == 0 && time.average == 0);
    CHECK_OK(memcore_hierarchy_metadata_bytes(memory, &count));
    CHECK(count > 0);
    CHECK_OK(memcore_hierarchy_destroy(memory));
    CHECK_OK(memcore_hierarchy_destroy(NULL));

    memory = hierarchy_of("registers:latency=1 l1:sets=1,ways=1,latency=3 ram:latency=100,size=8K disk:latency=1000");
    CHECK(cycles_of(memory, 0, MEMCORE_ACCESS_KIND_READ) == 1000);
    CHECK_OK(memcore_hierarchy_count_register_accesses(memory, 3));
    CHECK_OK(memcore_hierarchy_average_access_time(memory, &time));
    CHECK(time.accesses == 4 && time.average == 1003.0 / 4);
    CHECK_OK(memcore_hierarchy_time_shares(memory, shares, 5, &count));
    CHECK(count == 4 && strcmp(shares[0].place, "registers") == 0 && strcmp(shares[3].place, "disk") == 0);
    CHECK_OK(memcore_hierarchy_memory_stats(memory, &ram));
    CHECK(ram.page_faults == 1);
    memcore_hierarchy_destroy(memory);
}

static int32_t stop(uint64_t done, uint64_t total, void *user) {
    (void)done;
    (void)total;
    *(int *)user += 1;
    return 1;
}

static int32_t come_in_again(uint64_t done, uint64_t total, void *user) {
    memcore_hierarchy *memory = (memcore_hierarchy *)user;
    memcore_access_time time;
    (void)done;
    (void)total;
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_hierarchy_average_access_time(memory, &time));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_hierarchy_access(memory, 0, 1, MEMCORE_ACCESS_KIND_READ, NULL));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED,
                 memcore_hierarchy_replay_file(memory, "memcore/tests/data/walk.lackey.xz", NULL, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_hierarchy_destroy(memory));
    return 1;
}

static void test_traces(void) {
    static const char text[] = " L 1000,8\n S 103c,8\nI  0040,4\n";
    memcore_hierarchy *memory = hierarchy_of("l1d:sets=4,ways=2,latency=4 ram:latency=100");
    memcore_access_trace *trace = NULL;
    memcore_level_counts counts;
    uint64_t cycles = 0;
    int calls = 0;
    CHECK_OK(memcore_access_trace_read(text, strlen(text), "lackey", NULL, NULL, NULL, &trace));
    CHECK_OK(memcore_hierarchy_replay(memory, trace, NULL, NULL, &cycles));
    CHECK(cycles == 304); /* a miss; the store spans that line and the next; the fetch meets no cache */
    CHECK_OK(memcore_hierarchy_level_stats(memory, 0, &counts));
    CHECK(counts.demand.misses == 2 && counts.write.accesses == 2);
    CHECK_OK(memcore_hierarchy_replay(memory, trace, NULL, NULL, NULL));
    memcore_access_trace_destroy(trace);

    CHECK_OK(memcore_hierarchy_reset(memory));
    CHECK_OK(memcore_hierarchy_replay_file(memory, "memcore/tests/data/walk.lackey.xz", NULL, NULL, NULL, &cycles));
    CHECK_OK(memcore_hierarchy_level_stats(memory, 0, &counts));
    CHECK(counts.demand.accesses > 1000 && cycles > 0);
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED,
                 memcore_hierarchy_replay_file(memory, "memcore/tests/data/walk.lackey.xz", NULL, stop, &calls, NULL));
    CHECK(calls == 1);
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_hierarchy_replay_file(memory, "memcore/tests/data/walk.lackey.xz",
                                                                         NULL, come_in_again, memory, NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO,
                 memcore_hierarchy_replay_file(memory, "no/such/file", NULL, NULL, NULL, &cycles));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_replay(memory, NULL, NULL, NULL, &cycles));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_replay_file(memory, NULL, NULL, NULL, NULL, &cycles));
    memcore_hierarchy_destroy(memory);
}

static void test_refusals(void) {
    static const struct {
        const char *config;
        int32_t status;
        uint64_t value;
    } wrong[] = {
        {"l1d:size=100,ways=3", MEMCORE_STATUS_CACHE_SIZE, 100},
        {"l1d:sets=0", MEMCORE_STATUS_CACHE_SETS, 0},
        {"l1d:sets=4,ways=0", MEMCORE_STATUS_CACHE_WAYS, 0},
        {"l1d:sets=4,line=48", MEMCORE_STATUS_CACHE_LINE, 48},
        {"l1d:sets=4,ways=1,size=1K", MEMCORE_STATUS_CACHE_SIZE_DIFFERS, 1024},
        {"l1:sets=4 l1:sets=8", MEMCORE_STATUS_CACHE_NAME, 0},
        {"l1:sets=4 l2i:sets=8,serves=instruction", MEMCORE_STATUS_CACHE_SPLIT_BEHIND_UNIFIED, 0},
        {"l1:sets=4 l2:sets=8,line=32", MEMCORE_STATUS_CACHE_LINE_SHRINKS, 32},
        {"l1:sets=4 l2:sets=8,line=128,inclusion=exclusive", MEMCORE_STATUS_CACHE_EXCLUSIVE_LINE, 128},
        {"l1:sets=4,inclusion=exclusive", MEMCORE_STATUS_CACHE_NOTHING_TO_EXCLUDE, 0},
        {"l2:sets=4,latency=14 l3:sets=8,latency=10 ram:latency=99", MEMCORE_STATUS_CACHE_LATENCY_FALLS, 10},
        {"l1:sets=4,policy=srrip:bits=9", MEMCORE_STATUS_BAD_VALUE, 0},
        {"l1:sets=4,policy=opt", MEMCORE_STATUS_POLICY_NEEDS_FUTURE, 0},
        {"l1:sets=4 ram:page=100", MEMCORE_STATUS_CACHE_PAGE_SIZE, 100},
        {"l1:sets=4,speed=1", MEMCORE_STATUS_UNKNOWN_KEY, 0},
        {"l1:sets=four", MEMCORE_STATUS_BAD_VALUE, 0},
        {"intel-4004", MEMCORE_STATUS_UNKNOWN_NAME, 0},
    };
    memcore_hierarchy *hierarchy = NULL;
    memcore_error_details details;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i += 1) {
        CHECK_STATUS(wrong[i].status, memcore_hierarchy_create(wrong[i].config, &hierarchy));
        CHECK_OK(memcore_last_error(&details));
        CHECK(details.status == wrong[i].status && details.value == wrong[i].value);
    }
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_create(NULL, &hierarchy));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_create("seed", NULL));
    CHECK(hierarchy == NULL);

    memcore_level shape;
    memcore_level_counts counts;
    memcore_memory_counts ram;
    memcore_access_time time;
    memcore_time_share share;
    size_t count;
    bool answer;
    char name[8];
    hierarchy = hierarchy_of("l1:sets=4");
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_hierarchy_access(hierarchy, 0, 1, 3, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_hierarchy_access(hierarchy, 0, 1, -1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_hierarchy_access(hierarchy, 0, 1, 256, NULL));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_hierarchy_level(hierarchy, 1, &shape));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_hierarchy_level_stats(hierarchy, SIZE_MAX, &counts));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_hierarchy_level_name(hierarchy, 1, name, 8, &count));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_hierarchy_contains(hierarchy, 1, 0, &answer));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_access(NULL, 0, 1, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_level(hierarchy, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_level_count(NULL, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_level_stats(NULL, 0, &counts));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_level_name(hierarchy, 0, NULL, 8, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_memory_stats(NULL, &ram));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_average_access_time(NULL, &time));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_time_shares(hierarchy, NULL, 1, &count));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_hierarchy_time_shares(hierarchy, &share, SIZE_MAX, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_contains(hierarchy, 0, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_flush(NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_invalidate(NULL, 0, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_reset(NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_reset_counts(NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_count_register_accesses(NULL, 1));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_metadata_bytes(hierarchy, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_hierarchy_config(NULL, name, 8, &count));
    memcore_hierarchy_destroy(hierarchy);
}

static void test_tlb(void) {
    memcore_tlb *tlb = NULL;
    memcore_tlb_entry entry, entries[4];
    memcore_tlb_counts counts;
    uint64_t value = 0;
    size_t count = 0;
    bool hit = false, evicted = true;
    CHECK_OK(memcore_tlb_create("dtlb:entries=4,ways=2,pages=4K;2M", &tlb));
    CHECK_OK(memcore_tlb_insert(tlb, 0x1000, 4096, 1, 0, 77, &evicted, &entry));
    CHECK(!evicted);
    CHECK_OK(memcore_tlb_insert(tlb, 0x200000, 2 << 20, 1, 1, 88, NULL, NULL));
    CHECK_OK(memcore_tlb_lookup(tlb, 0x1fff, 1, &hit, &value));
    CHECK(hit && value == 77);
    CHECK_OK(memcore_tlb_lookup(tlb, 0x1fff, 2, &hit, &value)); /* another address space */
    CHECK(!hit && value == 77);
    CHECK_OK(memcore_tlb_lookup(tlb, 0x3fffff, 2, &hit, NULL)); /* a global page */
    CHECK(hit);
    CHECK_OK(memcore_tlb_probe(tlb, 0x3fffff, 9, &hit, &entry));
    CHECK(hit && entry.page == 1 && entry.page_size == 2 << 20 && entry.value == 88 && entry.is_global);
    CHECK_OK(memcore_tlb_probe(tlb, 0, 1, &hit, &entry));
    CHECK(!hit);
    CHECK_OK(memcore_tlb_entries(tlb, entries, 4, &count));
    CHECK(count == 2);
    /* Pages 1, 3 and 5 are in one set of two ways, with the large page 1. */
    CHECK_OK(memcore_tlb_insert(tlb, 0x3000, 4096, 1, 0, 99, &evicted, &entry));
    CHECK(evicted && entry.page == 1 && entry.page_size == 4096 && entry.space == 1 && entry.value == 77);
    CHECK_OK(memcore_tlb_stats(tlb, &counts));
    CHECK(counts.hits == 2 && counts.misses == 1 && counts.evictions == 1 && counts.invalidations == 0);
    CHECK_OK(memcore_tlb_invalidate_space(tlb, 1, &value));
    CHECK(value == 1);
    CHECK_OK(memcore_tlb_invalidate_non_global(tlb, &value));
    CHECK(value == 0);
    CHECK_OK(memcore_tlb_invalidate_page(tlb, 0x200000, 5, &value));
    CHECK(value == 1);
    CHECK_OK(memcore_tlb_insert(tlb, 0, 4096, 1, 1, 1, NULL, NULL));
    CHECK_OK(memcore_tlb_invalidate_all(tlb, NULL));
    CHECK_OK(memcore_tlb_entries(tlb, NULL, 0, &count));
    CHECK(count == 0);
    CHECK_OK(memcore_tlb_reset(tlb));
    CHECK_OK(memcore_tlb_stats(tlb, &counts));
    CHECK(counts.hits == 0 && counts.invalidations == 0);
    CHECK_OK(memcore_tlb_metadata_bytes(tlb, &count));
    CHECK(count > 0);
    CHECK_STATUS(MEMCORE_STATUS_CACHE_PAGE_SIZE, memcore_tlb_insert(tlb, 0, 8192, 1, 0, 0, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_CACHE_PAGE_SIZE, memcore_tlb_insert(tlb, 0, 0, 1, 0, 0, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_insert(NULL, 0, 4096, 1, 0, 0, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_lookup(NULL, 0, 1, &hit, &value));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_lookup(tlb, 0, 1, NULL, &value));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_probe(tlb, 0, 1, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_invalidate_page(NULL, 0, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_invalidate_space(NULL, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_invalidate_non_global(NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_invalidate_all(NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_entries(tlb, NULL, 1, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_stats(tlb, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_reset(NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_metadata_bytes(NULL, &count));
    memcore_tlb_destroy(tlb);
    memcore_tlb_destroy(NULL);
    tlb = NULL;
    CHECK_STATUS(MEMCORE_STATUS_CACHE_TLB_POLICY, memcore_tlb_create("t:entries=4,policy=sieve", &tlb));
    CHECK_STATUS(MEMCORE_STATUS_CACHE_SIZE, memcore_tlb_create("t:entries=5,ways=2", &tlb));
    CHECK_STATUS(MEMCORE_STATUS_CACHE_PAGE_SIZE, memcore_tlb_create("t:entries=4,pages=3000", &tlb));
    CHECK_STATUS(MEMCORE_STATUS_BAD_VALUE, memcore_tlb_create("t", &tlb));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_tlb_create(NULL, &tlb));
    CHECK(tlb == NULL);
}

int main(void) {
    test_presets();
    test_accesses();
    test_traces();
    test_refusals();
    test_tlb();
    return checked();
}
