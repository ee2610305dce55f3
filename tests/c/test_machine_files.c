/**
 * \file test_machine_files.c
 * What a machine calls back: files that are functions of the caller's, which fail and grow, and listeners; and that
 * none of them comes in again.
 */

#include <memcore.h>

#include <string.h>

#include "check.h"

enum { PAGE = 4096, RW = MEMCORE_PROT_READ | MEMCORE_PROT_WRITE };

/* --- An object of ours ----------------------------------------------------------------------------------------- */

typedef struct {
    unsigned char bytes[8 * PAGE];
    uint64_t length;
    int fails_reads, fails_writes;
    int reads, writes, truncations, releases;
    uint64_t past_end; /* bytes that were asked for outside */
    memcore_machine *machine;
    int32_t reentered;
} object;

static uint64_t object_length(void *user) { return ((object *)user)->length; }

static int32_t object_read(void *user, uint64_t offset, uint8_t *into, size_t length) {
    object *self = (object *)user;
    self->reads += 1;
    if (self->machine != NULL) {
        uint32_t process;
        self->reentered = memcore_machine_spawn(self->machine, &process);
    }
    if (offset + length > self->length) {
        self->past_end += 1;
        return 1;
    }
    if (self->fails_reads) {
        return -5;
    }
    memcpy(into, self->bytes + offset, length);
    return 0;
}

static int32_t object_write(void *user, uint64_t offset, const uint8_t *bytes, size_t length) {
    object *self = (object *)user;
    self->writes += 1;
    if (offset + length > self->length) {
        self->past_end += 1;
        return 1;
    }
    if (self->fails_writes) {
        return -5;
    }
    memcpy(self->bytes + offset, bytes, length);
    return 0;
}

static int32_t object_truncate(void *user, uint64_t length) {
    object *self = (object *)user;
    self->truncations += 1;
    if (length > sizeof self->bytes) {
        return 28;
    }
    self->length = length;
    return 0;
}

static void object_release(void *user) {
    object *self = (object *)user;
    self->releases += 1;
    if (self->machine != NULL) {
        self->reentered = memcore_machine_validate(self->machine);
    }
}

static memcore_backing functions_of(object *self) {
    const memcore_backing backing = {self,         object_length,   object_read,
                                     object_write, object_truncate, object_release};
    return backing;
}

static uint64_t map_file(memcore_machine *machine, uint32_t process, uint32_t file, uint64_t length, uint32_t flags) {
    memcore_map_request request = memcore_map_request_for(length, RW);
    uint64_t at = 0;
    request.flags = flags;
    request.file = file;
    CHECK_OK(memcore_machine_mmap(machine, process, &request, &at));
    return at;
}

