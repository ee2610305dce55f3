/**
 * \file test_malloc.c
 * memcore_malloc and its kin: what C17 and POSIX say, and threads that hand their blocks to each other.
 */

#include <memcore.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static void test_semantics(void) {
    /* Each block of 0 bytes is one of its own. */
    void *nothing = memcore_malloc(0), *more = memcore_malloc(0);
    CHECK(nothing != NULL && more != NULL && nothing != more);
    memcore_free(nothing);
    memcore_free(more);

    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        unsigned char *block = (unsigned char *)memcore_malloc(size);
        CHECK(block != NULL && (uintptr_t)block % MEMCORE_MALLOC_ALIGNMENT == 0);
        CHECK(memcore_malloc_usable_size(block) >= size);
        memset(block, 0x11, memcore_malloc_usable_size(block));
        memcore_free(block);

        block = (unsigned char *)memcore_calloc(size, 3);
        CHECK(block != NULL && (uintptr_t)block % MEMCORE_MALLOC_ALIGNMENT == 0);
        for (size_t i = 0; i < size * 3; i += 1) {
            CHECK(block[i] == 0);
        }
        memcore_free(block);
    }

    errno = 0;
    CHECK(memcore_malloc(SIZE_MAX) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(memcore_malloc((size_t)PTRDIFF_MAX + 1) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(memcore_calloc(SIZE_MAX / 2 + 1, 2) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(memcore_calloc(SIZE_MAX, SIZE_MAX) == NULL && errno == ENOMEM);
    nothing = memcore_calloc(0, SIZE_MAX);
    CHECK(nothing != NULL);
    memcore_free(nothing);

    /* free keeps errno, and does nothing with null. */
    errno = 77;
    memcore_free(memcore_malloc(100));
    memcore_free(NULL);
    CHECK(errno == 77);
}

static void test_realloc(void) {
    unsigned char *block = (unsigned char *)memcore_realloc(NULL, 10);
    CHECK(block != NULL);
    for (size_t i = 0; i < 10; i += 1) {
        block[i] = (unsigned char)i;
    }
    for (size_t size = 10; size < 5000000; size *= 2) {
        block = (unsigned char *)memcore_realloc(block, size);
        CHECK(block != NULL && (uintptr_t)block % MEMCORE_MALLOC_ALIGNMENT == 0);
        block[size - 1] = 9;
    }
    for (size_t i = 0; i < 9; i += 1) {
        CHECK(block[i] == i);
    }
    errno = 0;
    CHECK(memcore_realloc(block, SIZE_MAX) == NULL && errno == ENOMEM);
    CHECK(block[8] == 8);
    block = (unsigned char *)memcore_realloc(block, 9);
    CHECK(block != NULL && block[8] == 8);
    CHECK(memcore_realloc(block, 0) == NULL);
    CHECK(memcore_malloc_usable_size(block) == 0);
    CHECK(memcore_malloc_refused() == 0);
}

static void test_alignment(void) {
    void *block;
    for (size_t alignment = 1; alignment <= (size_t)1 << 20; alignment *= 2) {
        block = memcore_aligned_alloc(alignment, 24);
        CHECK(block != NULL && (uintptr_t)block % alignment == 0 && (uintptr_t)block % 16 == 0);
        memset(block, 1, 24);
        memcore_free(block);
        block = (void *)&block;
        if (alignment >= sizeof(void *)) {
            CHECK(memcore_posix_memalign(&block, alignment, 0) == 0);
            CHECK((uintptr_t)block % alignment == 0);
            memcore_free(block);
        } else {
            CHECK(memcore_posix_memalign(&block, alignment, 8) == EINVAL);
            CHECK(block == (void *)&block);
        }
    }
    errno = 0;
    CHECK(memcore_aligned_alloc(24, 24) == NULL && errno == EINVAL);
    errno = 0;
    CHECK(memcore_aligned_alloc(0, 24) == NULL && errno == EINVAL);
    errno = 0;
    CHECK(memcore_aligned_alloc(16, SIZE_MAX) == NULL && errno == ENOMEM);

    block = (void *)&block;
    errno = 55;
    CHECK(memcore_posix_memalign(&block, 24, 8) == EINVAL);
    CHECK(memcore_posix_memalign(&block, 16, SIZE_MAX) == ENOMEM);
    CHECK(memcore_posix_memalign(NULL, 16, 8) == EINVAL);
    CHECK(block == (void *)&block && errno == 55);
}

static void test_bad_pointers(void) {
    int local = 0;
    char *block = (char *)memcore_malloc(100);
    uint64_t refused = memcore_malloc_refused();
    memcore_free(&local);
    memcore_free(block + 1);
    memcore_free(block + 16);
    memcore_free((void *)UINTPTR_MAX);
    CHECK(memcore_malloc_refused() == refused + 4);
    CHECK(memcore_malloc_usable_size(&local) == 0 && memcore_malloc_usable_size(block + 16) == 0);
    CHECK(memcore_malloc_usable_size(NULL) == 0);
    errno = 0;
    CHECK(memcore_realloc(block + 1, 10) == NULL && errno == EINVAL);
    CHECK(memcore_malloc_refused() == refused + 5);
    memcore_free(block);
    memcore_free(block);
    CHECK(memcore_malloc_refused() == refused + 6);
}

static void test_figures(void) {
    memcore_stats before, after;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_malloc_stats(NULL));
    CHECK_OK(memcore_malloc_stats(&before));
    void *block = memcore_malloc(10 << 20);
    memset(block, 1, 10 << 20);
    CHECK_OK(memcore_malloc_stats(&after));
    CHECK(after.used >= before.used + (10 << 20));
    memcore_free(block);
    CHECK(memcore_malloc_trim() >= 10 << 20);
}

/* Threads that hand blocks to each other through a table: each slot is emptied by whoever finds it full. */
enum { THREADS = 4, SLOTS = 64 };

static struct {
    pthread_mutex_t lock;
    unsigned char *block;
    size_t size;
} slots[SLOTS];

/* A block's bytes follow from its size, so that whoever frees it can tell whether it is whole. */
static void put_in(unsigned char *block, size_t size) {
    for (size_t i = 0; i < size; i += 1) {
        block[i] = (unsigned char)(size + i);
    }
}

static int is_whole(const unsigned char *block, size_t size) {
    for (size_t i = 0; i < size; i += 1) {
        if (block[i] != (unsigned char)(size + i)) {
            return 0;
        }
    }
    return 1;
}

static void *hand_around(void *user) {
    uint32_t state = 1 + *(const uint32_t *)user;
    const int rounds = getenv("MEMCORE_TEST_SHORT") != NULL ? 300 : 20000;
    for (int i = 0; i < rounds; i += 1) {
        state = state * 1664525u + 1013904223u;
        const size_t slot = state >> 8 & (SLOTS - 1);
        const size_t size = state % 100 == 0 ? 20000 : state >> 16 & 511;
        unsigned char *block;
        switch (state >> 4 & 3) {
        case 0: block = (unsigned char *)memcore_calloc(1, size); break;
        case 1: block = (unsigned char *)memcore_aligned_alloc(64, size); break;
        default: block = (unsigned char *)memcore_malloc(size); break;
        }
        if (block == NULL) {
            CHECK(block != NULL);
            return NULL;
        }
        put_in(block, size);
        pthread_mutex_lock(&slots[slot].lock);
        unsigned char *other = slots[slot].block;
        const size_t other_size = slots[slot].size;
        slots[slot].block = block;
        slots[slot].size = size;
        pthread_mutex_unlock(&slots[slot].lock);
        if (other != NULL) {
            CHECK(is_whole(other, other_size));
            if (i % 4 == 0) {
                other = (unsigned char *)memcore_realloc(other, other_size + 100);
                CHECK(other != NULL && is_whole(other, other_size));
            }
            memcore_free(other);
        }
    }
    return NULL;
}

static void test_threads(void) {
    pthread_t threads[THREADS];
    uint32_t seeds[THREADS];
    memcore_stats before, after;
    const uint64_t refused = memcore_malloc_refused();
    CHECK_OK(memcore_malloc_stats(&before));
    for (size_t i = 0; i < SLOTS; i += 1) {
        CHECK(pthread_mutex_init(&slots[i].lock, NULL) == 0);
    }
    for (uint32_t i = 0; i < THREADS; i += 1) {
        seeds[i] = i * 7;
        CHECK(pthread_create(&threads[i], NULL, hand_around, &seeds[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i += 1) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    for (size_t i = 0; i < SLOTS; i += 1) {
        if (slots[i].block != NULL) {
            CHECK(is_whole(slots[i].block, slots[i].size));
            memcore_free(slots[i].block);
        }
        pthread_mutex_destroy(&slots[i].lock);
    }
    CHECK_OK(memcore_malloc_stats(&after));
    CHECK(after.blocks == before.blocks);
    CHECK(memcore_malloc_refused() == refused);
}

/* The same for a heap of the program's own. */
struct parcel {
    memcore_threaded_heap *heap;
    void *blocks[200];
};

static void *fill_parcel(void *user) {
    struct parcel *parcel = (struct parcel *)user;
    for (size_t i = 0; i < 200; i += 1) {
        CHECK_OK(memcore_threaded_heap_allocate(parcel->heap, i * 10 + 1, 8, &parcel->blocks[i]));
        memset(parcel->blocks[i], (int)i, i * 10 + 1);
    }
    return NULL;
}

static void test_threaded_heap(void) {
    static struct parcel parcel;
    memcore_threaded_heap *heap = NULL;
    memcore_stats stats;
    void *block = NULL;
    size_t size = 0;
    bool contained = false;
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_threaded_heap_create(0, 0, &heap));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_threaded_heap_create(1 << 24, 9, &heap));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_threaded_heap_create(1 << 24, 0, NULL));
    CHECK_OK(memcore_threaded_heap_create(1 << 24, MEMCORE_HUGE_PAGES_NEVER, &heap));
    parcel.heap = heap;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fill_parcel, &parcel) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_OK(memcore_threaded_heap_stats(heap, &stats));
    CHECK(stats.blocks == 200);
    for (size_t i = 0; i < 200; i += 1) {
        const unsigned char *bytes = (const unsigned char *)parcel.blocks[i];
        CHECK(bytes[0] == (unsigned char)i && bytes[i * 10] == (unsigned char)i);
        CHECK_OK(memcore_threaded_heap_free(heap, parcel.blocks[i]));
        CHECK_STATUS(MEMCORE_STATUS_DOUBLE_FREE, memcore_threaded_heap_free(heap, parcel.blocks[i]));
    }
    CHECK_OK(memcore_threaded_heap_validate(heap, NULL));

    CHECK_OK(memcore_threaded_heap_allocate_zeroed(heap, 100, 64, &block));
    CHECK((uintptr_t)block % 64 == 0 && *(unsigned char *)block == 0);
    CHECK_OK(memcore_threaded_heap_usable_size(heap, block, &size));
    CHECK(size >= 100);
    memset(block, 7, 100);
    CHECK_OK(memcore_threaded_heap_reallocate(heap, block, 100000, 16, &block));
    CHECK(((unsigned char *)block)[99] == 7);
    CHECK_OK(memcore_threaded_heap_contains(heap, block, &contained));
    CHECK(contained);
    CHECK_OK(memcore_threaded_heap_contains(heap, &block, &contained));
    CHECK(!contained);
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_threaded_heap_allocate(heap, 1, 3, &block));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_threaded_heap_allocate(heap, SIZE_MAX, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_threaded_heap_free(heap, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_threaded_heap_free(heap, (char *)block + 16));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_threaded_heap_usable_size(heap, (char *)block + 16, &size));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK,
                 memcore_threaded_heap_reallocate(heap, (char *)block + 16, 1, 1, &block));
    CHECK_OK(memcore_threaded_heap_free(heap, block));
    CHECK_OK(memcore_threaded_heap_trim(heap, &size));
    CHECK(size >= 100000);
    CHECK_OK(memcore_threaded_heap_trim(heap, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE, memcore_heap_free((memcore_heap *)heap, block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_threaded_heap_free(NULL, block));
    CHECK_OK(memcore_threaded_heap_destroy(heap));
    CHECK_OK(memcore_threaded_heap_destroy(NULL));
}

int main(void) {
    test_semantics();
    test_realloc();
    test_alignment();
    test_bad_pointers();
    test_figures();
    test_threads();
    test_threaded_heap();
    return checked();
}
