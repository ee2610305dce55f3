/**
 * \file test_persistent.c
 * Images that survive their process: made here, written by a child that is killed, opened and read by another.
 */

#define _POSIX_C_SOURCE 200809L /* for mkstemp and kill */

#include <memcore.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static uint64_t words[2048];

static memcore_error_details last(void) {
    memcore_error_details details;
    CHECK_OK(memcore_last_error(&details));
    return details;
}

struct seen {
    memcore_persistent_heap *heap;
    uint64_t blocks;
    uint64_t bytes;
};

static int32_t note(const memcore_persistent_block *block, void *user) {
    struct seen *seen = (struct seen *)user;
    CHECK(block->offset % block->alignment == 0);
    seen->blocks += 1;
    seen->bytes += block->size;
    if (seen->heap != NULL) {
        CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_persistent_free(seen->heap, block->offset));
    }
    return seen->blocks == 3;
}

static void test_calls(void) {
    memcore_memory memory = memcore_memory_of(words, sizeof words);
    memcore_persistent_heap *heap = NULL;
    memcore_stats stats;
    uint64_t block = 0, moved = 0, root = 99, number = 0, blocks[3];
    char *bytes = NULL;
    size_t size = 0;
    CHECK_OK(memcore_persistent_create(&memory, "best-fit", &heap));
    CHECK_OK(memcore_persistent_capacity(heap, &number));
    CHECK(number > 16000 && number <= sizeof words);
    CHECK_OK(memcore_persistent_generation(heap, &number));
    CHECK(number == 0);
    CHECK_OK(memcore_persistent_allocate(heap, 100, 64, &block));
    CHECK(block % 64 == 0);
    CHECK_OK(memcore_persistent_bytes(heap, block, (void **)&bytes, &size));
    CHECK(size == 100 && bytes == (char *)words + block);
    strcpy(bytes, "hello");
    CHECK_OK(memcore_persistent_root(heap, 3, &root));
    CHECK(root == 0);
    CHECK_OK(memcore_persistent_set_root(heap, 3, block));
    for (size_t i = 0; i < 3; i += 1) {
        CHECK_OK(memcore_persistent_allocate_zeroed(heap, 50, 1, &blocks[i]));
    }
    CHECK_OK(memcore_persistent_resize(heap, block, 2000, &moved));
    CHECK(moved != block);
    CHECK_OK(memcore_persistent_root(heap, 3, &root));
    CHECK(root == moved);
    CHECK_OK(memcore_persistent_bytes(heap, moved, (void **)&bytes, NULL));
    CHECK(strcmp(bytes, "hello") == 0);
    struct seen seen = {heap, 0, 0};
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_persistent_visit(heap, note, &seen));
    CHECK_OK(memcore_persistent_stats(heap, &stats));
    CHECK(stats.blocks == 4);
    CHECK_OK(memcore_persistent_validate(heap, NULL));
    CHECK_OK(memcore_persistent_sync(heap));

    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_persistent_free(heap, block));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_persistent_free(heap, moved + 8));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_persistent_free(heap, 0));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_IN_HEAP, memcore_persistent_free(heap, UINT64_MAX));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK, memcore_persistent_set_root(heap, 0, block));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_persistent_set_root(heap, MEMCORE_ROOTS, moved));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_persistent_root(heap, UINT32_MAX, &root));
    CHECK_STATUS(MEMCORE_STATUS_TOO_LARGE, memcore_persistent_allocate(heap, SIZE_MAX, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_SPACE, memcore_persistent_allocate(heap, 14500, 1, &block));
    CHECK_STATUS(MEMCORE_STATUS_BAD_ALIGNMENT, memcore_persistent_allocate(heap, 1, 3, &block));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_persistent_visit(heap, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE,
                 memcore_persistent_view_destroy((memcore_persistent_view *)heap));
    CHECK_OK(memcore_persistent_free(heap, blocks[1]));
    CHECK_OK(memcore_persistent_close(heap));
    CHECK_OK(memcore_persistent_close(NULL));

    /* The same image at another address, in a copy. */
    memcore_recovery recovery;
    static uint64_t copy[2048];
    memcpy(copy, words, sizeof words);
    memory = memcore_memory_of(copy, sizeof copy);
    CHECK_OK(memcore_persistent_open(&memory, &recovery, &heap));
    CHECK(recovery.clean && !recovery.completed && recovery.blocks == 3 && recovery.bytes == 2100);
    CHECK_OK(memcore_persistent_root(heap, 3, &root));
    CHECK_OK(memcore_persistent_bytes(heap, root, (void **)&bytes, NULL));
    CHECK(bytes == (char *)copy + root && strcmp(bytes, "hello") == 0);
    CHECK_OK(memcore_persistent_destroy(heap));

    /* A view needs no alignment, and writes nothing. */
    static char shifted[sizeof words + 1];
    memcpy(shifted + 1, words, sizeof words);
    memcore_persistent_view *view = NULL;
    memcore_persistent_image image;
    const char *text = NULL;
    CHECK_OK(memcore_persistent_view_create(shifted + 1, sizeof words, &view));
    CHECK_OK(memcore_persistent_view_root(view, 3, &root));
    CHECK_OK(memcore_persistent_view_bytes(view, root, (const void **)&text, &size));
    CHECK(size == 2000 && strcmp(text, "hello") == 0);
    CHECK_OK(memcore_persistent_view_look(view, &image));
    CHECK(image.clean && image.generation == 7 && image.capacity > 16000);
    seen.heap = NULL;
    seen.blocks = seen.bytes = 0;
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_persistent_view_visit(view, note, &seen));
    CHECK(seen.bytes == 2100);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_NOT_A_BLOCK,
                 memcore_persistent_view_bytes(view, root + 32, (const void **)&text, NULL));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_persistent_view_root(view, 16, &root));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_WRONG_HANDLE,
                 memcore_persistent_sync((memcore_persistent_heap *)view));
    CHECK_OK(memcore_persistent_view_destroy(view));
    CHECK(memcmp(shifted + 1, words, sizeof words) == 0);
}

