/* An allocator in static memory, for at most 16 blocks at once. */

#include <memcore.h>

#include <stdio.h>

static _Alignas(MEMCORE_FIXED_ALIGNMENT) unsigned char tables[16384];

int main(void) {
    const memcore_options options = memcore_options_for(1 << 20);
    memcore_allocator *allocator;
    memcore_block block;
    size_t needed;
    if (memcore_fixed_bytes("tlsf", &options, 16, &needed) != MEMCORE_STATUS_OK || needed > sizeof tables) {
        return 1;
    }
    if (memcore_allocator_create_fixed(tables, sizeof tables, 16, "tlsf", &options, &allocator) != MEMCORE_STATUS_OK) {
        return 1;
    }
    int blocks = 0;
    while (memcore_allocator_allocate(allocator, 100, &block) == MEMCORE_STATUS_OK) {
        blocks += 1;
    }
    printf("%d blocks, then the tables were full\n", blocks);
    return memcore_allocator_destroy(allocator);
}