static void our_own_object(void) {
    static object self;
    memcore_machine *machine;
    uint32_t process, file;
    uint64_t at, length;
    unsigned char bytes[8];
    memcore_fault fault;

    memset(&self, 0, sizeof self);
    memset(self.bytes, 'a', sizeof self.bytes);
    self.length = 2 * PAGE + 10;
    memcore_backing backing = functions_of(&self);
    CHECK_OK(memcore_machine_create("linux", &machine));
    CHECK_OK(memcore_machine_spawn(machine, &process));
    CHECK_OK(memcore_machine_open_backing(machine, &backing, &file));
    CHECK_OK(memcore_machine_file_length(machine, file, &length));
    CHECK(length == 2 * PAGE + 10);
    at = map_file(machine, process, file, 4 * PAGE, MEMCORE_MAP_SHARED);

    /* A failing read is SIGBUS, and the next one asks again. */
    self.fails_reads = 1;
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT, memcore_machine_read(machine, process, at, bytes, 8, &fault));
    CHECK(fault.kind == MEMCORE_FAULT_KIND_IO && fault.signal == 7 && fault.address == at);
    self.fails_reads = 0;
    CHECK_OK(memcore_machine_read(machine, process, at, bytes, 8, &fault));
    CHECK(memcmp(bytes, "aaaaaaaa", 8) == 0);

    /* The rest of the last page is zeros, and the page after it a bus error. */
    CHECK_OK(memcore_machine_read(machine, process, at + 2 * PAGE + 6, bytes, 8, &fault));
    CHECK(memcmp(bytes, "aaaa\0\0\0\0", 8) == 0);
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT, memcore_machine_read(machine, process, at + 3 * PAGE, bytes, 8, &fault));
    CHECK(fault.kind == MEMCORE_FAULT_KIND_ADR_ERR && fault.signal == 7);

    /* A page that cannot be written stays dirty, until it can. */
    CHECK_OK(memcore_machine_write(machine, process, at + PAGE, "bb", 2, &fault));
    self.fails_writes = 1;
    CHECK_STATUS(MEMCORE_STATUS_VM_IO, memcore_machine_msync(machine, process, at, 3 * PAGE));
    CHECK_STATUS(MEMCORE_STATUS_VM_IO, memcore_machine_sync(machine, file));
    CHECK(self.bytes[PAGE] == 'a');
    self.fails_writes = 0;
    CHECK_OK(memcore_machine_msync(machine, process, at, 3 * PAGE));
    CHECK(self.bytes[PAGE] == 'b' && self.bytes[PAGE + 1] == 'b' && self.bytes[PAGE + 2] == 'a');
    /* Of the last page only what is in the object is written. */
    CHECK_OK(memcore_machine_write(machine, process, at + 2 * PAGE + 8, "cccc", 4, &fault));
    CHECK_OK(memcore_machine_sync(machine, file));
    CHECK(self.bytes[2 * PAGE + 9] == 'c' && self.bytes[2 * PAGE + 10] == 'a' && self.past_end == 0);

    /* Lengths change by the machine, and fail by the object. */
    CHECK_STATUS(MEMCORE_STATUS_VM_IO, memcore_machine_truncate(machine, file, 100 * PAGE));
    CHECK_OK(memcore_machine_truncate(machine, file, PAGE));
    CHECK(self.length == PAGE && self.truncations == 2);
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT, memcore_machine_read(machine, process, at + PAGE, bytes, 1, &fault));
    CHECK(fault.kind == MEMCORE_FAULT_KIND_ADR_ERR);

    /* What it calls comes not in again. */
    CHECK_OK(memcore_machine_truncate(machine, file, 4 * PAGE));
    self.machine = machine;
    CHECK_OK(memcore_machine_read(machine, process, at + 3 * PAGE, bytes, 1, &fault));
    CHECK(self.reentered == MEMCORE_STATUS_REENTERED);

    /* It is released once nobody maps it. */
    CHECK_OK(memcore_machine_close(machine, file));
    CHECK(self.releases == 0);
    CHECK_STATUS(MEMCORE_STATUS_VM_BAD_FILE, memcore_machine_sync(machine, file));
    CHECK_OK(memcore_machine_read(machine, process, at, bytes, 1, &fault));
    self.reentered = 0;
    CHECK_OK(memcore_machine_munmap(machine, process, at, 4 * PAGE));
    CHECK(self.releases == 1 && self.reentered == MEMCORE_STATUS_REENTERED);

    /* Or when the machine ends. */
    self.reentered = 0;
    CHECK_OK(memcore_machine_open_backing(machine, &backing, &file));
    CHECK_OK(memcore_machine_validate(machine));
    CHECK_OK(memcore_machine_destroy(machine));
    CHECK(self.releases == 2 && self.reentered == MEMCORE_STATUS_REENTERED);
}

