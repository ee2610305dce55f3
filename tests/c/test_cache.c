/**
 * \file test_cache.c
 * Replacement policies by name, and caches of any keys that decide by them.
 */

#include <memcore.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static memcore_cache *cache_of(const char *policy, uint32_t frames) {
    memcore_cache *cache = NULL;
    CHECK_OK(memcore_cache_create(policy, frames, &cache));
    return cache;
}

static void test_policies(void) {
    bool has_lru = false, has_opt = false;
    memcore_text name;
    memcore_policy_kind kind;
    for (size_t i = 0; i < memcore_policy_count(); i += 1) {
        char policy[64];
        CHECK_OK(memcore_policy_name(i, &name));
        snprintf(policy, sizeof policy, "%.*s", (int)name.length, name.data);
        CHECK_OK(memcore_policy_facts(policy, &kind));
        has_lru = has_lru || strcmp(policy, "lru") == 0;
        has_opt = has_opt || strcmp(policy, "opt") == 0;
    }
    CHECK(has_lru && has_opt);
    CHECK_OK(memcore_policy_facts("opt", &kind));
    CHECK(kind.needs_future && kind.is_stack && !kind.varies_allocation);
    CHECK_OK(memcore_policy_facts("fifo", &kind));
    CHECK(!kind.needs_future && !kind.is_stack);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_policy_name(memcore_policy_count(), &name));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_policy_name(SIZE_MAX, &name));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_policy_name(0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_policy_facts("lur", &kind));
    char message[1000];
    memcore_last_error_message(message, sizeof message);
    CHECK(strstr(message, "lur") != NULL && strstr(message, "fifo") != NULL);
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_KEY, memcore_policy_facts("lru:speed=1", &kind));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PART, memcore_policy_facts("lru:speed", &kind));
    CHECK_STATUS(MEMCORE_STATUS_NOT_UTF8, memcore_policy_facts("\xff", &kind));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_policy_facts(NULL, &kind));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_policy_facts("lru", NULL));
}

static void test_accesses(void) {
    memcore_cache *cache = cache_of("lru", 2);
    memcore_cache_outcome outcome;
    memcore_cache_counts counts;
    const uint64_t *evicted = NULL;
    uint64_t keys[3] = {0, 0, 0};
    size_t count = 99;
    uint32_t frames = 0;
    bool answer = true;
    CHECK_OK(memcore_cache_access(cache, UINT64_MAX, 1, &outcome));
    CHECK(!outcome.hit && outcome.evictions == 0);
    CHECK_OK(memcore_cache_access(cache, 7, 0, NULL));
    CHECK_OK(memcore_cache_access(cache, UINT64_MAX, 0, &outcome));
    CHECK(outcome.hit && outcome.evictions == 0);
    CHECK_OK(memcore_cache_evicted(cache, &evicted, &count));
    CHECK(count == 0);
    CHECK_OK(memcore_cache_access(cache, 8, 0, &outcome));
    CHECK(!outcome.hit && outcome.evictions == 1);
    CHECK_OK(memcore_cache_evicted(cache, &evicted, &count));
    CHECK(count == 1 && evicted[0] == 7);
    CHECK_OK(memcore_cache_access(cache, 9, 0, NULL)); /* the written key leaves */
    CHECK_OK(memcore_cache_contains(cache, UINT64_MAX, &answer));
    CHECK(!answer);
    CHECK_OK(memcore_cache_contains(cache, 8, &answer));
    CHECK(answer);
    CHECK_OK(memcore_cache_stats(cache, &counts));
    CHECK(counts.accesses == 5 && counts.hits == 1 && counts.misses == 4);
    CHECK(counts.evictions == 2 && counts.writebacks == 1);
    CHECK_OK(memcore_cache_length(cache, &count));
    CHECK(count == 2);
    CHECK_OK(memcore_cache_frames(cache, &frames));
    CHECK(frames == 2);
    CHECK_OK(memcore_cache_keys(cache, keys, 3, &count));
    CHECK(count == 2 && keys[0] + keys[1] == 17 && keys[2] == 0);
    CHECK_OK(memcore_cache_keys(cache, keys, 1, &count));
    CHECK(count == 1);
    CHECK_OK(memcore_cache_keys(cache, NULL, 0, &count));
    CHECK(count == 0);
    CHECK_OK(memcore_cache_remove(cache, 8, &answer));
    CHECK(answer);
    CHECK_OK(memcore_cache_remove(cache, 8, &answer));
    CHECK(!answer);
    CHECK_OK(memcore_cache_remove(cache, 9, NULL));
    CHECK_OK(memcore_cache_length(cache, &count));
    CHECK(count == 0);
    CHECK_OK(memcore_cache_metadata_bytes(cache, &count));
    CHECK(count > 0);
    memcore_cache_destroy(cache);
    memcore_cache_destroy(NULL);
}

