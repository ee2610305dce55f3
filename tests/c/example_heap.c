/* A heap in static memory that finds mistakes, and an arena beside it. */

#include <memcore.h>

#include <stdio.h>
#include <string.h>

static unsigned char bytes[65536];

/* Says why the last call failed, with its numbers. */
static void say(const char *what) {
    memcore_error_details details;
    memcore_last_error(&details);
    printf("%s: %s, byte %d is 0x%02x\n", what, memcore_status_message(details.status), (int)details.offset,
           (unsigned)details.found);
}

static int32_t show(const memcore_leak *leak, void *user) {
    (void)user;
    printf("left: %zu bytes with tag %u, allocation %d\n", leak->size, (unsigned)leak->tag, (int)leak->number);
    return 0;
}

int main(void) {
    memcore_heap_options options = memcore_heap_options_for(memcore_memory_of(bytes, sizeof bytes));
    memcore_memory own = memcore_memory_own((size_t)1 << 30);
    memcore_heap *heap;
    memcore_arena *arena;
    char *name, *list, *text;
    options.strategy = "best-fit";
    options.checks = "light:track=yes";
    if (memcore_heap_create(&options, &heap) != MEMCORE_STATUS_OK ||
        memcore_heap_allocate_tagged(heap, 5, 1, 1, 0, (void **)&name) != MEMCORE_STATUS_OK ||
        memcore_heap_allocate_tagged(heap, 100, 16, 2, 0, (void **)&list) != MEMCORE_STATUS_OK) {
        return 1;
    }
    memcpy(name, "hello", 6); /* one byte too many */
    if (memcore_heap_free(heap, name) == MEMCORE_STATUS_HEAP_REDZONE_SMASHED) {
        say("free");
        memcore_heap_release_smashed(heap, name);
    }
    printf("again: %s\n", memcore_status_message(memcore_heap_free(heap, name)));
    memcore_heap_leaks(heap, show, NULL);
    memcore_heap_destroy(heap);

    if (memcore_arena_create(&own, &arena) != MEMCORE_STATUS_OK ||
        memcore_arena_copy(arena, "hello", 6, 1, (void **)&text) != MEMCORE_STATUS_OK) {
        return 1;
    }
    printf("%s\n", text);
    return memcore_arena_destroy(arena); /* with all that is in it */
}
