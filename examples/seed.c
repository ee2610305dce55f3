/* Four requests and a free, first fit: where everything goes, and what is left. */

#include <memcore.h>

#include <inttypes.h>
#include <stdio.h>

/* Says why the last call failed, with its numbers. */
static void print_refusal(void) {
    char message[200];
    memcore_last_error_message(message, sizeof message);
    printf("refused: %s\n", message);
}

int main(void) {
    memcore_options options = memcore_options_for(1024);
    memcore_allocator *space;
    memcore_block blocks[3], fourth;
    memcore_stats stats;
    const uint64_t sizes[3] = {100, 200, 150};
    char text[1000];
    size_t length;
    int i;

    if (memcore_allocator_create("first-fit", &options, &space) != MEMCORE_STATUS_OK) {
        print_refusal();
        return 1;
    }
    for (i = 0; i < 3; i++) {
        memcore_allocator_allocate(space, sizes[i], &blocks[i]);
        printf("%" PRIu64 " bytes at %" PRIu64 "\n", blocks[i].size, blocks[i].start);
    }

    memcore_allocator_free(space, blocks[1].id, NULL);
    printf("%" PRIu64 " bytes at %" PRIu64 " freed\n", blocks[1].size, blocks[1].start);
    /* The hole at 100 has 200 bytes: 300 do not fit. */
    memcore_allocator_allocate(space, 300, &fourth);
    printf("%" PRIu64 " bytes at %" PRIu64 "\n", fourth.size, fourth.start);

    memcore_allocator_bar(space, 64, text, sizeof text, &length);
    puts(text);
    memcore_allocator_table(space, 20, text, sizeof text, &length);
    puts(text);
    memcore_allocator_stats(space, &stats);
    printf("used %" PRIu64 ", free %" PRIu64 ", capacity %" PRIu64 "\n", stats.used, stats.free, stats.capacity);
    printf("largest hole %" PRIu64 " of %" PRIu64 " holes\n", stats.largest_hole, stats.holes);
    printf("external fragmentation %.2f %%\n", 100 * stats.external_fragmentation);

    if (memcore_allocator_free(space, blocks[1].id, NULL) != MEMCORE_STATUS_OK) {
        print_refusal();
    }
    if (memcore_allocator_allocate(space, 400, &fourth) != MEMCORE_STATUS_OK) {
        print_refusal();
    }
    memcore_allocator_destroy(space);
    return 0;
}
