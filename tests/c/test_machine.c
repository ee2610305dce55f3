/**
 * \file test_machine.c
 * The machine of virtual memory: processes and their calls, each error with its number, faults, bad arguments.
 * Expected values are those of Linux on x86-64, and of hand calculation.
 */

#include <memcore.h>

#include <string.h>

#include "check.h"

enum { PAGE = 4096, RW = MEMCORE_PROT_READ | MEMCORE_PROT_WRITE };

static memcore_machine *machine_of(const char *config) {
    memcore_machine *machine = NULL;
    CHECK_OK(memcore_machine_create(config, &machine));
    return machine;
}

static uint32_t spawn(memcore_machine *machine) {
    uint32_t process = 0;
    CHECK_OK(memcore_machine_spawn(machine, &process));
    return process;
}

static uint64_t map(memcore_machine *machine, uint32_t process, uint64_t length) {
    uint64_t at = 0;
    const memcore_map_request request = memcore_map_request_for(length, RW);
    CHECK_OK(memcore_machine_mmap(machine, process, &request, &at));
    return at;
}

static memcore_error_details last(void) {
    memcore_error_details details;
    CHECK_OK(memcore_last_error(&details));
    return details;
}

/* Checks a refusal with its error number and offending value. */
static void refused(int32_t status, int32_t expected, int32_t error_number, uint64_t value, int line) {
    const memcore_error_details details = last();
    if (status != expected || details.error_number != error_number || details.value != value) {
        fprintf(stderr, "line %d: status %d errno %d value %llx\n", line, (int)status, (int)details.error_number,
                (unsigned long long)details.value);
        check_failures += 1;
    }
}