static void test_refusals(void) {
    static uint64_t bad[2048];
    memcore_memory memory = memcore_memory_of(bad, sizeof bad);
    memcore_persistent_heap *heap = NULL;
    memcore_persistent_view *view = NULL;
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_IMAGE, memcore_persistent_open(&memory, NULL, &heap));
    CHECK(last().rule.length > 0);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_IMAGE, memcore_persistent_view_create(bad, sizeof bad, &view));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_IMAGE, memcore_persistent_view_create(NULL, 0, &view));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_persistent_view_create(NULL, 1, &view));
    CHECK_STATUS(MEMCORE_STATUS_UNSUPPORTED, memcore_persistent_create(&memory, "buddy", &heap));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_persistent_create(&memory, "none", &heap));

    /* Any byte of superblock or headers that is damaged is found, and nothing is written. */
    for (size_t at = 0; at < sizeof words; at += at < 1600 ? 1 : 101) {
        memcpy(bad, words, sizeof words);
        ((unsigned char *)bad)[at] ^= 0x10;
        static uint64_t before[2048];
        memcpy(before, bad, sizeof bad);
        const int32_t status = memcore_persistent_open(&memory, NULL, &heap);
        if (status == MEMCORE_STATUS_OK) {
            CHECK_OK(memcore_persistent_validate(heap, NULL));
            CHECK_OK(memcore_persistent_destroy(heap));
        } else {
            CHECK(status == MEMCORE_STATUS_HEAP_BAD_IMAGE);
            CHECK(memcmp(bad, before, sizeof bad) == 0);
        }
        /* Generation and writer may be anything, as may what is not used, the journal, and blocks. */
        const int means_nothing =
            (at >= 24 && at < 40) || (at >= 48 && at < 64) || (at >= 264 && at < 1280) || at >= 1312;
        CHECK(status == MEMCORE_STATUS_HEAP_BAD_IMAGE || means_nothing);
    }
    memory = memcore_memory_of((char *)bad + 1, sizeof bad - 1);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_persistent_create(&memory, NULL, &heap));
    memory = memcore_memory_of(bad, 1311);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_BAD_MEMORY, memcore_persistent_create(&memory, NULL, &heap));
    memory = memcore_memory_own(1 << 20);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_persistent_open(&memory, NULL, &heap));
    memory = memcore_memory_file("/no/such/folder/image", 1 << 20);
    CHECK_STATUS(MEMCORE_STATUS_HEAP_SYSTEM, memcore_persistent_open(&memory, NULL, &heap));
}

