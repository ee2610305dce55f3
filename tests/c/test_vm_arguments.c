/**
 * \file test_vm_arguments.c
 * The manager and segmentation through the C door: null pointers, small buffers, numbers that mean nothing.
 */

#include <memcore.h>

#include <inttypes.h>
#include <string.h>

#include "check.h"

#define CHECK_NULL(call) CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, call)
#define CHECK_BAD(call) CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, call)

static void test_manager(void) {
    memcore_vmm *vmm = NULL;
    memcore_vmm_options options = memcore_vmm_options_for(4096, 8);
    memcore_vmm_entry entries[2];
    memcore_vmm_translation found;
    char text[10];
    size_t length = 0, count = 0;
    uint64_t frames[3], page_size = 0;
    CHECK(options.frames == 8 && options.policy == NULL);
    CHECK_NULL(memcore_vmm_create(NULL, &vmm));
    CHECK_NULL(memcore_vmm_create(&options, NULL));
    options.policy = "lur";
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_vmm_create(&options, &vmm));
    options.policy = "lru";
    options.frames = 3;
    CHECK_OK(memcore_vmm_create(&options, &vmm));
    CHECK_OK(memcore_vmm_policy(vmm, text, sizeof text, &length));
    CHECK(strcmp(text, "lru") == 0 && length == 3);
    CHECK_OK(memcore_vmm_page_size(vmm, &page_size));
    CHECK(page_size == 4096);
    for (int64_t page = 0; page < 5; page += 1) {
        CHECK_OK(memcore_vmm_allocate_page(vmm, page, NULL));
    }
    CHECK_OK(memcore_vmm_translate(vmm, 1, MEMCORE_ACCESS_KIND_WRITE, &found));
    CHECK(!found.hit && found.has_evicted && found.evicted == 2 && found.address == 8193);
    CHECK_OK(memcore_vmm_translate(vmm, 1, MEMCORE_ACCESS_KIND_READ, NULL));
    CHECK_BAD(memcore_vmm_translate(vmm, 1, 3, &found));
    CHECK_BAD(memcore_vmm_protect_page(vmm, 0, 8));
    CHECK_NULL(memcore_vmm_translate(NULL, 1, 0, &found));
    CHECK_NULL(memcore_vmm_allocate_page(NULL, 1, NULL));
    CHECK_NULL(memcore_vmm_deallocate_page(NULL, 1));
    CHECK_NULL(memcore_vmm_page(vmm, 0, NULL));
    CHECK_NULL(memcore_vmm_statistics(vmm, NULL));
    CHECK_NULL(memcore_vmm_validate(NULL));
    /* What does not fit is cut off. */
    CHECK_OK(memcore_vmm_pages(vmm, entries, 2, &count));
    CHECK(count == 2 && entries[0].page == 0 && entries[0].modified && !entries[1].present);
    CHECK_OK(memcore_vmm_pages(vmm, NULL, 0, &count));
    CHECK(count == 0);
    CHECK_NULL(memcore_vmm_pages(vmm, NULL, 1, &count));
    CHECK_OK(memcore_vmm_deallocate_page(vmm, 0));
    CHECK_OK(memcore_vmm_free_frames(vmm, frames, 3, &count));
    CHECK(count == 1 && frames[0] == 2);
    CHECK_OK(memcore_vmm_page_table(vmm, text, sizeof text, &length));
    CHECK(strcmp(text, "Page Tabl") == 0 && length > 100);
    CHECK_OK(memcore_vmm_summary(vmm, NULL, 0, &length));
    CHECK_NULL(memcore_vmm_summary(vmm, NULL, 1, &length));
    memcore_vmm_destroy(vmm);
    memcore_vmm_destroy(NULL);
}

