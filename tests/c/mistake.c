/**
 * \file mistake.c
 * A program with a mistake in its use of a heap: valgrind and AddressSanitizer have to report it, because the heap tells
 * them of its blocks. run.sh runs it for each mistake: "none", "use-after-free", "overrun".
 */

#include <memcore.h>

#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
    const char *mistake = count > 1 ? arguments[1] : "none";
    memcore_heap_options options = memcore_heap_options_for(memcore_memory_own(1 << 20));
    memcore_heap *heap;
    char *block;
    char seen = 0;
    options.checks = "light:quarantine=64K,tools=yes";
    if (memcore_heap_create(&options, &heap) != MEMCORE_STATUS_OK ||
        memcore_heap_allocate(heap, 40, 8, (void **)&block) != MEMCORE_STATUS_OK) {
        return 1;
    }
    memset(block, 1, 40);
    if (strcmp(mistake, "overrun") == 0) {
        seen = ((volatile char *)block)[40];
    }
    if (memcore_heap_free(heap, block) != MEMCORE_STATUS_OK) {
        return 1;
    }
    if (strcmp(mistake, "use-after-free") == 0) {
        seen = ((volatile char *)block)[20];
    }
    printf("%d\n", seen);
    return memcore_heap_destroy(heap) != MEMCORE_STATUS_OK;
}