static void objects_that_can_less(void) {
    static object self;
    memcore_machine *machine;
    uint32_t process, file;
    memset(&self, 0, sizeof self);
    self.length = PAGE;
    memcore_backing backing = functions_of(&self);
    backing.write = NULL;
    backing.truncate = NULL;
    backing.release = NULL;
    CHECK_OK(memcore_machine_create("linux", &machine));
    CHECK_OK(memcore_machine_spawn(machine, &process));
    CHECK_OK(memcore_machine_open_backing(machine, &backing, &file));
    memcore_map_request request = memcore_map_request_for(PAGE, RW);
    uint64_t at;
    request.flags = MEMCORE_MAP_SHARED;
    request.file = file;
    CHECK_STATUS(MEMCORE_STATUS_VM_DENIED, memcore_machine_mmap(machine, process, &request, &at));
    CHECK_STATUS(MEMCORE_STATUS_VM_DENIED, memcore_machine_truncate(machine, file, 0));
    at = map_file(machine, process, file, PAGE, MEMCORE_MAP_PRIVATE);
    CHECK_OK(memcore_machine_write(machine, process, at, "own", 3, NULL));
    CHECK(self.bytes[0] == 0 && self.writes == 0);
    backing.read = NULL;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_open_backing(machine, &backing, &file));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_machine_open_backing(machine, NULL, &file));
    CHECK_STATUS(MEMCORE_STATUS_VM_IO, memcore_machine_open_file(machine, "/no/such/file", 0, &file));
    CHECK_OK(memcore_machine_destroy(machine));
}

static void files_of_the_library(void) {
    memcore_machine *machine;
    uint32_t process, files[3], listed[4];
    uint64_t at, other;
    char bytes[6];
    size_t count;
    CHECK_OK(memcore_machine_create("linux", &machine));
    CHECK_OK(memcore_machine_spawn(machine, &process));
    CHECK_OK(memcore_machine_open_memory(machine, "hello", 5, 1, &files[0]));
    CHECK_OK(memcore_machine_open_zeros(machine, UINT64_C(1) << 40, &files[1]));
    CHECK_OK(memcore_machine_open_memory(machine, NULL, 0, 1, &files[2]));
    CHECK_OK(memcore_machine_files(machine, listed, 4, &count));
    CHECK(count == 3 && memcmp(listed, files, sizeof files) == 0);

    /* Two that map the same see the same; a private copy does not reach them. */
    at = map_file(machine, process, files[0], PAGE, MEMCORE_MAP_SHARED);
    other = map_file(machine, process, files[0], PAGE, MEMCORE_MAP_PRIVATE);
    CHECK_OK(memcore_machine_write(machine, process, at, "J", 1, NULL));
    CHECK_OK(memcore_machine_read(machine, process, other, bytes, 6, NULL));
    CHECK(strcmp(bytes, "Jello") == 0);
    CHECK_OK(memcore_machine_write(machine, process, other, "C", 1, NULL));
    CHECK_OK(memcore_machine_read(machine, process, at, bytes, 6, NULL));
    CHECK(strcmp(bytes, "Jello") == 0);
    at = map_file(machine, process, files[1], PAGE, MEMCORE_MAP_SHARED);
    CHECK_OK(memcore_machine_read(machine, process, at, bytes, 6, NULL));
    CHECK(bytes[0] == 0);
    CHECK_OK(memcore_machine_validate(machine));
    CHECK_OK(memcore_machine_destroy(machine));
}

/* --- Listeners -------------------------------------------------------------------------------------------------- */

typedef struct {
    memcore_machine_event events[64];
    size_t count;
    memcore_machine *machine;
} record;

static void listener(const memcore_machine_event *event, void *user) {
    record *heard = (record *)user;
    if (heard->count < 64) {
        heard->events[heard->count] = *event;
    }
    heard->count += 1;
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_machine_exit(heard->machine, 1));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_machine_listen(heard->machine, 0, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_REENTERED, memcore_machine_destroy(heard->machine));
}

