/**
 * \file test_machine_look.c
 * Looking at a machine: page walks, areas, counts, views; saving it, and running traces through it.
 */

#include <memcore.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { PAGE = 4096, RW = MEMCORE_PROT_READ | MEMCORE_PROT_WRITE };

static memcore_machine *machine_of(const char *config, uint32_t *process) {
    memcore_machine *machine = NULL;
    CHECK_OK(memcore_machine_create(config, &machine));
    CHECK_OK(memcore_machine_spawn(machine, process));
    return machine;
}

static uint64_t map_at(memcore_machine *machine, uint32_t process, uint64_t address, uint64_t length) {
    memcore_map_request request = memcore_map_request_for(length, RW);
    uint64_t at = 0;
    if (address != 0) {
        request.address = address;
        request.flags |= MEMCORE_MAP_FIXED;
    }
    CHECK_OK(memcore_machine_mmap(machine, process, &request, &at));
    return at;
}

static int is_text(memcore_text text, const char *expected) {
    return text.length == strlen(expected) && memcmp(text.data, expected, text.length) == 0;
}

/* A translation in Sv39, by hand. */
static void walks(void) {
    uint32_t process;
    memcore_machine *machine = machine_of("riscv-sv39", &process);
    const uint64_t address = 0x123456789;
    memcore_walk walk;
    memcore_walk_step steps[8];
    memcore_translation translation;
    bool is_mapped;
    size_t count, length;
    char text[2000];

    /* Nothing is there: the walk ends where no table is. */
    CHECK_OK(memcore_machine_walk(machine, process, address, &walk, steps, 8, &count));
    CHECK(walk.outcome == MEMCORE_WALK_OUTCOME_EMPTY && walk.address == address && count >= 1);
    map_at(machine, process, address & ~(uint64_t)(PAGE - 1), PAGE);
    CHECK_OK(memcore_machine_write(machine, process, address, "x", 1, NULL));
    CHECK_OK(memcore_machine_walk(machine, process, address, &walk, steps, 8, &count));
    CHECK(count == 3 && walk.outcome == MEMCORE_WALK_OUTCOME_MAPPED && walk.page_size == PAGE);
    /* By hand: 0x123456789 >> 12 = 0x123456; its nines of bits from above: 4, 0x11a, 0x56. */
    CHECK(steps[0].level == 2 && steps[0].index == 4 && is_text(steps[0].name, "VPN[2]"));
    CHECK(steps[1].level == 1 && steps[1].index == 0x11a && is_text(steps[1].name, "VPN[1]"));
    CHECK(steps[2].level == 0 && steps[2].index == 0x56 && is_text(steps[2].name, "VPN[0]"));
    CHECK(steps[0].kind == MEMCORE_WORD_KIND_TABLE && steps[0].frame == steps[1].table);
    CHECK(steps[1].kind == MEMCORE_WORD_KIND_TABLE && steps[1].frame == steps[2].table);
    CHECK(steps[2].kind == MEMCORE_WORD_KIND_PAGE && walk.physical == steps[2].frame * PAGE + 0x789);
    CHECK(steps[1].entry_address == steps[1].table * PAGE + 8 * 0x11a);
    /* The word of RISC-V: the frame from bit 10, and V, R, W among the low bits. */
    CHECK(steps[2].bits >> 10 == steps[2].frame && (steps[2].bits & 7) == 7 && (steps[1].bits & 0xf) == 1);
    CHECK_OK(memcore_machine_translate(machine, process, address, &is_mapped, &translation));
    CHECK(is_mapped && translation.physical == walk.physical && translation.frame == steps[2].frame);
    CHECK(translation.protection == RW && translation.is_dirty && translation.is_accessed);

    CHECK_OK(memcore_machine_walk(machine, process, address, &walk, steps, 1, &count));
    CHECK(count == 3);
    CHECK_OK(memcore_machine_walk_text(machine, process, address, text, sizeof text, &length));
    CHECK(length == strlen(text) && strstr(text, "VPN[1]") != NULL);
    CHECK_OK(memcore_machine_walk(machine, process, UINT64_C(1) << 50, &walk, NULL, 0, &count));
    CHECK(walk.outcome == MEMCORE_WALK_OUTCOME_NOT_CANONICAL && count == 0);
    CHECK_STATUS(MEMCORE_STATUS_VM_NO_PROCESS, memcore_machine_walk(machine, 9, 0, &walk, NULL, 0, &count));

    CHECK_OK(memcore_machine_madvise(machine, process, address & ~(uint64_t)(PAGE - 1), PAGE,
                                     MEMCORE_ADVICE_PAGE_OUT));
    CHECK_OK(memcore_machine_walk(machine, process, address, &walk, steps, 8, &count));
    CHECK(walk.outcome == MEMCORE_WALK_OUTCOME_SWAPPED && steps[2].kind == MEMCORE_WORD_KIND_SWAPPED);
    CHECK_OK(memcore_machine_destroy(machine));
}