#define REFUSED(status, error_number, value, call) \
    refused((call), MEMCORE_STATUS_VM_##status, (error_number), (value), __LINE__)

static uint64_t counted(memcore_machine *machine, uint32_t counter) {
    uint64_t counts[128];
    size_t count;
    CHECK_OK(memcore_machine_counters(machine, counts, 128, &count));
    CHECK(count == memcore_counter_count() && counter < count);
    return counts[counter];
}

static void copies_on_write_after_fork(void) {
    memcore_machine *machine = machine_of("linux");
    const uint32_t parent = spawn(machine);
    const uint64_t at = map(machine, parent, 2 * PAGE);
    uint32_t child;
    char bytes[6];
    memcore_usage usage;

    CHECK(parent == 1);
    CHECK_OK(memcore_machine_write(machine, parent, at + PAGE - 2, "hello", 6, NULL));
    CHECK_OK(memcore_machine_fork(machine, parent, &child));
    CHECK(child == 2);
    CHECK(counted(machine, MEMCORE_COUNTER_COW) == 0);
    CHECK_OK(memcore_machine_write(machine, child, at + PAGE - 2, "H", 1, NULL));
    CHECK(counted(machine, MEMCORE_COUNTER_COW) == 1);
    CHECK_OK(memcore_machine_read(machine, parent, at + PAGE - 2, bytes, 6, NULL));
    CHECK(strcmp(bytes, "hello") == 0);
    CHECK_OK(memcore_machine_read(machine, child, at + PAGE - 2, bytes, 6, NULL));
    CHECK(strcmp(bytes, "Hello") == 0);

    /* The parent's is the only owner of the page that the child copied, and uses it on. */
    CHECK_OK(memcore_machine_write(machine, parent, at, "x", 1, NULL));
    CHECK(counted(machine, MEMCORE_COUNTER_COW) == 1);
    CHECK(counted(machine, MEMCORE_COUNTER_REUSE) == 1);
    /* The second page is still shared: this copies it. */
    CHECK_OK(memcore_machine_write(machine, parent, at + PAGE, "y", 1, NULL));
    CHECK(counted(machine, MEMCORE_COUNTER_COW) == 2);

    CHECK_OK(memcore_machine_usage(machine, child, &usage));
    CHECK(usage.rss == 2 && usage.rss_anonymous == 2 && usage.swapped == 0);
    CHECK_OK(memcore_machine_exit(machine, parent));
    CHECK_OK(memcore_machine_validate(machine));
    uint32_t living[4];
    size_t count;
    CHECK_OK(memcore_machine_processes(machine, living, 4, &count));
    CHECK(count == 1 && living[0] == child);
    CHECK_OK(memcore_machine_destroy(machine));
}

static void each_error_has_its_number(void) {
    memcore_machine *machine = machine_of("linux");
    const uint32_t process = spawn(machine);
    const uint64_t at = map(machine, process, 8 * PAGE);
    memcore_map_request request = memcore_map_request_for(0, RW);
    uint64_t where = 77;
    uint32_t file;
    memcore_error_details details;

    /* EINVAL, 22. */
    REFUSED(INVALID, 22, 0, memcore_machine_mmap(machine, process, &request, &where));
    details = last();
    CHECK(details.name.length == 6 && memcmp(details.name.data, "length", 6) == 0 && details.rule.length > 0);
    CHECK(where == 77);
    request = memcore_map_request_for(PAGE, RW);
    request.flags = 0;
    REFUSED(INVALID, 22, 0, memcore_machine_mmap(machine, process, &request, &where));
    request.flags = MEMCORE_MAP_SHARED | MEMCORE_MAP_PRIVATE;
    REFUSED(INVALID, 22, 3, memcore_machine_mmap(machine, process, &request, &where));
    request.flags = MEMCORE_MAP_PRIVATE | 0x40000000;
    REFUSED(INVALID, 22, 0x40000002, memcore_machine_mmap(machine, process, &request, &where));
    request.flags = MEMCORE_MAP_PRIVATE | MEMCORE_MAP_FIXED;
    request.address = at + 1;
    REFUSED(INVALID, 22, at + 1, memcore_machine_mmap(machine, process, &request, &where));
    request = memcore_map_request_for(PAGE, 8);
    REFUSED(INVALID, 22, 8, memcore_machine_mmap(machine, process, &request, &where));
    REFUSED(INVALID, 22, at + 1, memcore_machine_munmap(machine, process, at + 1, PAGE));
    REFUSED(INVALID, 22, 0, memcore_machine_munmap(machine, process, at, 0));
    REFUSED(INVALID, 22, at + 1, memcore_machine_mprotect(machine, process, at + 1, PAGE, RW));
    REFUSED(INVALID, 22, 16, memcore_machine_mprotect(machine, process, at, PAGE, 16));
    REFUSED(INVALID, 22, 99, memcore_machine_madvise(machine, process, at, PAGE, 99));
    REFUSED(INVALID, 22, at + 1,
            memcore_machine_madvise(machine, process, at + 1, PAGE, MEMCORE_ADVICE_DONT_NEED));
    REFUSED(INVALID, 22, 2, memcore_machine_mremap(machine, process, at, PAGE, PAGE, 2, 0, &where));
    REFUSED(INVALID, 22, 0,
            memcore_machine_mremap(machine, process, at, PAGE, 0, MEMCORE_REMAP_MAY_MOVE, 0, &where));
    REFUSED(INVALID, 22, 0xfffffc17, memcore_machine_set_oom_adjustment(machine, process, -1001));
    REFUSED(INVALID, 22, 5, memcore_machine_set_node(machine, process, 5));

    /* ENOMEM, 12: no room, and holes. */
    request = memcore_map_request_for(UINT64_C(1) << 60, RW);
    REFUSED(NO_MEMORY, 12, UINT64_C(1) << 60, memcore_machine_mmap(machine, process, &request, &where));
    CHECK(last().rule.length > 0);
    CHECK_OK(memcore_machine_munmap(machine, process, at + 4 * PAGE, PAGE));
    REFUSED(HOLE, 12, at + 4 * PAGE, memcore_machine_mprotect(machine, process, at, 8 * PAGE, RW));
    REFUSED(HOLE, 12, at + 4 * PAGE, memcore_machine_mlock(machine, process, at, 8 * PAGE));
    REFUSED(HOLE, 12, at + 4 * PAGE, memcore_machine_msync(machine, process, at, 8 * PAGE));

    /* EFAULT, 14. */
    REFUSED(BAD_ADDRESS, 14, at + 4 * PAGE,
            memcore_machine_mremap(machine, process, at + 4 * PAGE, PAGE, 2 * PAGE, 1, 0, &where));

    /* EEXIST, 17. */
    request = memcore_map_request_for(2 * PAGE, RW);
    request.flags |= MEMCORE_MAP_FIXED_NOREPLACE;
    request.address = at + 4 * PAGE;
    REFUSED(EXISTS, 17, at + 5 * PAGE, memcore_machine_mmap(machine, process, &request, &where));

    /* EACCES, 13, and EBADF, 9. */
    CHECK_OK(memcore_machine_open_memory(machine, "read me", 7, 0, &file));
    request = memcore_map_request_for(PAGE, RW);
    request.flags = MEMCORE_MAP_SHARED;
    request.file = file;
    REFUSED(DENIED, 13, file, memcore_machine_mmap(machine, process, &request, &where));
    REFUSED(DENIED, 13, file, memcore_machine_truncate(machine, file, 3));
    CHECK_OK(memcore_machine_close(machine, file));
    REFUSED(BAD_FILE, 9, file, memcore_machine_mmap(machine, process, &request, &where));
    REFUSED(BAD_FILE, 9, file, memcore_machine_close(machine, file));
    REFUSED(BAD_FILE, 9, 0, memcore_machine_sync(machine, 0));
    REFUSED(BAD_FILE, 9, 12345, memcore_machine_file_length(machine, 12345, &where));

    /* ESRCH, 3. */
    for (uint32_t nobody = 0; nobody < 3; nobody += 2) {
        memcore_usage usage;
        request = memcore_map_request_for(PAGE, RW);
        REFUSED(NO_PROCESS, 3, nobody, memcore_machine_mmap(machine, nobody, &request, &where));
        REFUSED(NO_PROCESS, 3, nobody, memcore_machine_munmap(machine, nobody, at, PAGE));
        REFUSED(NO_PROCESS, 3, nobody, memcore_machine_madvise(machine, nobody, at, PAGE, 4));
        REFUSED(NO_PROCESS, 3, nobody, memcore_machine_brk(machine, nobody, 0, &where));
        REFUSED(NO_PROCESS, 3, nobody, memcore_machine_exit(machine, nobody));
        REFUSED(NO_PROCESS, 3, nobody, memcore_machine_usage(machine, nobody, &usage));
    }

    /* EIO, 5: a slot that holds nothing. */
    const memcore_swap_fault flip = {MEMCORE_SWAP_FAULT_KIND_FLIP, 3, 0, 0};
    CHECK_STATUS(MEMCORE_STATUS_VM_IO, memcore_machine_inject(machine, &flip));
    CHECK(last().error_number == 5);
    const memcore_swap_fault nowhere = {MEMCORE_SWAP_FAULT_KIND_READ, UINT32_MAX, 0, 0};
    CHECK_STATUS(MEMCORE_STATUS_VM_IO, memcore_machine_inject(machine, &nowhere));

    /* What is no refusal of a machine has no number. */
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_spawn(machine, NULL));
    CHECK(last().error_number == 0);
    CHECK_OK(memcore_machine_validate(machine));
    CHECK_OK(memcore_machine_destroy(machine));
}

