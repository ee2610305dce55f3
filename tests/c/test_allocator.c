/**
 * \file test_allocator.c
 * Every call on an allocator, with input that is right and input that is not.
 */

#include <memcore.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static memcore_allocator *create(const char *strategy, uint64_t capacity) {
    memcore_options options = memcore_options_for(capacity);
    memcore_allocator *allocator = NULL;
    options.address_index = 1;
    options.tags = 1;
    CHECK_OK(memcore_allocator_create(strategy, &options, &allocator));
    CHECK(allocator != NULL);
    return allocator;
}

static memcore_error_details last_error(void) {
    memcore_error_details details;
    CHECK_OK(memcore_last_error(&details));
    return details;
}

static bool says(memcore_text text, const char *expected) {
    return text.length == strlen(expected) && memcmp(text.data, expected, text.length) == 0;
}

/* 100, 200, 150 at 0, 100, 300; free the second; 300 goes to 450, for the hole at 100 has 200 bytes only. */
static void test_the_example_of_the_books(void) {
    memcore_allocator *allocator = create("first-fit", 1024);
    memcore_block first, second, third, fourth;
    memcore_stats stats;
    CHECK_OK(memcore_allocator_allocate(allocator, 100, &first));
    CHECK_OK(memcore_allocator_allocate(allocator, 200, &second));
    CHECK_OK(memcore_allocator_allocate(allocator, 150, &third));
    CHECK(first.start == 0 && second.start == 100 && third.start == 300);
    CHECK_OK(memcore_allocator_free(allocator, second.id, NULL));
    CHECK_OK(memcore_allocator_allocate(allocator, 300, &fourth));
    CHECK(fourth.start == 450);
    CHECK_OK(memcore_allocator_stats(allocator, &stats));
    CHECK(stats.capacity == 1024 && stats.used == 550 && stats.free == 474 && stats.dead == 0);
    CHECK(stats.requested == 550 && stats.blocks == 3 && stats.holes == 2 && stats.largest_hole == 274);
    CHECK(stats.footprint == 750 && stats.peak_used == 550 && stats.peak_requested == 550);
    CHECK(stats.allocations == 4 && stats.frees == 1);
    CHECK(stats.external_fragmentation == 1.0 - 274.0 / 474.0);
    CHECK(stats.internal_fragmentation == 0.0 && stats.utilisation == 550.0 / 750.0);

    char text[80];
    size_t length;
    CHECK_OK(memcore_allocator_bar(allocator, 8, text, sizeof text, &length));
    CHECK(length == 8 && strcmp(text, "+.=##+..") == 0);
    CHECK_OK(memcore_allocator_bar(allocator, 8, text, 3, &length));
    CHECK(length == 8 && strcmp(text, "+.") == 0);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_bar(allocator, 8, NULL, 3, &length));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_bar(allocator, 8, text, 3, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_bar(NULL, 8, text, 3, &length));
    CHECK_OK(memcore_allocator_table(allocator, 1, text, sizeof text, &length));
    CHECK(strstr(text, "... and 4 more") != NULL);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_table(NULL, 1, text, 3, &length));
    CHECK_OK(memcore_allocator_destroy(allocator));
}