static void hears_events(void) {
    static record heard;
    memcore_machine *machine;
    uint32_t process, child;
    uint64_t at;
    bool is_mapped;
    memcore_translation translation;
    const memcore_map_request request = memcore_map_request_for(PAGE, RW);
    const memcore_machine_event *event = heard.events;
    memset(&heard, 0, sizeof heard);
    CHECK_OK(memcore_machine_create("linux", &machine));
    heard.machine = machine;
    CHECK_OK(memcore_machine_listen(machine, MEMCORE_EVENTS_PROCESS, listener, &heard));
    CHECK_OK(memcore_machine_spawn(machine, &process));
    CHECK(heard.count == 1 && event->kind == MEMCORE_MACHINE_EVENT_KIND_SPAWN && event->process == 1 &&
          event->parent == 0);

    heard.count = 0;
    CHECK_OK(memcore_machine_listen(machine, MEMCORE_EVENTS_MAP | MEMCORE_EVENTS_FAULT | MEMCORE_EVENTS_PROCESS,
                                    listener, &heard));
    CHECK_OK(memcore_machine_mmap(machine, process, &request, &at));
    CHECK_OK(memcore_machine_write(machine, process, at + 5, "x", 1, NULL));
    CHECK_OK(memcore_machine_write(machine, process, at + 5, "x", 1, NULL)); /* no fault */
    CHECK_STATUS(MEMCORE_STATUS_VM_FAULT, memcore_machine_execute(machine, process, 8, 1, NULL));
    CHECK_OK(memcore_machine_fork(machine, process, &child));
    CHECK_OK(memcore_machine_write(machine, child, at, "y", 1, NULL));
    CHECK_OK(memcore_machine_exit(machine, child));
    CHECK(heard.count >= 6);
    CHECK(event[0].kind == MEMCORE_MACHINE_EVENT_KIND_MAP && event[0].address == at && event[0].end == at + PAGE);
    CHECK(event[1].kind == MEMCORE_MACHINE_EVENT_KIND_FAULT && event[1].served == MEMCORE_SERVED_ZERO_FILL &&
          event[1].access == MEMCORE_ACCESS_KIND_WRITE && !event[1].major && event[1].process == process);
    CHECK_OK(memcore_machine_translate(machine, process, at, &is_mapped, &translation));
    CHECK(is_mapped && event[1].frame == translation.frame);
    CHECK(event[2].kind == MEMCORE_MACHINE_EVENT_KIND_SIGNAL && event[2].fault == MEMCORE_FAULT_KIND_MAP_ERR &&
          event[2].access == MEMCORE_ACCESS_KIND_EXECUTE && event[2].address == 8);
    CHECK(event[3].kind == MEMCORE_MACHINE_EVENT_KIND_SPAWN && event[3].process == child &&
          event[3].parent == process);
    CHECK(event[4].kind == MEMCORE_MACHINE_EVENT_KIND_FAULT && event[4].served == MEMCORE_SERVED_COPIED &&
          event[4].process == child);
    CHECK(event[heard.count - 1].kind == MEMCORE_MACHINE_EVENT_KIND_EXIT);

    CHECK_STATUS(MEMCORE_STATUS_VM_INVALID, memcore_machine_listen(machine, 1u << 20, listener, &heard));
    heard.count = 0;
    CHECK_OK(memcore_machine_listen(machine, MEMCORE_EVENTS_ALL, listener, &heard));
    CHECK_OK(memcore_machine_write(machine, process, at, "z", 1, NULL));
    CHECK(heard.count >= 2);
    heard.count = 0;
    CHECK_OK(memcore_machine_listen(machine, MEMCORE_EVENTS_ALL, NULL, NULL));
    CHECK_OK(memcore_machine_write(machine, process, at, "z", 1, NULL));
    CHECK(heard.count == 0);
    CHECK_OK(memcore_machine_destroy(machine));
}

int main(void) {
    our_own_object();
    objects_that_can_less();
    files_of_the_library();
    hears_events();
    return checked();
}