static void faults(void) {
    memcore_machine *machine = machine_of("linux");
    const uint32_t process = spawn(machine);
    const uint64_t at = map(machine, process, 2 * PAGE);
    unsigned char bytes[16];
    memcore_fault fault;
    bool exchanged;

    memset(bytes, 9, sizeof bytes);
    CHECK_OK(memcore_machine_write(machine, process, at + 2 * PAGE - 8, "12345678", 8, &fault));
    CHECK_OK(memcore_machine_munmap(machine, process, at + 2 * PAGE, PAGE));
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT,
                 memcore_machine_read(machine, process, 0x10, bytes, 16, &fault));
    CHECK(fault.kind == MEMCORE_FAULT_KIND_MAP_ERR && fault.signal == 11 && fault.address == 0x10);
    CHECK(fault.process == process && fault.access == MEMCORE_ACCESS_KIND_READ);
    CHECK(last().value == 0x10 && last().error_number == 0);
    CHECK(bytes[0] == 0);

    CHECK_OK(memcore_machine_mprotect(machine, process, at, PAGE, MEMCORE_PROT_READ));
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT, memcore_machine_write(machine, process, at, "x", 1, &fault));
    CHECK(fault.kind == MEMCORE_FAULT_KIND_ACC_ERR && fault.signal == 11 && fault.access == MEMCORE_ACCESS_KIND_WRITE);
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT, memcore_machine_execute(machine, process, at, 1, &fault));
    CHECK(fault.kind == MEMCORE_FAULT_KIND_ACC_ERR && fault.access == MEMCORE_ACCESS_KIND_EXECUTE);
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT,
                 memcore_machine_compare_exchange(machine, process, at, "a", "b", 1, &exchanged, &fault));
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT,
                 memcore_machine_access(machine, process, UINT64_C(1) << 63, 1, MEMCORE_ACCESS_KIND_READ, &fault));
    CHECK(fault.kind == MEMCORE_FAULT_KIND_GENERAL_PROTECTION && fault.signal == 11);
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT, memcore_machine_read(machine, 9, at, bytes, 1, &fault));
    CHECK(fault.kind == MEMCORE_FAULT_KIND_NO_PROCESS && fault.signal == 0 && fault.process == 9);
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT, memcore_machine_read(machine, process, 0, bytes, 1, NULL));

    /* What comes before the fault is read, and written. */
    CHECK_OK(memcore_machine_mprotect(machine, process, at, PAGE, MEMCORE_PROT_NONE));
    memset(bytes, 9, sizeof bytes);
    CHECK_OK(memcore_machine_read(machine, process, at + 2 * PAGE - 8, bytes, 8, &fault));
    CHECK(memcmp(bytes, "12345678", 8) == 0);
    CHECK_OK(memcore_machine_compare_exchange(machine, process, at + PAGE, "\0\0", "ab", 2, &exchanged, &fault));
    CHECK(exchanged);
    CHECK_OK(memcore_machine_compare_exchange(machine, process, at + PAGE, "\0\0", "cd", 2, &exchanged, &fault));
    CHECK(!exchanged);
    CHECK_OK(memcore_machine_compare_exchange(machine, process, at + PAGE, NULL, NULL, 0, &exchanged, &fault));
    CHECK(counted(machine, MEMCORE_COUNTER_SEGV) >= 5);
    CHECK_OK(memcore_machine_destroy(machine));
}