static void test_creation(void) {
    memcore_options options = memcore_options_for(1000);
    memcore_allocator *untouched = (memcore_allocator *)&options, *allocator = untouched;
    CHECK(options.capacity == 1000 && options.granularity == 1 && options.address_index == 0 && options.tags == 0);
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_allocator_create("firstfit", &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_allocator_create("", &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_KEY, memcore_allocator_create("best-fit:ties=recent", &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_BAD_VALUE, memcore_allocator_create("best-fit:tie=high", &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PART, memcore_allocator_create("best-fit:tie", &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_NOT_UTF8, memcore_allocator_create("\xff", &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_create(NULL, &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_create("pool", NULL, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_create("pool", &options, NULL));
    options.granularity = 3;
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_allocator_create("first-fit", &options, &allocator));
    CHECK(last_error().value == 3 && says(last_error().name, "granularity"));
    CHECK(says(last_error().rule, "must be a power of two"));
    options = memcore_options_for(0);
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_allocator_create("first-fit", &options, &allocator));
    CHECK(allocator == untouched);
    CHECK_OK(memcore_allocator_destroy(NULL));

    memcore_text name;
    CHECK(memcore_strategy_count() >= 10);
    for (size_t i = 0; i < memcore_strategy_count(); i += 1) {
        char text[64];
        CHECK_OK(memcore_strategy_name(i, &name));
        snprintf(text, sizeof text, "%.*s", (int)name.length, name.data);
        memcore_allocator *made = create(text, 4096);
        CHECK_OK(memcore_allocator_name(made, &name));
        CHECK(says(name, text));
        CHECK_OK(memcore_allocator_validate(made, NULL));
        CHECK_OK(memcore_allocator_destroy(made));
    }
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_strategy_name(memcore_strategy_count(), &name));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_strategy_name(SIZE_MAX, &name));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_strategy_name(0, NULL));
}

static void test_allocation(void) {
    memcore_allocator *allocator = create("best-fit", 1024);
    memcore_block block, other, unchanged;
    memset(&block, 0x55, sizeof block);
    unchanged = block;
    CHECK_STATUS(MEMCORE_STATUS_ZERO_SIZE, memcore_allocator_allocate(allocator, 0, &block));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_allocator_allocate(allocator, 1025, &block));
    CHECK(last_error().size == 1025 && last_error().capacity == 1024);
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_allocator_allocate(allocator, UINT64_MAX, &block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_allocate(allocator, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_allocate(NULL, 1, &block));
    CHECK(memcmp(&block, &unchanged, sizeof block) == 0);

    memcore_request request = memcore_request_for(10);
    CHECK(request.size == 10 && request.alignment == 1 && request.bias == 0 && request.tag == 0);
    CHECK_OK(memcore_allocator_allocate(allocator, 1, &other));
    request.alignment = 64;
    request.bias = 8;
    request.tag = 7;
    CHECK_OK(memcore_allocator_allocate_with(allocator, &request, &block));
    CHECK(block.start == 56 && block.size == 10 && block.requested == 10 && block.id != 0);
    uint64_t alignment = 0;
    uint32_t tag = 0;
    CHECK_OK(memcore_allocator_alignment(allocator, block.id, &alignment));
    CHECK_OK(memcore_allocator_tag(allocator, block.id, &tag));
    CHECK(alignment == 64 && tag == 7);
    CHECK_OK(memcore_allocator_set_tag(allocator, block.id, UINT32_MAX));
    CHECK_OK(memcore_allocator_tag(allocator, block.id, &tag));
    CHECK(tag == UINT32_MAX);
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_ID, memcore_allocator_set_tag(allocator, 0, 1));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_set_tag(NULL, block.id, 1));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_tag(allocator, block.id, NULL));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_ID, memcore_allocator_tag(allocator, UINT64_MAX, &tag));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_ID, memcore_allocator_alignment(allocator, 0, &alignment));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_alignment(allocator, block.id, NULL));

    request.alignment = 0;
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_allocator_allocate_with(allocator, &request, &other));
    request.alignment = 48;
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_allocator_allocate_with(allocator, &request, &other));
    CHECK(last_error().alignment == 48);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_allocate_with(allocator, NULL, &other));

    bool answer = true;
    request = memcore_request_for(1024);
    CHECK_OK(memcore_allocator_can_allocate(allocator, &request, &answer));
    CHECK(!answer);
    request.size = 500;
    CHECK_OK(memcore_allocator_can_allocate(allocator, &request, &answer));
    CHECK(answer);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_can_allocate(allocator, NULL, &answer));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_can_allocate(allocator, &request, NULL));

    request = memcore_request_for(100);
    CHECK_OK(memcore_allocator_allocate_at(allocator, 500, &request, &other));
    CHECK(other.start == 500);
    CHECK_STATUS(MEMCORE_STATUS_RANGE_TAKEN, memcore_allocator_allocate_at(allocator, 599, &request, &other));
    CHECK(last_error().start == 599 && last_error().size == 100);
    request.alignment = 16;
    CHECK_STATUS(MEMCORE_STATUS_BAD_START, memcore_allocator_allocate_at(allocator, 601, &request, &other));
    CHECK(last_error().start == 601 && last_error().multiple == 16);
    CHECK(last_error().needs == MEMCORE_START_RULE_BIASED_START || last_error().needs == MEMCORE_START_RULE_START);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_allocate_at(allocator, 700, NULL, &other));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_allocate_at(allocator, 700, &request, NULL));

    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_allocator_allocate(allocator, 900, &block));
    memcore_error_details details = last_error();
    CHECK(details.status == MEMCORE_STATUS_OUT_OF_SPACE && details.size == 900 && details.free == 913);
    CHECK(details.largest_hole == 434);
    char message[200];
    const char *expected = "no room for 900 bytes aligned to 1: 913 bytes are free, the largest hole has 434";
    CHECK(memcore_last_error_message(message, sizeof message) == strlen(expected));
    CHECK(strcmp(message, expected) == 0);
    CHECK(memcore_last_error_message(message, 8) == strlen(expected) && strcmp(message, "no room") == 0);
    CHECK(memcore_last_error_message(NULL, 0) == strlen(expected));
    CHECK(memcore_last_error_message(NULL, 1) == 0);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_last_error(NULL));
    CHECK_OK(memcore_allocator_destroy(allocator));
}