static void test_many_accesses(void) {
    static const uint64_t keys[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
    static const uint8_t writes[] = {0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t expected[] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1}; /* FIFO, 3 frames, by hand */
    uint8_t hits[12];
    size_t done = 99;
    memcore_cache_counts counts;
    memcore_cache *cache = cache_of("fifo", 3);
    memset(hits, 7, sizeof hits);
    CHECK_OK(memcore_cache_access_many(cache, keys, 12, writes, hits, &done));
    CHECK(done == 12 && memcmp(hits, expected, 12) == 0);
    CHECK_OK(memcore_cache_stats(cache, &counts));
    CHECK(counts.misses == 9 && counts.evictions == 6 && counts.writebacks == 1);
    CHECK_OK(memcore_cache_access_many(cache, keys, 12, NULL, NULL, NULL));
    CHECK_OK(memcore_cache_stats(cache, &counts));
    CHECK(counts.accesses == 24);
    CHECK_OK(memcore_cache_access_many(cache, NULL, 0, NULL, NULL, &done));
    CHECK(done == 0);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_access_many(NULL, keys, 12, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_access_many(cache, NULL, 1, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_cache_access_many(cache, keys, SIZE_MAX, NULL, NULL, NULL));
    CHECK_OK(memcore_cache_stats(cache, &counts));
    CHECK(counts.accesses == 24);
    memcore_cache_destroy(cache);
}

static void test_every_policy(void) {
    static const uint64_t stride = UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < memcore_policy_count(); i += 1) {
        memcore_text name;
        memcore_policy_kind kind;
        char policy[64], told[64];
        memcore_cache *cache = NULL;
        CHECK_OK(memcore_policy_name(i, &name));
        snprintf(policy, sizeof policy, "%.*s", (int)name.length, name.data);
        CHECK_OK(memcore_policy_facts(policy, &kind));
        if (kind.needs_future) {
            CHECK_STATUS(MEMCORE_STATUS_POLICY_NEEDS_FUTURE, memcore_cache_create(policy, 4, &cache));
            CHECK(cache == NULL);
            continue;
        }
        cache = cache_of(policy, 4);
        size_t length = 0;
        CHECK_OK(memcore_cache_policy(cache, told, sizeof told, &length));
        CHECK(strcmp(told, policy) == 0 && length == strlen(policy));
        memcore_cache_counts counts;
        for (uint64_t at = 0; at < 1000; at += 1) {
            const uint64_t key = (at * at) % 7 * stride;
            bool is_there = false;
            CHECK_OK(memcore_cache_access(cache, key, at % 3 == 0, NULL));
            CHECK_OK(memcore_cache_contains(cache, key, &is_there));
            CHECK(is_there);
            CHECK_OK(memcore_cache_length(cache, &length));
            CHECK(kind.varies_allocation || length <= 4);
        }
        CHECK_OK(memcore_cache_stats(cache, &counts));
        CHECK(counts.hits + counts.misses == 1000 && counts.misses >= 4 && counts.hits > 0);
        CHECK(counts.misses == counts.evictions + length);
        memcore_cache_destroy(cache);
    }
}

static void test_bad_input(void) {
    memcore_cache *cache = NULL;
    memcore_error_details details;
    memcore_cache_counts counts;
    const uint64_t *keys;
    uint64_t key;
    size_t count;
    uint32_t frames;
    bool answer;
    char text[8];
    CHECK_STATUS(MEMCORE_STATUS_POLICY_FRAMES, memcore_cache_create("lru", 0, &cache));
    CHECK_STATUS(MEMCORE_STATUS_POLICY_FRAMES, memcore_cache_create("lru", UINT32_MAX, &cache));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.status == MEMCORE_STATUS_POLICY_FRAMES && details.value == UINT32_MAX);
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_cache_create("", 3, &cache));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_create(NULL, 3, &cache));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_create("lru", 3, NULL));
    CHECK(cache == NULL);
    cache = cache_of("lru", UINT32_MAX - 16); /* as many as there can be: the tables follow the keys */
    CHECK_OK(memcore_cache_access(cache, 5, 0, NULL));
    CHECK_OK(memcore_cache_metadata_bytes(cache, &count));
    CHECK(count < 100000);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_access(NULL, 1, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_evicted(NULL, &keys, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_evicted(cache, NULL, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_evicted(cache, &keys, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_remove(NULL, 1, &answer));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_contains(NULL, 1, &answer));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_contains(cache, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_keys(cache, NULL, 1, &count));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_cache_keys(cache, &key, SIZE_MAX, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_keys(cache, &key, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_length(NULL, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_frames(cache, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_frames(NULL, &frames));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_stats(NULL, &counts));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_metadata_bytes(NULL, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_policy(cache, NULL, 8, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_cache_policy(NULL, text, 8, &count));
    memcore_cache_destroy(cache);
}

int main(void) {
    test_policies();
    test_accesses();
    test_many_accesses();
    test_every_policy();
    test_bad_input();
    return checked();
}