static void swaps(void) {
    /* 64 frames: 100 pages do not fit, and come back as they were. */
    memcore_machine *machine = machine_of("small");
    const uint32_t process = spawn(machine);
    const uint64_t at = map(machine, process, 100 * PAGE);
    memcore_fault fault;
    memcore_usage usage;
    uint64_t freed;
    uint32_t value;
    for (uint32_t page = 0; page < 100; page += 1) {
        CHECK_OK(memcore_machine_write(machine, process, at + page * PAGE, &page, sizeof page, NULL));
    }
    CHECK_OK(memcore_machine_usage(machine, process, &usage));
    CHECK(usage.rss + usage.swapped == 100 && usage.swapped > 36);
    for (uint32_t page = 0; page < 100; page += 1) {
        CHECK_OK(memcore_machine_read(machine, process, at + page * PAGE, &value, sizeof value, NULL));
        CHECK(value == page);
    }
    CHECK(counted(machine, MEMCORE_COUNTER_SWAP_IN) > 36 && counted(machine, MEMCORE_COUNTER_MAJOR) > 0);
    CHECK_OK(memcore_machine_reclaim(machine, 1000, &freed));
    CHECK(freed > 0);
    CHECK_OK(memcore_machine_validate(machine));

    /* Nothing can be read any more: SIGBUS, and after healing all is there. */
    const memcore_swap_fault broken = {MEMCORE_SWAP_FAULT_KIND_ALL_READS, 0, 0, 1};
    const memcore_swap_fault healed = {MEMCORE_SWAP_FAULT_KIND_HEAL, 0, 0, 0};
    CHECK_OK(memcore_machine_inject(machine, &broken));
    int32_t failed = 0;
    for (uint32_t page = 0; page < 100; page += 1) {
        if (memcore_machine_read(machine, process, at + page * PAGE, &value, sizeof value, &fault) != 0) {
            failed += fault.kind == MEMCORE_FAULT_KIND_IO && fault.signal == 7;
        }
    }
    CHECK(failed > 0);
    CHECK_OK(memcore_machine_inject(machine, &healed));
    for (uint32_t page = 0; page < 100; page += 1) {
        CHECK_OK(memcore_machine_read(machine, process, at + page * PAGE, &value, sizeof value, NULL));
        CHECK(value == page);
    }
    CHECK_OK(memcore_machine_destroy(machine));
}