static void test_unit(void) {
    memcore_segment_unit *unit = NULL;
    memcore_segment_descriptor is, held;
    uint64_t words[2] = {0, 0}, word = 0;
    uint16_t selector = 0;
    uint32_t linear = 0;
    CHECK_OK(memcore_segment_describe(0x1000, 16, MEMCORE_SEGMENT_KIND_DATA, 0, &is));
    CHECK(is.limit == 15 && is.writable && is.present && is.big && !is.granular);
    CHECK_STATUS(MEMCORE_STATUS_SEGMENT_DESCRIPTOR, memcore_segment_describe(0, 0, 0, 0, &is));
    CHECK_BAD(memcore_segment_describe(0, 1, 3, 0, &is));
    CHECK_OK(memcore_segment_encode(&is, &words[1]));
    CHECK(words[1] == 0x004092001000000f);
    held = is;
    held.kind = 7;
    CHECK_BAD(memcore_segment_encode(&held, &word));
    held.kind = MEMCORE_SEGMENT_KIND_SYSTEM;
    held.system_code = 16;
    CHECK_STATUS(MEMCORE_STATUS_SEGMENT_DESCRIPTOR, memcore_segment_encode(&held, &word));
    CHECK_NULL(memcore_segment_decode(0, NULL));
    CHECK_NULL(memcore_segment_unit_create(NULL, 1, 0, &unit));
    CHECK_OK(memcore_segment_unit_create(words, 2, 0, &unit));
    CHECK_BAD(memcore_segment_unit_load(unit, 6, 8));
    CHECK_BAD(memcore_segment_unit_load(unit, -1, 8));
    CHECK_OK(memcore_segment_unit_load(unit, MEMCORE_SEGMENT_REGISTER_GS, 8));
    CHECK_OK(memcore_segment_unit_register(unit, MEMCORE_SEGMENT_REGISTER_GS, &selector, &held));
    CHECK(selector == 8 && held.base == 0x1000 && held.accessed);
    CHECK_BAD(memcore_segment_unit_translate(unit, MEMCORE_SEGMENT_REGISTER_GS, 0, 1, 9, &linear));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_segment_unit_word(unit, true, 0, &word));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_segment_unit_word(unit, false, 2, &word));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_segment_unit_set_word(unit, true, 0, 0));
    CHECK_OK(memcore_segment_unit_set_local_table(unit, words, 2));
    CHECK_OK(memcore_segment_unit_load(unit, MEMCORE_SEGMENT_REGISTER_FS, 12));
    CHECK_OK(memcore_segment_unit_remove_local_table(unit));
    CHECK_STATUS(MEMCORE_STATUS_SEGMENT_GENERAL_PROTECTION,
                 memcore_segment_unit_load(unit, MEMCORE_SEGMENT_REGISTER_FS, 12));
    memcore_segment_unit_destroy(unit);
    memcore_segment_unit_destroy(NULL);
}

static void test_multics(void) {
    memcore_multics *multics = NULL;
    memcore_multics_access access = memcore_multics_access_for(7);
    uint32_t process = 0, segment = 0;
    uint64_t address = 0;
    CHECK(access.r1 == 0 && access.r2 == 7 && access.r3 == 7 && access.gates == 0);
    CHECK(memcore_multics_access_for(3).r1 == 7);
    CHECK_NULL(memcore_multics_create(1, 1, NULL));
    CHECK_OK(memcore_multics_create(1024, 4, &multics));
    CHECK_OK(memcore_multics_add_process(multics, 4, &process));
    CHECK_OK(memcore_multics_create_segment(multics, 10, &segment));
    access.modes = 8;
    CHECK_BAD(memcore_multics_attach(multics, process, 0, segment, &access));
    CHECK_NULL(memcore_multics_attach(multics, process, 0, segment, NULL));
    CHECK_BAD(memcore_multics_translate(multics, process, 4, 0, 0, -1, &address));
    CHECK_NULL(memcore_multics_validate(NULL));
    memcore_multics_destroy(multics);
    memcore_multics_destroy(NULL);
}

static void test_memory(void) {
    memcore_segment_memory *memory = NULL;
    uint32_t segment = 0;
    uint64_t moved = 0;
    uint8_t byte = 0;
    CHECK_NULL(memcore_segment_memory_create(NULL, 100, &memory));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_segment_memory_create("fist-fit", 100, &memory));
    CHECK_STATUS(MEMCORE_STATUS_BAD_PARAMETER, memcore_segment_memory_create("first-fit", 0, &memory));
    CHECK_OK(memcore_segment_memory_create("first-fit", 100, &memory));
    CHECK_BAD(memcore_segment_memory_create_segment(memory, 10, 8, &segment));
    CHECK_OK(memcore_segment_memory_create_segment(memory, 10, 3, &segment));
    CHECK_BAD(memcore_segment_memory_translate(memory, segment, 0, 1, 3, &moved));
    CHECK_NULL(memcore_segment_memory_write(memory, segment, 0, NULL, 1));
    CHECK_OK(memcore_segment_memory_write(memory, segment, 10, NULL, 0));
    CHECK_NULL(memcore_segment_memory_read(memory, segment, 0, NULL, 1));
    /* A read that fails writes nothing. */
    byte = 77;
    CHECK_STATUS(MEMCORE_STATUS_SEGMENT_LIMIT, memcore_segment_memory_read(memory, segment, 10, &byte, 1));
    CHECK(byte == 77);
    CHECK_BAD(memcore_segment_memory_protect(memory, segment, 8));
    CHECK_OK(memcore_segment_memory_resize_segment(memory, segment, 12, NULL));
    CHECK_OK(memcore_segment_memory_swap_out(memory, segment));
    CHECK_OK(memcore_segment_memory_swap_in(memory, segment, NULL));
    CHECK_OK(memcore_segment_memory_compact(memory, 0, 0, NULL, NULL));
    CHECK_OK(memcore_segment_memory_destroy_segment(memory, segment));
    memcore_segment_memory_destroy(memory);
    memcore_segment_memory_destroy(NULL);
}

int main(void) {
    test_manager();
    test_unit();
    test_multics();
    test_memory();
    return checked();
}