static void areas_and_counts(void) {
    uint32_t process;
    memcore_machine *machine = machine_of("linux", &process);
    memcore_area areas[64];
    memcore_text name;
    size_t count, again;
    uint64_t cycles[64], own[64], total = 0;
    CHECK_OK(memcore_machine_areas(machine, process, areas, 64, &count));
    CHECK(count >= 4 && count < 64);
    CHECK(is_text(areas[0].name, "[text]") && areas[0].protection == (MEMCORE_PROT_READ | MEMCORE_PROT_EXECUTE));
    CHECK(is_text(areas[count - 1].name, "[stack]") && (areas[count - 1].flags & MEMCORE_AREA_GROWS_DOWN) != 0);
    const uint64_t at = map_at(machine, process, 0x20000000, 3 * PAGE);
    CHECK_OK(memcore_machine_mprotect(machine, process, at + PAGE, PAGE, MEMCORE_PROT_READ));
    CHECK_OK(memcore_machine_areas(machine, process, areas, 2, &again));
    CHECK(again == count + 3);
    CHECK_OK(memcore_machine_areas(machine, process, areas, 64, &again));
    for (size_t i = 0; i < again; i += 1) {
        CHECK(areas[i].start < areas[i].end && (i == 0 || areas[i - 1].end <= areas[i].start));
        if (areas[i].start == at + PAGE) {
            CHECK(areas[i].end == at + 2 * PAGE && areas[i].protection == MEMCORE_PROT_READ);
            CHECK(areas[i].kind == MEMCORE_AREA_KIND_ANONYMOUS_PRIVATE && areas[i].file == MEMCORE_NO_FILE);
            CHECK(areas[i].name.length == 0);
        }
    }
    CHECK_STATUS(MEMCORE_STATUS_VM_NO_PROCESS, memcore_machine_areas(machine, 7, NULL, 0, &count));

    CHECK_OK(memcore_counter_name(MEMCORE_COUNTER_SWAP_IN, &name));
    CHECK(is_text(name, "swap_in"));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_counter_name(memcore_counter_count(), &name));
    CHECK_OK(memcore_cause_name(MEMCORE_CAUSE_WALK, &name));
    CHECK(is_text(name, "walk"));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_cause_name(memcore_cause_count(), &name));
    CHECK_OK(memcore_machine_access(machine, process, at, 1, MEMCORE_ACCESS_KIND_WRITE, NULL));
    CHECK_OK(memcore_machine_cycles(machine, cycles, 64, &count));
    CHECK_OK(memcore_machine_process_cycles(machine, process, own, 64, &again));
    CHECK(count == memcore_cause_count() && again == count);
    for (size_t i = 0; i < count; i += 1) {
        total += cycles[i];
        CHECK(own[i] <= cycles[i]);
    }
    CHECK(total > 0 && cycles[MEMCORE_CAUSE_TRAP] == 3000 && cycles[MEMCORE_CAUSE_ZERO] == 500);
    CHECK_OK(memcore_machine_process_counters(machine, process, cycles, 64, &count));
    CHECK(cycles[MEMCORE_COUNTER_WRITES] == 1 && cycles[MEMCORE_COUNTER_ZERO_FILL] == 1);
    CHECK_OK(memcore_machine_destroy(machine));
}

static void views(void) {
    uint32_t process;
    memcore_machine *machine = machine_of("linux", &process);
    const uint64_t at = map_at(machine, process, 0x20000000, 4 * PAGE);
    static char text[100000];
    size_t length;
    memcore_memory_info info;
    CHECK_OK(memcore_machine_write(machine, process, at, "x", 1, NULL));
    for (int32_t view = MEMCORE_VIEW_MAPS; view <= MEMCORE_VIEW_BUDDY_INFO; view += 1) {
        CHECK_OK(memcore_machine_view(machine, view, process, text, sizeof text, &length));
        CHECK(length > 20 && length == strlen(text));
        size_t measured;
        CHECK_OK(memcore_machine_view(machine, view, process, NULL, 0, &measured));
        CHECK(measured == length);
    }
    CHECK_OK(memcore_machine_view(machine, MEMCORE_VIEW_MAPS, process, text, sizeof text, &length));
    CHECK(strstr(text, "20000000-20004000 rw-p 00000000 00:00 0") != NULL && strstr(text, "[stack]") != NULL);
    CHECK_OK(memcore_machine_view(machine, MEMCORE_VIEW_MEM_INFO, process, text, sizeof text, &length));
    CHECK(strncmp(text, "MemTotal:         262144 kB\n", 28) == 0);
    CHECK_OK(memcore_machine_memory(machine, &info));
    CHECK(info.total == UINT64_C(256) << 20 && info.anon_pages == PAGE && info.free < info.total);
    CHECK_STATUS(MEMCORE_STATUS_VM_INVALID, memcore_machine_view(machine, 99, process, text, 1, &length));
    CHECK_STATUS(MEMCORE_STATUS_VM_NO_PROCESS,
                 memcore_machine_view(machine, MEMCORE_VIEW_MAPS, 9, text, sizeof text, &length));
    CHECK_OK(memcore_machine_destroy(machine));
}