static void locks_moves_and_grows(void) {
    memcore_machine *machine = machine_of("linux");
    const uint32_t process = spawn(machine);
    const uint64_t at = map(machine, process, 4 * PAGE);
    uint8_t resident[4];
    size_t count;
    uint64_t end, grown, where;

    CHECK_OK(memcore_machine_mlock_on_fault(machine, process, at, 2 * PAGE));
    CHECK_OK(memcore_machine_mincore(machine, process, at, 4 * PAGE, resident, 4, &count));
    CHECK(count == 4 && resident[0] == 0 && resident[3] == 0);
    CHECK_OK(memcore_machine_mlock(machine, process, at + PAGE, 2 * PAGE));
    resident[3] = 7;
    CHECK_OK(memcore_machine_mincore(machine, process, at, 4 * PAGE, resident, 3, &count));
    CHECK(count == 4 && resident[0] == 0 && resident[1] == 1 && resident[2] == 1 && resident[3] == 7);
    /* Locked pages do not lose their contents by advice. */
    CHECK_STATUS(MEMCORE_STATUS_VM_INVALID,
                 memcore_machine_madvise(machine, process, at, PAGE, MEMCORE_ADVICE_DONT_NEED));
    CHECK_OK(memcore_machine_munlock(machine, process, at, 4 * PAGE));
    CHECK_OK(memcore_machine_madvise(machine, process, at, 4 * PAGE, MEMCORE_ADVICE_DONT_NEED));
    CHECK_OK(memcore_machine_mincore(machine, process, at, 4 * PAGE, resident, 4, &count));
    CHECK(resident[1] == 0 && resident[2] == 0);

    CHECK_OK(memcore_machine_brk(machine, process, 0, &end));
    CHECK_OK(memcore_machine_brk(machine, process, end + 10000, &grown));
    CHECK(grown == end + 10000);
    CHECK_OK(memcore_machine_write(machine, process, end, "heap", 5, NULL));
    CHECK_OK(memcore_machine_brk(machine, process, end, &grown));
    CHECK(grown == end);

    CHECK_OK(memcore_machine_write(machine, process, at, "moved", 6, NULL));
    CHECK_OK(memcore_machine_mremap(machine, process, at, 4 * PAGE, 64 * PAGE, MEMCORE_REMAP_MAY_MOVE, 0, &where));
    char bytes[6];
    CHECK_OK(memcore_machine_read(machine, process, where, bytes, 6, NULL));
    CHECK(strcmp(bytes, "moved") == 0);
    CHECK_OK(memcore_machine_mremap(machine, process, where, 64 * PAGE, 2 * PAGE,
                                    MEMCORE_REMAP_MAY_MOVE | MEMCORE_REMAP_FIXED, 0x10000000, &where));
    CHECK(where == 0x10000000);
    CHECK_OK(memcore_machine_read(machine, process, where, bytes, 6, NULL));
    CHECK(strcmp(bytes, "moved") == 0);
    CHECK_OK(memcore_machine_validate(machine));
    CHECK_OK(memcore_machine_destroy(machine));
}

