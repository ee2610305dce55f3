/* The virtual memory manager of the textbooks: its printed example, then what happens with fewer frames than pages. */

#include <memcore.h>

#include <inttypes.h>
#include <stdio.h>

static void print_table(const memcore_vmm *manager) {
    char text[2000];
    size_t length;
    if (memcore_vmm_page_table(manager, text, sizeof text, &length) == MEMCORE_STATUS_OK) {
        printf("%s", text);
    }
}

static void print_summary(const memcore_vmm *manager) {
    char text[500];
    size_t length;
    if (memcore_vmm_summary(manager, text, sizeof text, &length) == MEMCORE_STATUS_OK) {
        printf("%s", text);
    }
}

static void access_page(memcore_vmm *manager, int64_t address, int32_t kind) {
    memcore_vmm_translation found;
    if (memcore_vmm_translate(manager, address, kind, &found) != MEMCORE_STATUS_OK) {
        char message[200];
        memcore_last_error_message(message, sizeof message);
        printf("refused: %s\n", message);
        return;
    }
    printf("%s of %" PRId64 ": %s", kind == MEMCORE_ACCESS_KIND_WRITE ? "write" : "read", address,
           found.hit ? "hit" : "page fault");
    if (found.has_evicted) {
        printf(", page %" PRIu32 " left", found.evicted);
    }
    printf(", physical address %" PRIu64 "\n", found.address);
}

int main(void) {
    memcore_vmm_options options = memcore_vmm_options_for(4096, 8);
    memcore_vmm *manager;
    memcore_vmm_translation found;
    memcore_vmm_figures figures;
    uint64_t frame;

    puts("=== Virtual Memory Manager Test ===");
    if (memcore_vmm_create(&options, &manager) != MEMCORE_STATUS_OK) {
        return 1;
    }
    for (int64_t page = 0; page < 2; page += 1) {
        if (memcore_vmm_allocate_page(manager, page, NULL) == MEMCORE_STATUS_OK) {
            printf("Allocated virtual page %" PRId64 "\n", page);
        }
    }
    for (int64_t address = 0; address <= 4096; address += 4096) {
        if (memcore_vmm_translate(manager, address, MEMCORE_ACCESS_KIND_READ, &found) == MEMCORE_STATUS_OK) {
            printf("Virtual address %" PRId64 " -> Physical address %" PRIu64 "\n", address, found.address);
        }
    }
    print_table(manager);
    puts("\nVirtual Memory Statistics:");
    print_summary(manager);
    memcore_vmm_destroy(manager);

    puts("\n=== The same pages in 2 frames, replaced by LRU ===");
    options.frames = 2;
    options.policy = "lru";
    if (memcore_vmm_create(&options, &manager) != MEMCORE_STATUS_OK) {
        return 1;
    }
    for (int64_t page = 0; page < 3; page += 1) {
        if (memcore_vmm_allocate_page(manager, page, &frame) == MEMCORE_STATUS_OK) {
            printf("page %" PRId64 " in frame %" PRIu64 "\n", page, frame);
        }
    }
    access_page(manager, 4096, MEMCORE_ACCESS_KIND_WRITE);
    access_page(manager, 5, MEMCORE_ACCESS_KIND_READ);
    access_page(manager, 8192, MEMCORE_ACCESS_KIND_READ);
    print_table(manager);
    print_summary(manager);
    if (memcore_vmm_statistics(manager, &figures) == MEMCORE_STATUS_OK) {
        printf("Written back: %" PRIu64 "\n", figures.write_backs);
    }
    access_page(manager, -1, MEMCORE_ACCESS_KIND_READ);
    access_page(manager, 32768, MEMCORE_ACCESS_KIND_READ);
    access_page(manager, 28672, MEMCORE_ACCESS_KIND_READ);
    memcore_vmm_destroy(manager);
    return 0;
}