/* --- Snapshots -------------------------------------------------------------------------------------------------- */

static uint64_t one_page(void *user) { return (void)user, PAGE; }

static int32_t all_q(void *user, uint64_t offset, uint8_t *into, size_t length) {
    (void)user;
    (void)offset;
    memset(into, 'q', length);
    return 0;
}

static int32_t opener(const memcore_saved_file *file, memcore_backing *backing, void *user) {
    int *asked = (int *)user;
    *asked += 1;
    CHECK(file->length == (file->kind == MEMCORE_SAVED_KIND_FUNCTIONS ? PAGE : 5));
    if (file->kind == MEMCORE_SAVED_KIND_FUNCTIONS) {
        CHECK(!file->is_writable && file->path == NULL);
        backing->length = one_page;
        backing->read = all_q;
        return MEMCORE_REOPEN_FUNCTIONS;
    }
    CHECK(file->kind == MEMCORE_SAVED_KIND_MEMORY && file->is_writable);
    return MEMCORE_REOPEN_AS_SAVED;
}

static void snapshots(void) {
    uint32_t process, file, ours;
    memcore_machine *machine = machine_of("small", &process), *again = NULL;
    const uint64_t at = map_at(machine, process, 0, 100 * PAGE);
    const memcore_backing backing = {NULL, one_page, all_q, NULL, NULL, NULL};
    uint8_t *bytes, *other;
    size_t length, second;
    int asked = 0;
    for (uint32_t page = 0; page < 100; page += 1) {
        CHECK_OK(memcore_machine_write(machine, process, at + page * PAGE, &page, sizeof page, NULL));
    }
    CHECK_OK(memcore_machine_open_memory(machine, "hello", 5, 1, &file));
    CHECK_OK(memcore_machine_save(machine, NULL, 0, &length));
    CHECK(length > 1000);
    bytes = (uint8_t *)malloc(length);
    other = (uint8_t *)malloc(length);
    bytes[0] = 1;
    CHECK_OK(memcore_machine_save(machine, bytes, length - 1, &second));
    CHECK(second == length && bytes[0] == 1);
    CHECK_OK(memcore_machine_save(machine, bytes, length, &second));
    CHECK_OK(memcore_machine_restore(bytes, length, NULL, NULL, &again));
    CHECK_OK(memcore_machine_save(again, other, length, &second));
    CHECK(second == length && memcmp(bytes, other, length) == 0);
    for (uint32_t page = 0; page < 100; page += 1) {
        uint32_t value;
        CHECK_OK(memcore_machine_read(again, process, at + page * PAGE, &value, sizeof value, NULL));
        CHECK(value == page);
    }
    CHECK_OK(memcore_machine_validate(again));
    CHECK_OK(memcore_machine_destroy(again));

    /* Damaged bytes are refused, each one of some. */
    again = NULL;
    for (size_t i = 0; i < length; i += 1 + length / 50) {
        bytes[i] ^= 0x10;
        CHECK_STATUS(MEMCORE_STATUS_VM_SNAPSHOT, memcore_machine_restore(bytes, length, NULL, NULL, &again));
        bytes[i] ^= 0x10;
        CHECK_STATUS(MEMCORE_STATUS_VM_SNAPSHOT, memcore_machine_restore(bytes, i, NULL, NULL, &again));
    }
    CHECK(again == NULL);
    free(bytes);
    free(other);

    /* What only functions can read asks for them again. */
    CHECK_OK(memcore_machine_open_backing(machine, &backing, &ours));
    CHECK_OK(memcore_machine_save(machine, NULL, 0, &length));
    bytes = (uint8_t *)malloc(length);
    CHECK_OK(memcore_machine_save(machine, bytes, length, &second));
    CHECK_STATUS(MEMCORE_STATUS_VM_SNAPSHOT, memcore_machine_restore(bytes, length, NULL, NULL, &again));
    CHECK_OK(memcore_machine_restore(bytes, length, opener, &asked, &again));
    CHECK(asked == 2);
    memcore_map_request request = memcore_map_request_for(PAGE, MEMCORE_PROT_READ);
    uint64_t there;
    char letter;
    request.file = ours;
    CHECK_OK(memcore_machine_mmap(again, process, &request, &there));
    CHECK_OK(memcore_machine_read(again, process, there, &letter, 1, NULL));
    CHECK(letter == 'q');
    CHECK_OK(memcore_machine_destroy(again));
    free(bytes);
    CHECK_STATUS(MEMCORE_STATUS_VM_IO, memcore_machine_save_to(machine, "/no/such/folder/file"));
    CHECK_STATUS(MEMCORE_STATUS_VM_IO, memcore_machine_restore_from("/no/such/file", NULL, NULL, &again));
    CHECK_OK(memcore_machine_destroy(machine));
}