static void test_ends_of_blocks(void) {
    memcore_allocator *allocator = create("tlsf", 1u << 20);
    memcore_block block, found;
    CHECK_OK(memcore_allocator_allocate(allocator, 100, &block));
    CHECK_OK(memcore_allocator_block(allocator, block.id, &found));
    CHECK(found.id == block.id && found.start == block.start && found.size == block.size);
    CHECK_OK(memcore_allocator_block_at(allocator, block.start, &found));
    CHECK(found.id == block.id);
    CHECK_OK(memcore_allocator_containing(allocator, block.start + 99, &found));
    CHECK(found.id == block.id);
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_OFFSET, memcore_allocator_containing(allocator, UINT64_MAX, &found));
    CHECK(last_error().start == UINT64_MAX);
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_START, memcore_allocator_block_at(allocator, block.start + 1, &found));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_START, memcore_allocator_free_at(allocator, block.start + 1, &found));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_containing(allocator, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_block_at(NULL, 0, &found));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_block(allocator, block.id, NULL));

    CHECK_OK(memcore_allocator_resize(allocator, block.id, 200, &found));
    CHECK(found.id == block.id && found.start == block.start && found.requested == 200);
    CHECK_OK(memcore_allocator_resize(allocator, block.id, 10, NULL));
    CHECK_STATUS(MEMCORE_STATUS_ZERO_SIZE, memcore_allocator_resize(allocator, block.id, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_ID, memcore_allocator_resize(allocator, 0, 10, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_resize(NULL, block.id, 10, NULL));
    memcore_block next;
    CHECK_OK(memcore_allocator_allocate(allocator, 100, &next));
    if (next.start == block.start + 10) {
        CHECK_STATUS(MEMCORE_STATUS_NO_ROOM_IN_PLACE, memcore_allocator_resize(allocator, block.id, 11, NULL));
        CHECK(last_error().available == 10 && last_error().id == block.id && last_error().size == 11);
    }

    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_ID, memcore_allocator_free(allocator, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_ID, memcore_allocator_free(allocator, UINT64_MAX, &found));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_free(NULL, block.id, NULL));
    CHECK_OK(memcore_allocator_free(allocator, block.id, &found));
    CHECK(found.id == block.id && found.requested == 10);
    CHECK_STATUS(MEMCORE_STATUS_DOUBLE_FREE, memcore_allocator_free(allocator, block.id, NULL));
    CHECK(last_error().id == block.id);
    CHECK_STATUS(MEMCORE_STATUS_STALE_ID, memcore_allocator_block(allocator, block.id, &found));
    CHECK_STATUS(MEMCORE_STATUS_STALE_ID, memcore_allocator_resize(allocator, block.id, 5, NULL));
    CHECK_OK(memcore_allocator_free_at(allocator, next.start, &found));
    CHECK(found.id == next.id);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_free_at(NULL, 0, NULL));

    CHECK_OK(memcore_allocator_grow(allocator, 1u << 21));
    CHECK_STATUS(MEMCORE_STATUS_CAPACITY_SHRINK, memcore_allocator_grow(allocator, 1));
    CHECK(last_error().capacity == 1u << 21 && last_error().wanted == 1);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_grow(NULL, 1));
    CHECK_OK(memcore_allocator_allocate(allocator, 1, &block));
    CHECK_OK(memcore_allocator_reset(allocator));
    CHECK_STATUS(MEMCORE_STATUS_STALE_ID, memcore_allocator_block(allocator, block.id, &found));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_reset(NULL));
    CHECK_OK(memcore_allocator_destroy(allocator));
}