static void groups_nodes_and_points(void) {
    memcore_machine *machine = machine_of("linux-numa");
    const uint32_t process = spawn(machine);
    const uint64_t at = map(machine, process, 8 * PAGE);
    const uint32_t nodes[] = {0, 1}, weights[] = {3, 1}, missing[] = {7};
    memcore_numa_policy policy = {MEMCORE_NUMA_KIND_INTERLEAVE, nodes, NULL, 2};
    uint64_t pages, limit;
    uint32_t group;
    bool can_be_killed;
    int64_t points;
    memcore_node told[3];
    size_t count;

    CHECK_OK(memcore_machine_mbind(machine, process, at, 4 * PAGE, &policy));
    for (int page = 0; page < 4; page += 1) {
        CHECK_OK(memcore_machine_write(machine, process, at + page * PAGE, "x", 1, NULL));
    }
    CHECK_OK(memcore_machine_nodes(machine, told, 3, &count));
    CHECK(count == 2 && told[0].frames == 32768 && told[0].interleave_hit == 2 && told[1].interleave_hit == 2);
    uint64_t counts[128];
    CHECK_OK(memcore_machine_node_counters(machine, 1, counts, 128, &count));
    CHECK(counts[MEMCORE_COUNTER_NUMA_INTERLEAVE] == 2);
    REFUSED(INVALID, 22, 2, memcore_machine_node_counters(machine, 2, counts, 128, &count));

    policy.kind = MEMCORE_NUMA_KIND_WEIGHTED_INTERLEAVE;
    policy.weights = weights;
    CHECK_OK(memcore_machine_set_policy(machine, process, &policy));
    policy.weights = NULL;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_set_policy(machine, process, &policy));
    policy.kind = MEMCORE_NUMA_KIND_PREFERRED;
    REFUSED(INVALID, 22, 2, memcore_machine_set_policy(machine, process, &policy));
    policy.kind = 44;
    REFUSED(INVALID, 22, 44, memcore_machine_set_policy(machine, process, &policy));
    policy.kind = MEMCORE_NUMA_KIND_BIND;
    policy.count = 0;
    REFUSED(INVALID, 22, 0, memcore_machine_set_policy(machine, process, &policy));
    policy.nodes = missing;
    policy.count = 1;
    REFUSED(INVALID, 22, 7, memcore_machine_set_policy(machine, process, &policy));
    policy.count = SIZE_MAX;
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_machine_set_policy(machine, process, &policy));
    policy.nodes = NULL;
    policy.kind = MEMCORE_NUMA_KIND_DEFAULT;
    policy.count = 0;
    CHECK_OK(memcore_machine_set_policy(machine, process, &policy));
    CHECK_OK(memcore_machine_mbind(machine, process, at, 4 * PAGE, NULL));

    /* A page that is touched on node 1 moves there, once it asks. */
    CHECK_OK(memcore_machine_set_node(machine, process, 0));
    CHECK_OK(memcore_machine_write(machine, process, at + 5 * PAGE, "x", 1, NULL));
    CHECK_OK(memcore_machine_set_node(machine, process, 1));
    CHECK_OK(memcore_machine_mark_next_touch(machine, process, at + 5 * PAGE, PAGE, &pages));
    CHECK(pages == 1);
    CHECK_OK(memcore_machine_write(machine, process, at + 5 * PAGE, "x", 1, NULL));
    memcore_translation translation;
    bool is_mapped;
    CHECK_OK(memcore_machine_translate(machine, process, at + 5 * PAGE, &is_mapped, &translation));
    CHECK(is_mapped && translation.node == 1 && translation.frame >= 32768);

    /* A group of 4 pages holds 4, however many are touched. */
    const uint32_t child = spawn(machine);
    const uint64_t there = map(machine, child, 16 * PAGE);
    CHECK_OK(memcore_machine_create_group(machine, 4, &group));
    CHECK_OK(memcore_machine_join(machine, child, group));
    for (int page = 0; page < 16; page += 1) {
        CHECK_OK(memcore_machine_write(machine, child, there + page * PAGE, "x", 1, NULL));
    }
    CHECK_OK(memcore_machine_group_usage(machine, group, &pages, &limit));
    CHECK(pages <= 4 && pages > 0 && limit == 4);
    CHECK_OK(memcore_machine_set_group_limit(machine, group, MEMCORE_NO_LIMIT));
    CHECK_OK(memcore_machine_group_usage(machine, group, &pages, &limit));
    CHECK(limit == MEMCORE_NO_LIMIT);
    CHECK_OK(memcore_machine_group_usage(machine, group, &pages, NULL));
    CHECK_STATUS(MEMCORE_STATUS_VM_INVALID, memcore_machine_create_group(machine, 0, &group));
    CHECK_STATUS(MEMCORE_STATUS_VM_INVALID, memcore_machine_join(machine, child, 99));
    CHECK_STATUS(MEMCORE_STATUS_VM_INVALID, memcore_machine_set_group_limit(machine, 0, 5));
    CHECK_STATUS(MEMCORE_STATUS_VM_INVALID, memcore_machine_group_usage(machine, 99, &pages, NULL));

    CHECK_OK(memcore_machine_oom_points(machine, process, &can_be_killed, &points));
    CHECK(can_be_killed && points > 0);
    CHECK_OK(memcore_machine_set_oom_adjustment(machine, process, -1000));
    CHECK_OK(memcore_machine_oom_points(machine, process, &can_be_killed, &points));
    CHECK(!can_be_killed && points == 0);
    CHECK_OK(memcore_machine_validate(machine));
    CHECK_OK(memcore_machine_destroy(machine));
}

