/* A file of records: ranges handed out by best fit, and compacted when no hole is large enough.
 *
 * The file is an array here; a GPU's heap or a mapped file would be used in the same way. */

#include <memcore.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char file[65536];

static void print_error(void) {
    char message[200];
    memcore_last_error_message(message, sizeof message);
    printf("refused: %s\n", message);
}

/* For calls that cannot fail here. */
static void check(int32_t status) {
    if (status != MEMCORE_STATUS_OK) {
        print_error();
        exit(1);
    }
}

static void print_bar(const memcore_allocator *ranges) {
    char bar[65];
    size_t length;
    check(memcore_allocator_bar(ranges, 64, bar, sizeof bar, &length));
    puts(bar);
}

int main(void) {
    memcore_options options = memcore_options_for(sizeof file);
    memcore_allocator *ranges;
    memcore_block records[16], record, large;
    memcore_plan *plan;
    const memcore_move *moves;
    size_t count, i;
    uint64_t bytes;
    int number;

    options.granularity = 256;
    check(memcore_allocator_create("best-fit", &options, &ranges));

    /* Sixteen records of 4000 bytes, each full of its own number. */
    for (number = 0; number < 16; number++) {
        check(memcore_allocator_allocate(ranges, 4000, &records[number]));
        memset(file + records[number].start, number, records[number].size);
    }
    print_bar(ranges);

    /* Every other one goes. Half the file is free, and there is no room for 10000 bytes. */
    for (number = 0; number < 16; number += 2) {
        check(memcore_allocator_free(ranges, records[number].id, NULL));
    }
    print_bar(ranges);
    if (memcore_allocator_allocate(ranges, 10000, &large) != MEMCORE_STATUS_OK) {
        print_error();
    }

    /* Copy in the order of the plan, allowing overlap, then make the new places true. Record 3 may not move. */
    check(memcore_allocator_plan_compaction(ranges, NULL, &records[3].id, 1, &plan));
    check(memcore_plan_moves(plan, &moves, &count));
    check(memcore_plan_bytes(plan, &bytes));
    for (i = 0; i < count; i++) {
        memmove(file + moves[i].to, file + moves[i].from, moves[i].size);
    }
    check(memcore_allocator_commit(ranges, plan));
    memcore_plan_destroy(plan);
    printf("%zu moves, %" PRIu64 " bytes\n", count, bytes);
    print_bar(ranges);

    /* Ids survive, and so do the bytes. */
    for (number = 1; number < 16; number += 2) {
        check(memcore_allocator_block(ranges, records[number].id, &record));
        assert(file[record.start] == number && file[record.start + record.size - 1] == number);
    }
    check(memcore_allocator_allocate(ranges, 10000, &large));
    printf("%" PRIu64 " bytes at %" PRIu64 "\n", large.requested, large.start);
    memcore_allocator_destroy(ranges);
    return 0;
}