enum { NODES = 200 };

/* A list whose links are offsets: each node is complete before the root shows it. */
struct node {
    uint64_t next;
    uint64_t number;
};

static int write_list(const char *name) {
    const memcore_memory memory = memcore_memory_file(name, 1 << 22);
    memcore_persistent_heap *heap;
    uint64_t block, before = 0;
    if (memcore_persistent_create(&memory, NULL, &heap) != MEMCORE_STATUS_OK) {
        return 1;
    }
    for (uint64_t number = 0; number < NODES; number += 1) {
        struct node *node;
        if (memcore_persistent_allocate(heap, sizeof *node, 8, &block) != MEMCORE_STATUS_OK ||
            memcore_persistent_bytes(heap, block, (void **)&node, NULL) != MEMCORE_STATUS_OK) {
            return 1;
        }
        node->next = before;
        node->number = number;
        if (memcore_persistent_set_root(heap, 0, block) != MEMCORE_STATUS_OK) {
            return 1;
        }
        before = block;
    }
    return 0;
}

static int read_list(const char *name) {
    static char image[1 << 20];
    FILE *file = fopen(name, "rb");
    memcore_persistent_view *view;
    memcore_persistent_image found;
    uint64_t block, expected = NODES;
    if (file == NULL) {
        return 1;
    }
    const size_t size = fread(image, 1, sizeof image, file);
    fclose(file);
    if (memcore_persistent_view_create(image, size, &view) != MEMCORE_STATUS_OK ||
        memcore_persistent_view_root(view, 0, &block) != MEMCORE_STATUS_OK ||
        memcore_persistent_view_look(view, &found) != MEMCORE_STATUS_OK || found.clean) {
        return 1;
    }
    while (block != 0) {
        const struct node *node;
        expected -= 1;
        if (memcore_persistent_view_bytes(view, block, (const void **)&node, NULL) != MEMCORE_STATUS_OK ||
            node->number != expected) {
            return 1;
        }
        block = node->next;
    }
    memcore_persistent_view_destroy(view);
    return expected != 0;
}

/* Runs a function in a process of its own; it ends by the status that it answers, or kills itself. */
static int in_a_child(int (*body)(const char *), const char *name, int killed) {
    const pid_t child = fork();
    if (child == 0) {
        const int status = body(name);
        if (killed && status == 0) {
            kill(getpid(), SIGKILL);
        }
        _exit(status);
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return status;
}

static void test_processes(void) {
    char name[] = "/tmp/memcore-test-image-XXXXXX";
    const int file = mkstemp(name);
    CHECK(file >= 0);
    int status = in_a_child(write_list, name, 1);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    status = in_a_child(read_list, name, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    /* Here it goes on. */
    const memcore_memory memory = memcore_memory_file(name, 1 << 22);
    memcore_persistent_heap *heap = NULL, *second = NULL;
    memcore_recovery recovery;
    uint64_t block = 0;
    CHECK_OK(memcore_persistent_open(&memory, &recovery, &heap));
    CHECK(!recovery.clean && recovery.blocks == NODES && recovery.bytes == NODES * sizeof(struct node));
    CHECK_STATUS(MEMCORE_STATUS_HEAP_SYSTEM, memcore_persistent_open(&memory, NULL, &second)); /* it is locked */
    CHECK_OK(memcore_persistent_root(heap, 0, &block));
    while (block != 0) {
        struct node *node = NULL;
        CHECK_OK(memcore_persistent_bytes(heap, block, (void **)&node, NULL));
        const uint64_t next = node->next;
        CHECK_OK(memcore_persistent_free(heap, block));
        block = next;
    }
    CHECK_OK(memcore_persistent_allocate(heap, 1 << 20, 4096, &block)); /* the file grows */
    CHECK_OK(memcore_persistent_validate(heap, NULL));
    CHECK_OK(memcore_persistent_close(heap));
    CHECK_OK(memcore_persistent_open(&memory, &recovery, &heap));
    CHECK(recovery.clean && recovery.blocks == 1 && recovery.bytes == 1 << 20);
    CHECK_OK(memcore_persistent_close(heap));
    close(file);
    unlink(name);
}

int main(void) {
    test_calls();
    test_refusals();
    test_processes();
    return checked();
}