static void configurations(void) {
    memcore_machine *machine;
    memcore_machine_figures figures;
    memcore_text name, about;
    const memcore_setting settings[] = {{"memory.frames", "3"}, {"replacement.policy", "lru"}};
    const memcore_setting unknown = {"memory.flames", "3"};
    char text[20000];
    size_t length, count = memcore_machine_preset_count();

    CHECK(count >= 7);
    for (size_t index = 0; index < count; index += 1) {
        char preset[64];
        CHECK_OK(memcore_machine_preset(index, &name, &about));
        snprintf(preset, sizeof preset, "%.*s", (int)name.length, name.data);
        machine = machine_of(preset);
        CHECK(about.length > 0);
        CHECK_OK(memcore_machine_config(machine, text, sizeof text, &length));
        CHECK(length < sizeof text);
        CHECK_OK(memcore_machine_destroy(machine));
        /* A configuration that a machine tells makes an equal one. */
        char again[20000];
        machine = machine_of(text);
        CHECK_OK(memcore_machine_config(machine, again, sizeof again, &length));
        CHECK(strcmp(text, again) == 0);
        CHECK_OK(memcore_machine_destroy(machine));
    }
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_machine_preset(count, &name, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_preset(0, NULL, NULL));

    CHECK_OK(memcore_machine_create_with("textbook", settings, 2, &machine));
    CHECK_OK(memcore_machine_state(machine, &figures));
    CHECK(figures.frames == 3 && figures.page_size == 4096 && figures.free_frames == 3 && figures.metadata_bytes > 0);
    CHECK(!figures.is_thrashing);
    CHECK_OK(memcore_machine_config(machine, text, sizeof text, &length));
    CHECK(strstr(text, "\"lru\"") != NULL);
    CHECK_OK(memcore_machine_destroy(machine));
    CHECK_OK(memcore_machine_destroy(NULL));

    machine = NULL;
    CHECK_STATUS(MEMCORE_STATUS_VM_CONFIG, memcore_machine_create_with("textbook", &unknown, 1, &machine));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_machine_create("windows", &machine));
    CHECK_STATUS(MEMCORE_STATUS_VM_CONFIG, memcore_machine_create("asids = 1\nnonsense = [", &machine));
    CHECK(last().value == 2);
    CHECK_STATUS(MEMCORE_STATUS_VM_CONFIG, memcore_machine_create("no-such-key = 1\n", &machine));
    CHECK_STATUS(MEMCORE_STATUS_NOT_UTF8, memcore_machine_create("\xff", &machine));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_create(NULL, &machine));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_create("linux", NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_create_with("linux", NULL, 1, &machine));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_machine_create_with("linux", settings, SIZE_MAX, &machine));
    CHECK(machine == NULL);
}