static void test_queries(void) {
    memcore_allocator *allocator = create("tlsf", 1u << 20);
    memcore_block block;
    uint64_t number = 0, other = 0;
    size_t bytes = 0;
    memcore_capabilities can;
    memcore_histogram histogram;
    memcore_stats stats;
    CHECK_OK(memcore_allocator_allocate(allocator, 100, &block));
    CHECK_OK(memcore_allocator_capabilities(allocator, &can));
    CHECK(can.free_in_any_order && can.reuses_freed && can.allocate_at && can.find_by_address && can.compaction);
    CHECK(!can.checkpoint);
    CHECK_OK(memcore_allocator_granularity(allocator, &number));
    CHECK(number == 1);
    CHECK_OK(memcore_allocator_largest_hole(allocator, &number));
    CHECK_OK(memcore_allocator_largest_sure(allocator, &other));
    CHECK(number == (1u << 20) - 100 && other <= number && other > 0);
    CHECK_OK(memcore_allocator_metadata_bytes(allocator, &bytes));
    CHECK(bytes > 0);
    CHECK_OK(memcore_allocator_optional_bytes(allocator, &bytes));
    CHECK(bytes > 0);
    CHECK_OK(memcore_allocator_block_histogram(allocator, &histogram));
    CHECK(histogram.counts[6] == 1 && histogram.bytes[6] == 100 && histogram.counts[7] == 0);
    CHECK_OK(memcore_allocator_hole_histogram(allocator, &histogram));
    CHECK(histogram.counts[19] == 1 && histogram.counts[6] == 0);
    memcore_corruption corruption;
    CHECK_OK(memcore_allocator_validate(allocator, &corruption));

    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_capabilities(NULL, &can));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_capabilities(allocator, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_granularity(allocator, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_largest_hole(NULL, &number));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_largest_sure(allocator, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_metadata_bytes(NULL, &bytes));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_optional_bytes(allocator, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_block_histogram(NULL, &histogram));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_hole_histogram(allocator, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_stats(NULL, &stats));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_stats(allocator, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_validate(NULL, &corruption));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_name(allocator, NULL));
    CHECK_OK(memcore_allocator_destroy(allocator));
}

static int32_t add_tag(const memcore_tag_usage *usage, void *user) {
    uint64_t *sums = (uint64_t *)user;
    sums[0] += 1;
    sums[1] = sums[1] * 1000 + usage->tag * 100 + usage->blocks;
    sums[2] += usage->requested;
    return 0;
}

static int32_t stop_at_tag(const memcore_tag_usage *usage, void *user) {
    (void)usage;
    *(int *)user += 1;
    return 1;
}