/* --- Replays ---------------------------------------------------------------------------------------------------- */

static int32_t stop(uint64_t done, uint64_t total, void *user) {
    (void)done;
    (void)total;
    (void)user;
    return 1;
}

/* Belady's anomaly: more frames, more faults. Twelve references to five pages by FIFO, from the paper. */
static void replays(void) {
    const uint64_t pages[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
    uint64_t addresses[12];
    memcore_access_trace *trace;
    memcore_machine_run run;
    memcore_machine_replay_options options = memcore_machine_replay_options_default();
    for (size_t i = 0; i < 12; i += 1) {
        addresses[i] = pages[i] * PAGE;
    }
    CHECK_OK(memcore_access_trace_from_columns(12, addresses, NULL, NULL, &trace));
    const memcore_access_trace *const traces[] = {trace, NULL};
    /* Long enough for a report: one comes every 65536 accesses. */
    static uint64_t many[100000];
    memcore_access_trace *long_trace;
    for (size_t i = 0; i < 100000; i += 1) {
        many[i] = addresses[i % 12];
    }
    CHECK_OK(memcore_access_trace_from_columns(100000, many, NULL, NULL, &long_trace));
    const memcore_access_trace *const long_one = long_trace;
    for (int frames = 3; frames <= 4; frames += 1) {
        memcore_machine *machine;
        const memcore_setting setting = {"memory.frames", frames == 3 ? "3" : "4"};
        CHECK_OK(memcore_machine_create_with("textbook", &setting, 1, &machine));
        CHECK_OK(memcore_machine_replay(machine, traces, 1, frames == 3 ? NULL : &options, NULL, NULL, &run));
        CHECK(run.accesses == 12 && run.reads == 12 && run.minor + run.major == (frames == 3 ? 9u : 10u));
        CHECK(run.evicted == run.minor + run.major - (uint64_t)frames && run.average > 0);
        options.limit = 5;
        CHECK_OK(memcore_machine_replay(machine, traces, 1, &options, NULL, NULL, &run));
        CHECK(run.accesses == 5 && run.skipped == 7);
        options.limit = MEMCORE_NO_LIMIT;
        options.quantum = 0;
        CHECK_STATUS(MEMCORE_STATUS_REPLAY_BAD_OPTION,
                     memcore_machine_replay(machine, traces, 1, &options, NULL, NULL, &run));
        options.quantum = 1000;
        options.placement = 9;
        CHECK_STATUS(MEMCORE_STATUS_VM_INVALID,
                     memcore_machine_replay(machine, traces, 1, &options, NULL, NULL, &run));
        options.placement = MEMCORE_PLACEMENT_AUTO;
        CHECK_STATUS(MEMCORE_STATUS_REPLAY_BAD_OPTION,
                     memcore_machine_replay(machine, traces, 0, NULL, NULL, NULL, &run));
        CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT,
                     memcore_machine_replay(machine, traces, 2, NULL, NULL, NULL, &run));
        CHECK_STATUS(MEMCORE_STATUS_CANCELLED,
                     memcore_machine_replay(machine, &long_one, 1, NULL, stop, NULL, &run));
        CHECK_OK(memcore_machine_validate(machine));
        CHECK_OK(memcore_machine_destroy(machine));
    }
    memcore_access_trace_destroy(trace);
    memcore_access_trace_destroy(long_trace);
}

int main(void) {
    walks();
    areas_and_counts();
    views();
    snapshots();
    replays();
    return checked();
}