static void bad_arguments(void) {
    memcore_machine *machine = machine_of("small");
    const uint32_t process = spawn(machine);
    const uint64_t at = map(machine, process, PAGE);
    memcore_map_request request = memcore_map_request_for(PAGE, RW);
    unsigned char byte;
    uint64_t number;
    uint32_t narrow;
    size_t count;
    bool truth;

    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_spawn(NULL, &narrow));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_fork(machine, process, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_mmap(machine, process, NULL, &number));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_mmap(machine, process, &request, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_read(machine, process, at, NULL, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_write(machine, process, at, NULL, 1, NULL));
    CHECK_OK(memcore_machine_read(machine, process, at, NULL, 0, NULL));
    CHECK_OK(memcore_machine_write(machine, process, at, NULL, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_machine_read(machine, process, at, &byte, SIZE_MAX, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_machine_write(machine, process, at, &byte, SIZE_MAX, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_machine_access(machine, process, at, 1, 3, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_machine_access(machine, process, at, 1, -1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_translate(machine, process, at, NULL, NULL));
    CHECK_OK(memcore_machine_translate(machine, 99, at, &truth, NULL));
    CHECK(!truth);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_counters(machine, NULL, 1, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_counters(machine, NULL, 0, NULL));
    CHECK_OK(memcore_machine_counters(machine, NULL, 0, &count));
    CHECK(count == memcore_counter_count());
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_inject(machine, NULL));
    const memcore_swap_fault strange = {17, 0, 0, 0};
    REFUSED(INVALID, 22, 17, memcore_machine_inject(machine, &strange));
    CHECK_OK(memcore_machine_reclaim(machine, 0, NULL));

    /* Ranges at the ends of all numbers. */
    const uint64_t ends[] = {0, 1, PAGE - 1, PAGE, UINT64_C(1) << 47, UINT64_C(1) << 63, UINT64_MAX - PAGE + 1,
                             UINT64_MAX};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i += 1) {
        for (size_t j = 0; j < sizeof ends / sizeof ends[0]; j += 1) {
            const uint64_t from = ends[i], length = ends[j];
            (void)memcore_machine_mprotect(machine, process, from, length, RW);
            (void)memcore_machine_madvise(machine, process, from, length, MEMCORE_ADVICE_WILL_NEED);
            (void)memcore_machine_mlock(machine, process, from, length);
            (void)memcore_machine_munlock(machine, process, from, length);
            (void)memcore_machine_msync(machine, process, from, length);
            (void)memcore_machine_mbind(machine, process, from, length, NULL);
            (void)memcore_machine_mark_next_touch(machine, process, from, length, &number);
            (void)memcore_machine_mremap(machine, process, from, length, from, MEMCORE_REMAP_MAY_MOVE, 0, &number);
            (void)memcore_machine_mremap(machine, process, from, PAGE, length, 3, length, &number);
            (void)memcore_machine_brk(machine, process, from, &number);
            if (length < UINT64_C(1) << 32) {
                (void)memcore_machine_access(machine, process, from, length, MEMCORE_ACCESS_KIND_WRITE, NULL);
                (void)memcore_machine_mincore(machine, process, from, length, NULL, 0, &count);
            }
            request.address = from;
            request.length = length;
            request.offset = 0;
            (void)memcore_machine_mmap(machine, process, &request, &number);
            request.offset = from;
            (void)memcore_machine_mmap(machine, process, &request, &number);
        }
    }
    CHECK_OK(memcore_machine_validate(machine));
    CHECK_OK(memcore_machine_destroy(machine));
}

static void merges_and_collapses(void) {
    memcore_machine *machine = machine_of("linux");
    const uint32_t process = spawn(machine);
    memcore_merge_report report;
    memcore_compression compression;
    uint64_t made, at;
    bool has_pool;

    at = map(machine, process, 4 * PAGE);
    CHECK_OK(memcore_machine_madvise(machine, process, at, 4 * PAGE, MEMCORE_ADVICE_MERGEABLE));
    for (int page = 0; page < 4; page += 1) {
        CHECK_OK(memcore_machine_write(machine, process, at + page * PAGE, "same", 4, NULL));
    }
    CHECK_OK(memcore_machine_merge_scan(machine, 20, NULL));
    CHECK_OK(memcore_machine_merge_scan(machine, 0, &report));
    CHECK(report.shared == 1 && report.sharing == 3 && report.scanned == 0);

    at = map(machine, process, 1024 * PAGE);
    CHECK_OK(memcore_machine_madvise(machine, process, at, 1024 * PAGE, MEMCORE_ADVICE_NO_HUGE_PAGE));
    for (int page = 0; page < 1024; page += 1) {
        CHECK_OK(memcore_machine_write(machine, process, at + (uint64_t)page * PAGE, "x", 1, NULL));
    }
    CHECK_OK(memcore_machine_madvise(machine, process, at, 1024 * PAGE, MEMCORE_ADVICE_HUGE_PAGE));
    CHECK_OK(memcore_machine_collapse_scan(machine, process, &made));
    CHECK(made >= 1 && made == counted(machine, MEMCORE_COUNTER_HUGE_COLLAPSE));
    CHECK_OK(memcore_machine_compression(machine, &has_pool, &compression));
    CHECK(!has_pool);
    CHECK_OK(memcore_machine_validate(machine));
    CHECK_OK(memcore_machine_destroy(machine));

    machine = machine_of("linux-zswap");
    CHECK_OK(memcore_machine_compression(machine, &has_pool, &compression));
    CHECK(has_pool && compression.stores == 0);
    CHECK_OK(memcore_machine_destroy(machine));
}

int main(void) {
    copies_on_write_after_fork();
    each_error_has_its_number();
    faults();
    swaps();
    locks_moves_and_grows();
    groups_nodes_and_points();
    configurations();
    bad_arguments();
    merges_and_collapses();
    return checked();
}