static void test_leak_report(void) {
    memcore_allocator *allocator = create("first-fit", 1024);
    memcore_block block;
    memcore_request request = memcore_request_for(10);
    for (uint32_t i = 0; i < 3; i += 1) {
        request.tag = i == 0 ? 3 : 1;
        CHECK_OK(memcore_allocator_allocate_with(allocator, &request, &block));
    }
    uint64_t sums[3] = {0, 0, 0};
    int calls = 0;
    CHECK_OK(memcore_allocator_usage_by_tag(allocator, add_tag, sums));
    CHECK(sums[0] == 2 && sums[1] == 102301 && sums[2] == 30);
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_allocator_usage_by_tag(allocator, stop_at_tag, &calls));
    CHECK(calls == 1);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_usage_by_tag(allocator, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_usage_by_tag(NULL, add_tag, sums));
    CHECK_OK(memcore_allocator_destroy(allocator));

    memcore_options bare = memcore_options_for(100);
    uint32_t tag;
    CHECK_OK(memcore_allocator_create("first-fit", &bare, &allocator));
    CHECK_OK(memcore_allocator_allocate(allocator, 10, &block));
    CHECK_STATUS(MEMCORE_STATUS_NO_TAGS, memcore_allocator_usage_by_tag(allocator, add_tag, sums));
    CHECK_STATUS(MEMCORE_STATUS_NO_TAGS, memcore_allocator_tag(allocator, block.id, &tag));
    CHECK_STATUS(MEMCORE_STATUS_NO_ADDRESS_INDEX, memcore_allocator_free_at(allocator, 0, NULL));
    CHECK(last_error().operation == MEMCORE_OPERATION_FREE_AT);
    CHECK_STATUS(MEMCORE_STATUS_NO_ADDRESS_INDEX, memcore_allocator_containing(allocator, 0, &block));
    CHECK(last_error().operation == MEMCORE_OPERATION_CONTAINING);
    CHECK_OK(memcore_allocator_destroy(allocator));
}

static void test_arenas_and_stacks(void) {
    memcore_allocator *arena = create("bump", 1000), *stack = create("stack", 1000);
    memcore_checkpoint mark, later, never;
    memcore_block first, second;
    memset(&never, 0, sizeof never);
    CHECK_OK(memcore_allocator_allocate(arena, 10, &first));
    CHECK_OK(memcore_allocator_checkpoint(arena, &mark));
    CHECK(mark.position == 10);
    CHECK_OK(memcore_allocator_allocate(arena, 10, &second));
    CHECK_OK(memcore_allocator_checkpoint(arena, &later));
    CHECK_OK(memcore_allocator_rewind(arena, &mark));
    CHECK_STATUS(MEMCORE_STATUS_STALE_ID, memcore_allocator_block(arena, second.id, &second));
    CHECK_STATUS(MEMCORE_STATUS_BAD_CHECKPOINT, memcore_allocator_rewind(arena, &later));
    CHECK(last_error().start == 20);
    CHECK_STATUS(MEMCORE_STATUS_BAD_CHECKPOINT, memcore_allocator_rewind(arena, &never));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_rewind(arena, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_rewind(NULL, &mark));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_checkpoint(arena, NULL));
    CHECK_STATUS(MEMCORE_STATUS_UNSUPPORTED, memcore_allocator_checkpoint(stack, &mark));
    CHECK(last_error().operation == MEMCORE_OPERATION_CHECKPOINT && says(last_error().name, "stack"));
    CHECK_STATUS(MEMCORE_STATUS_UNSUPPORTED, memcore_allocator_rewind(stack, &mark));

    CHECK_OK(memcore_allocator_allocate(stack, 10, &first));
    CHECK_OK(memcore_allocator_allocate(stack, 10, &second));
    CHECK_STATUS(MEMCORE_STATUS_NOT_TOP, memcore_allocator_free(stack, first.id, NULL));
    CHECK(last_error().id == first.id && last_error().top == second.id);
    CHECK_OK(memcore_allocator_destroy(arena));
    CHECK_OK(memcore_allocator_destroy(stack));
}

