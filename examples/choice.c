/* The allocator that a replay recommended, in a program: the same in every language. */

#include <memcore.h>

#include <inttypes.h>
#include <stdio.h>

int main(void) {
    memcore_options options = memcore_options_for(8 << 20);
    memcore_request request = memcore_request_for(1000);
    memcore_allocator *space;
    memcore_block block;

    options.granularity = 16;
    request.alignment = 16;
    if (memcore_allocator_create("first-fit", &options, &space) != MEMCORE_STATUS_OK) {
        return 1;
    }
    if (memcore_allocator_allocate_with(space, &request, &block) == MEMCORE_STATUS_OK) {
        printf("%" PRIu64 " bytes at %" PRIu64 "\n", block.size, block.start);
        memcore_allocator_free(space, block.id, NULL);
    }
    memcore_allocator_destroy(space);
    return 0;
}