static void test_clones(void) {
    memcore_allocator *allocator = create("worst-fit", 1000), *copy = NULL;
    memcore_block block;
    uint64_t limit = 0;
    CHECK_OK(memcore_allocator_allocate(allocator, 10, &block));
    CHECK_OK(memcore_allocator_set_limit(allocator, 500));
    CHECK_OK(memcore_allocator_clone(allocator, &copy));
    CHECK_OK(memcore_allocator_free(copy, block.id, NULL));
    CHECK_OK(memcore_allocator_block(allocator, block.id, &block));
    CHECK_OK(memcore_allocator_limit(copy, &limit));
    CHECK(limit == 500);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_clone(NULL, &copy));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_allocator_clone(allocator, NULL));
    CHECK_OK(memcore_allocator_destroy(allocator));
    CHECK_OK(memcore_allocator_destroy(copy));
}

static void test_huge_spaces(void) {
    memcore_allocator *allocator = create("first-fit", UINT64_MAX);
    memcore_block block;
    memcore_request request = memcore_request_for(1);
    CHECK_OK(memcore_allocator_allocate(allocator, UINT64_MAX - 1, &block));
    CHECK_OK(memcore_allocator_allocate(allocator, 1, &block));
    CHECK(block.start == UINT64_MAX - 1);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_allocator_allocate(allocator, 1, &block));
    CHECK_OK(memcore_allocator_reset(allocator));
    request.alignment = UINT64_C(1) << 63;
    CHECK_OK(memcore_allocator_allocate(allocator, 1, &block));
    CHECK_OK(memcore_allocator_allocate_with(allocator, &request, &block));
    CHECK(block.start == UINT64_C(1) << 63);
    CHECK_OK(memcore_allocator_destroy(allocator));

    memcore_options options = memcore_options_for(UINT64_MAX);
    options.granularity = 16;
    CHECK_OK(memcore_allocator_create("first-fit", &options, &allocator));
    CHECK_STATUS(MEMCORE_STATUS_OVERFLOW, memcore_allocator_allocate(allocator, UINT64_MAX, &block));
    CHECK(last_error().size == UINT64_MAX && last_error().granularity == 16);
    request = memcore_request_for(16);
    request.alignment = 16;
    request.bias = 8;
    CHECK_STATUS(MEMCORE_STATUS_BAD_BIAS, memcore_allocator_allocate_with(allocator, &request, &block));
    CHECK(last_error().bias == 8 && last_error().alignment == 16 && last_error().granularity == 16);
    CHECK_OK(memcore_allocator_destroy(allocator));
}

static void test_worst_case(void) {
    memcore_worst_case answer;
    CHECK_OK(memcore_worst_case_capacity("first-fit", 1u << 20, 4096, 16, &answer));
    CHECK(answer.known && answer.capacity == 9u << 20 && answer.formula.length > 0 && answer.source.length > 0);
    CHECK_OK(memcore_worst_case_capacity("bump", 1u << 20, 4096, 16, &answer));
    CHECK(!answer.known && answer.capacity == 0 && answer.formula.length == 0);
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_worst_case_capacity("first-fit", 10, 1, 3, &answer));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_worst_case_capacity("first-fit", 10, 11, 1, &answer));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_worst_case_capacity("?", 10, 1, 1, &answer));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_worst_case_capacity(NULL, 10, 1, 1, &answer));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_worst_case_capacity("stack", 10, 1, 1, NULL));
}

int main(void) {
    test_the_example_of_the_books();
    test_creation();
    test_allocation();
    test_ends_of_blocks();
    test_queries();
    test_leak_report();
    test_arenas_and_stacks();
    test_clones();
    test_huge_spaces();
    test_worst_case();
    return checked();
}
