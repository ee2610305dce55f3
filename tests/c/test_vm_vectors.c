/**
 * \file test_vm_vectors.c
 * The vectors of virtual memory, through the C door: every line of tests/vectors/vm is answered as the file says.
 *
 * C keeps one number of a failure, so that of an error the name and its first number are compared; the other doors
 * compare all of them. The forms of calls and outcomes are described in tests/vectors/README.md.
 */

#include <memcore.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* --- A call and its outcome ------------------------------------------------------------------------------------- */

enum { MOST_WORDS = 16, MOST_TEXT = 4000 };

static char *words[MOST_WORDS];
static size_t word_count;
static char outcome[MOST_TEXT];

static void add(const char *format, ...) {
    const size_t length = strlen(outcome);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(outcome + length, sizeof outcome - length, format, arguments);
    va_end(arguments);
}

static const char *value_of(const char *key) {
    const size_t length = strlen(key);
    for (size_t i = 1; i < word_count; i += 1) {
        if (strncmp(words[i], key, length) == 0 && words[i][length] == '=') {
            return words[i] + length + 1;
        }
    }
    return NULL;
}

static uint64_t number_of(const char *key) {
    const char *value = value_of(key);
    return value == NULL ? 0 : strtoull(value, NULL, 10);
}

static uint32_t narrow(const char *key) { return (uint32_t)number_of(key); }

static uint32_t at(size_t place) { return (uint32_t)strtoul(words[place], NULL, 10); }

static uint64_t hex_at(size_t place) { return strtoull(words[place], NULL, 16); }

static int32_t access_kind(void) {
    const char *last = words[word_count - 1];
    return strcmp(last, "write") == 0     ? MEMCORE_ACCESS_KIND_WRITE
           : strcmp(last, "execute") == 0 ? MEMCORE_ACCESS_KIND_EXECUTE
                                          : MEMCORE_ACCESS_KIND_READ;
}

static uint32_t bits_of(const char *protection) {
    return (uint32_t)(protection[0] == 'r') + 2 * (uint32_t)(protection[1] == 'w') +
           4 * (uint32_t)(protection[2] == 'x');
}

static void add_protection(uint32_t bits) {
    add("%c%c%c", bits & 1 ? 'r' : '-', bits & 2 ? 'w' : '-', bits & 4 ? 'x' : '-');
}

static const char *yes(bool fact) { return fact ? "yes" : "no"; }

/* Text with its line ends written as \n. */
static void add_lines(const char *text) {
    for (; *text != '\0'; text += 1) {
        if (*text == '\n') {
            add("\\n");
        } else {
            add("%c", *text);
        }
    }
}

#define CALLED(name) (strcmp(words[0], name) == 0)

/* --- Failures --------------------------------------------------------------------------------------------------- */

static const struct {
    int32_t status;
    const char *name;
} names[] = {
    {MEMCORE_STATUS_VMM_PAGE_SIZE, "PageSize"},
    {MEMCORE_STATUS_VMM_PAGES, "Pages"},
    {MEMCORE_STATUS_VMM_TOO_LARGE, "TooLarge"},
    {MEMCORE_STATUS_VMM_INVALID_PAGE, "InvalidPage"},
    {MEMCORE_STATUS_VMM_INVALID_ADDRESS, "InvalidAddress"},
    {MEMCORE_STATUS_VMM_ALREADY_ALLOCATED, "AlreadyAllocated"},
    {MEMCORE_STATUS_VMM_NOT_ALLOCATED, "NotAllocated"},
    {MEMCORE_STATUS_VMM_PAGE_FAULT, "PageFault"},
    {MEMCORE_STATUS_VMM_PROTECTION, "Protection"},
    {MEMCORE_STATUS_POLICY_FRAMES, "Frames"},
    {MEMCORE_STATUS_POLICY_NEEDS_FUTURE, "NeedsFuture"},
    {MEMCORE_STATUS_POLICY_VARIES_ALLOCATION, "VariesAllocation"},
    {MEMCORE_STATUS_SEGMENT_DESCRIPTOR, "Descriptor"},
    {MEMCORE_STATUS_MULTICS_INVALID, "Invalid"},
    {MEMCORE_STATUS_MULTICS_UNKNOWN, "Unknown"},
    {MEMCORE_STATUS_MULTICS_TAKEN, "Taken"},
    {MEMCORE_STATUS_MULTICS_ATTACHED, "Attached"},
    {MEMCORE_STATUS_MULTICS_NO_FRAMES, "NoFrames"},
    {MEMCORE_STATUS_SEGMENT_UNKNOWN, "Unknown"},
    {MEMCORE_STATUS_SEGMENT_NOT_PRESENT, "NotPresent"},
    {MEMCORE_STATUS_SEGMENT_PRESENT, "Present"},
    {MEMCORE_STATUS_SEGMENT_LIMIT, "Limit"},
    {MEMCORE_STATUS_SEGMENT_PROTECTION, "Protection"},
    {MEMCORE_STATUS_ZERO_SIZE, "ZeroSize"},
    {MEMCORE_STATUS_UNSUPPORTED, "Unsupported"},
    {MEMCORE_STATUS_NOT_TOP, "NotTop"},
};

static const struct {
    int32_t status;
    const char *name;
} traps[] = {
    {MEMCORE_STATUS_MULTICS_OUT_OF_BOUNDS, "out-of-bounds"},
    {MEMCORE_STATUS_MULTICS_MISSING_SEGMENT, "missing-segment"},
    {MEMCORE_STATUS_MULTICS_ACCESS_VIOLATION, "access-violation"},
    {MEMCORE_STATUS_MULTICS_MISSING_PAGE, "missing-page"},
    {MEMCORE_STATUS_MULTICS_NO_PROCESS, "no-process"},
};

/* The failure of the last call, with as many of the expected fields as C knows. */
static void add_failure(int32_t status, const char *expected) {
    memcore_error_details details;
    char message[200];
    outcome[0] = '\0';
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.status == status);
    memcore_last_error_message(message, sizeof message);
    CHECK(message[0] != '\0');
    if (status == MEMCORE_STATUS_OUT_OF_SPACE) {
        add("error OutOfSpace size=%" PRIu64 " alignment=%" PRIu64 " free=%" PRIu64 " largest_hole=%" PRIu64,
            details.size, details.alignment, details.free, details.largest_hole);
        return;
    }
    if (status >= MEMCORE_STATUS_SEGMENT_NOT_PRESENT_FAULT && status <= MEMCORE_STATUS_SEGMENT_GENERAL_PROTECTION) {
        /* The sentence is "#GP(0x0010): reason". */
        const char *vector = status == MEMCORE_STATUS_SEGMENT_NOT_PRESENT_FAULT ? "NP"
                             : status == MEMCORE_STATUS_SEGMENT_STACK_FAULT     ? "SS"
                                                                                : "GP";
        const char *reason = strstr(message, ": ");
        add("fault %s %04" PRIx64 " %s", vector, details.value, reason == NULL ? "" : reason + 2);
        return;
    }
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i += 1) {
        if (traps[i].status == status) {
            add("fault %s", traps[i].name);
            return;
        }
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i += 1) {
        if (names[i].status == status) {
            add("error %s", names[i].name);
        }
    }
    /* The first number that is expected, if there is one, in the place where it is expected. */
    const size_t length = strlen(outcome);
    if (length > 0 && strncmp(outcome, expected, length) == 0) {
        const char *place = expected + length;
        while (*place != '\0' && !(place[0] == '=' && strchr("-0123456789", place[1]) != NULL)) {
            place += 1;
        }
        if (*place == '=') {
            char *end = NULL;
            const bool signed_one = place[1] == '-';
            const bool same = signed_one ? (int64_t)details.value == strtoll(place + 1, &end, 10)
                                         : details.value == strtoull(place + 1, &end, 10);
            if (!same) {
                add(" with %" PRIu64, details.value);
                return;
            }
        }
        add("%s", expected + length);
    }
}

/* --- The manager ------------------------------------------------------------------------------------------------ */

static memcore_vmm *vmm;

static int32_t make_vmm(void) {
    memcore_vmm_options options = memcore_vmm_options_for(number_of("page_size"), narrow("pages"));
    options.policy = value_of("policy");
    if (value_of("frames") != NULL) {
        options.frames = narrow("frames");
    }
    memcore_vmm *made = NULL;
    const int32_t status = memcore_vmm_create(&options, &made);
    if (status == MEMCORE_STATUS_OK) {
        memcore_vmm_destroy(vmm);
        vmm = made;
    }
    return status;
}

static int32_t of_vmm(void) {
    const int64_t number = word_count > 1 ? strtoll(words[1], NULL, 10) : 0;
    int32_t status = MEMCORE_STATUS_OK;
    if (CALLED("manager")) {
        status = make_vmm();
    } else if (CALLED("allocate")) {
        uint64_t frame = 0;
        status = memcore_vmm_allocate_page(vmm, number, &frame);
        add("frame=%" PRIu64, frame);
    } else if (CALLED("deallocate")) {
        status = memcore_vmm_deallocate_page(vmm, number);
    } else if (CALLED("protect")) {
        status = memcore_vmm_protect_page(vmm, number, bits_of(words[2]));
    } else if (CALLED("clear_referenced")) {
        status = memcore_vmm_clear_referenced(vmm, number);
    } else if (CALLED("translate")) {
        memcore_vmm_translation found;
        status = memcore_vmm_translate(vmm, number, access_kind(), &found);
        if (status == MEMCORE_STATUS_OK) {
            add("address=%" PRIu64 " page=%" PRIu32 " frame=%" PRIu64 " %s evicted=", found.address, found.page,
                found.frame, found.hit ? "hit" : "fault");
            add(found.has_evicted ? "%" PRIu32 : "none", found.evicted);
        }
    } else if (CALLED("entry")) {
        memcore_vmm_entry entry;
        status = memcore_vmm_page(vmm, number, &entry);
        if (status == MEMCORE_STATUS_OK) {
            add("allocated=%s frame=", yes(entry.allocated));
            add(entry.present ? "%" PRIu64 : "none", entry.frame);
            add(" modified=%s referenced=%s protection=", yes(entry.modified), yes(entry.referenced));
            add_protection(entry.protection);
        }
    } else if (CALLED("free_frames")) {
        uint64_t frames[64];
        size_t count = 0;
        status = memcore_vmm_free_frames(vmm, frames, 64, &count);
        for (size_t i = 0; i < count; i += 1) {
            add(i == 0 ? "%" PRIu64 : ",%" PRIu64, frames[i]);
        }
        add(count == 0 ? "none" : "");
    } else if (CALLED("statistics")) {
        memcore_vmm_figures is;
        status = memcore_vmm_statistics(vmm, &is);
        add("total_pages=%" PRIu64 " used_pages=%" PRIu64 " free_pages=%" PRIu64, is.total_pages, is.used_pages,
            is.free_pages);
        add(" total_frames=%" PRIu64 " used_frames=%" PRIu64 " free_frames=%" PRIu64, is.total_frames,
            is.used_frames, is.free_frames);
        add(" page_faults=%" PRIu64 " page_hits=%" PRIu64 " page_replacements=%" PRIu64 " write_backs=%" PRIu64,
            is.page_faults, is.page_hits, is.page_replacements, is.write_backs);
        memcore_vmm_entry entries[64];
        size_t count = 0;
        CHECK_OK(memcore_vmm_pages(vmm, entries, 64, &count));
        CHECK(count == is.used_pages);
    } else if (CALLED("table") || CALLED("summary")) {
        char text[1000];
        size_t length = 0;
        status = CALLED("table") ? memcore_vmm_page_table(vmm, text, sizeof text, &length)
                                 : memcore_vmm_summary(vmm, text, sizeof text, &length);
        CHECK(length == strlen(text));
        add_lines(text);
    } else {
        CHECK(CALLED("validate"));
        status = memcore_vmm_validate(vmm);
    }
    return status;
}

/* --- The segment unit ------------------------------------------------------------------------------------------- */

static memcore_segment_unit *unit;
static const char *const registers[] = {"cs", "ss", "ds", "es", "fs", "gs"};

static int32_t register_at(size_t place) {
    for (int32_t i = 0; i < 6; i += 1) {
        if (strcmp(words[place], registers[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static size_t table_of(const char *list, uint64_t *table) {
    size_t count = 0;
    while (list != NULL && *list != '\0') {
        char *end = NULL;
        table[count] = strtoull(list, &end, 16);
        count += 1;
        list = *end == ',' ? end + 1 : end;
    }
    return count;
}

static int32_t make_unit(void) {
    uint64_t table[32];
    memcore_segment_unit *made = NULL;
    size_t count = table_of(value_of("gdt"), table);
    int32_t status = memcore_segment_unit_create(table, count, (uint8_t)number_of("privilege"), &made);
    if (status == MEMCORE_STATUS_OK) {
        memcore_segment_unit_destroy(unit);
        unit = made;
        if (value_of("ldt") != NULL) {
            count = table_of(value_of("ldt"), table);
            status = memcore_segment_unit_set_local_table(unit, table, count);
        }
    }
    return status;
}

static int32_t of_descriptor(uint64_t word) {
    memcore_segment_descriptor is;
    uint32_t first = 0, last = 0;
    uint64_t again = 0;
    bool any = false;
    const int32_t status = memcore_segment_decode(word, &is);
    CHECK_OK(memcore_segment_encode(&is, &again));
    CHECK(again == word);
    CHECK_OK(memcore_segment_offsets(&is, &first, &last, &any));
    add("base=%" PRIu32 " limit=%" PRIu32 " granular=%s kind=", is.base, is.limit, yes(is.granular));
    if (is.kind == MEMCORE_SEGMENT_KIND_DATA) {
        add("data writable=%s expand_down=%s", yes(is.writable), yes(is.expand_down));
    } else if (is.kind == MEMCORE_SEGMENT_KIND_CODE) {
        add("code readable=%s conforming=%s", yes(is.readable), yes(is.conforming));
    } else {
        add("system code=%d", is.system_code);
    }
    add(" accessed=%s privilege=%d present=%s big=%s long=%s", yes(is.accessed), is.privilege, yes(is.present),
        yes(is.big), yes(is.long_mode));
    add(" available=%s offsets=", yes(is.available));
    if (any) {
        add("%" PRIu32 "-%" PRIu32, first, last);
    } else {
        add("none");
    }
    return status;
}

static int32_t of_unit(void) {
    const uint32_t offset = narrow("offset");
    if (CALLED("descriptor")) {
        return of_descriptor(hex_at(1));
    }
    if (CALLED("unit")) {
        return make_unit();
    }
    if (CALLED("load")) {
        return memcore_segment_unit_load(unit, register_at(1), (uint16_t)hex_at(2));
    }
    if (CALLED("far_jump")) {
        return memcore_segment_unit_far_jump(unit, (uint16_t)hex_at(1), offset);
    }
    if (CALLED("far_return")) {
        const uint16_t stack = (uint16_t)strtoul(value_of("stack"), NULL, 16);
        return memcore_segment_unit_far_return(unit, (uint16_t)hex_at(1), offset, stack);
    }
    if (CALLED("access")) {
        uint32_t start = 0;
        const int32_t status =
            memcore_segment_unit_translate(unit, register_at(1), offset, narrow("size"), access_kind(), &start);
        add("start=%" PRIu32, start);
        return status;
    }
    if (CALLED("registers")) {
        uint8_t privilege = 9;
        CHECK_OK(memcore_segment_unit_privilege(unit, &privilege));
        add("privilege=%d", privilege);
        for (int32_t i = 0; i < 6; i += 1) {
            uint16_t selector = 0;
            CHECK_OK(memcore_segment_unit_register(unit, i, &selector, NULL));
            add(" %s=%04x", registers[i], selector);
        }
        return MEMCORE_STATUS_OK;
    }
    const bool local = strcmp(words[1], "ldt") == 0;
    if (CALLED("set")) {
        return memcore_segment_unit_set_word(unit, local, (uint16_t)at(2), hex_at(3));
    }
    CHECK(CALLED("word"));
    uint64_t word = 0;
    const int32_t status = memcore_segment_unit_word(unit, local, (uint16_t)at(2), &word);
    add("%016" PRIx64, word);
    CHECK_OK(memcore_segment_unit_validate(unit));
    return status;
}

/* --- Segmented paging ------------------------------------------------------------------------------------------- */

static memcore_multics *multics;

static int32_t attach(void) {
    memcore_multics_access access = memcore_multics_access_for(bits_of(value_of("modes")));
    const char *rings = value_of("rings");
    if (rings != NULL) {
        access.r1 = (uint8_t)(rings[0] - '0');
        access.r2 = (uint8_t)(rings[2] - '0');
        access.r3 = (uint8_t)(rings[4] - '0');
    }
    access.gates = number_of("gates");
    return memcore_multics_attach(multics, at(1), narrow("number"), narrow("segment"), &access);
}

static void add_page(const memcore_multics_word *page) {
    add("frame=");
    add(page->present ? "%" PRIu32 : "none", page->frame);
    add(" used=%s modified=%s", yes(page->used), yes(page->modified));
}

static int32_t of_multics(void) {
    const uint32_t page = narrow("page"), number = narrow("number");
    const uint8_t ring = (uint8_t)number_of("ring");
    const uint64_t offset = number_of("offset");
    uint32_t answer = 0, free_frames = 0;
    memcore_multics_word word = {0, false, false, false};
    int32_t status = MEMCORE_STATUS_OK;
    if (CALLED("paging")) {
        memcore_multics *made = NULL;
        status = memcore_multics_create(number_of("page_size"), narrow("frames"), &made);
        if (status == MEMCORE_STATUS_OK) {
            memcore_multics_destroy(multics);
            multics = made;
        }
    } else if (CALLED("process")) {
        status = memcore_multics_add_process(multics, narrow("bound"), &answer);
        add("%" PRIu32, answer);
    } else if (CALLED("segment")) {
        status = memcore_multics_create_segment(multics, number_of("length"), &answer);
        add("%" PRIu32, answer);
    } else if (CALLED("delete")) {
        status = memcore_multics_delete_segment(multics, at(1));
    } else if (CALLED("length")) {
        uint64_t length = 0;
        status = memcore_multics_set_length(multics, at(1), number_of("words"));
        CHECK_OK(memcore_multics_length(multics, at(1), &length));
        CHECK(length == number_of("words"));
    } else if (CALLED("attach")) {
        status = attach();
    } else if (CALLED("detach")) {
        status = memcore_multics_detach(multics, at(1), number, &answer);
        add("%" PRIu32, answer);
    } else if (CALLED("bring_in")) {
        status = memcore_multics_bring_in(multics, at(1), page, &answer);
        add("frame=%" PRIu32, answer);
    } else if (CALLED("put_out")) {
        status = memcore_multics_put_out(multics, at(1), page, &word);
        add_page(&word);
    } else if (CALLED("page")) {
        status = memcore_multics_page(multics, at(1), page, &word);
        add_page(&word);
    } else if (CALLED("frames")) {
        status = memcore_multics_frames(multics, &answer, &free_frames);
        add("%" PRIu32 ",%" PRIu32, answer, free_frames);
    } else if (CALLED("refer")) {
        uint64_t address = 0;
        status = memcore_multics_translate(multics, at(1), ring, number, offset, access_kind(), &address);
        add("address=%" PRIu64, address);
    } else if (CALLED("walk")) {
        char text[1000];
        size_t length = 0;
        status = memcore_multics_walk(multics, at(1), ring, number, offset, access_kind(), text, sizeof text, &length);
        add_lines(text);
    } else if (CALLED("call")) {
        uint8_t inner = 0;
        status = memcore_multics_call(multics, at(1), ring, number, offset, &inner);
        add("ring=%d", inner);
    } else {
        CHECK(CALLED("check"));
        status = memcore_multics_validate(multics);
    }
    return status;
}

/* --- Segment memory --------------------------------------------------------------------------------------------- */

static memcore_segment_memory *memory;

static int32_t read_bytes(void) {
    uint8_t bytes[100];
    const size_t size = (size_t)number_of("size");
    const int32_t status = memcore_segment_memory_read(memory, at(1), number_of("offset"), bytes, size);
    for (size_t i = 0; status == MEMCORE_STATUS_OK && i < size; i += 1) {
        add("%02x", bytes[i]);
    }
    return status;
}

static int32_t write_bytes(void) {
    uint8_t bytes[100];
    const size_t size = strlen(words[3]) / 2;
    for (size_t i = 0; i < size; i += 1) {
        const char digits[3] = {words[3][2 * i], words[3][2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return memcore_segment_memory_write(memory, at(1), number_of("offset"), bytes, size);
}

static void add_rows(void) {
    memcore_segment_row rows[20];
    size_t count = 0;
    CHECK_OK(memcore_segment_memory_segments(memory, rows, 20, &count));
    for (size_t i = 0; i < count; i += 1) {
        memcore_segment_row same;
        CHECK_OK(memcore_segment_memory_segment(memory, rows[i].segment, &same));
        CHECK(same.base == rows[i].base && same.length == rows[i].length);
        add("%s%" PRIu32 ":", i == 0 ? "" : " ", rows[i].segment);
        add(rows[i].present ? "%" PRIu64 : "out", rows[i].base);
        add(":%" PRIu64 ":", rows[i].length);
        add_protection(rows[i].protection);
    }
}

static int32_t of_memory(void) {
    const uint64_t offset = number_of("offset"), length = number_of("length");
    uint64_t first = 0, second = 0;
    int32_t status = MEMCORE_STATUS_OK;
    if (CALLED("memory")) {
        memcore_segment_memory *made = NULL;
        status = memcore_segment_memory_create(words[1], number_of("capacity"), &made);
        if (status == MEMCORE_STATUS_OK) {
            memcore_segment_memory_destroy(memory);
            memory = made;
        }
    } else if (CALLED("create")) {
        uint32_t segment = 0;
        status = memcore_segment_memory_create_segment(memory, length, bits_of(value_of("protection")), &segment);
        add("%" PRIu32, segment);
    } else if (CALLED("destroy")) {
        status = memcore_segment_memory_destroy_segment(memory, at(1));
    } else if (CALLED("resize")) {
        bool moved = false;
        status = memcore_segment_memory_resize_segment(memory, at(1), length, &moved);
        add("moved=%s", yes(moved));
    } else if (CALLED("protect")) {
        status = memcore_segment_memory_protect(memory, at(1), bits_of(words[2]));
    } else if (CALLED("translate")) {
        status =
            memcore_segment_memory_translate(memory, at(1), offset, number_of("size"), access_kind(), &first);
        add("address=%" PRIu64, first);
    } else if (CALLED("write")) {
        status = write_bytes();
    } else if (CALLED("read")) {
        status = read_bytes();
    } else if (CALLED("compact")) {
        status = memcore_segment_memory_compact(memory, UINT64_MAX, UINT64_MAX, &first, &second);
        add("moved=%" PRIu64 " bytes=%" PRIu64, first, second);
    } else if (CALLED("swap_out")) {
        status = memcore_segment_memory_swap_out(memory, at(1));
    } else if (CALLED("swap_in")) {
        status = memcore_segment_memory_swap_in(memory, at(1), &first);
        add("base=%" PRIu64, first);
    } else if (CALLED("rows")) {
        add_rows();
    } else if (CALLED("stats")) {
        memcore_stats is;
        status = memcore_segment_memory_stats(memory, &is);
        add("used=%" PRIu64 " free=%" PRIu64 " requested=%" PRIu64 " blocks=%" PRIu64 " holes=%" PRIu64, is.used,
            is.free, is.requested, is.blocks, is.holes);
        add(" largest_hole=%" PRIu64, is.largest_hole);
    } else {
        CHECK(CALLED("check"));
        status = memcore_segment_memory_validate(memory);
    }
    return status;
}

/* --- Files ------------------------------------------------------------------------------------------------------ */

static unsigned long run_file(const char *folder, const char *name, int32_t (*answer)(void)) {
    char path[200], line[MOST_TEXT];
    unsigned long at_line = 0, run = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        at_line += 1;
        line[strcspn(line, "\n")] = '\0';
        char *expected = strstr(line, " = ");
        if (line[0] == '\0' || line[0] == '#') {
            continue;
        }
        CHECK(expected != NULL);
        if (expected == NULL) {
            continue;
        }
        *expected = '\0';
        expected += 3;
        word_count = 0;
        for (char *word = strtok(line, " "); word != NULL && word_count < MOST_WORDS; word = strtok(NULL, " ")) {
            words[word_count] = word;
            word_count += 1;
        }
        outcome[0] = '\0';
        const int32_t status = answer();
        if (status != MEMCORE_STATUS_OK) {
            add_failure(status, expected);
        } else if (outcome[0] == '\0') {
            add("ok");
        }
        if (strcmp(outcome, expected) != 0) {
            check_failures += 1;
            fprintf(stderr, "%s:%lu: %s\n  expected %s\n  got      %s\n", name, at_line, words[0], expected, outcome);
        }
        run += 1;
    }
    if (file != NULL) {
        fclose(file);
    }
    return run;
}

int main(int count, char **arguments) {
    const char *folder = count > 1 ? arguments[1] : "tests/vectors/vm";
    unsigned long run = run_file(folder, "manager.vec", of_vmm);
    run += run_file(folder, "segment_unit.vec", of_unit);
    run += run_file(folder, "segmented_paging.vec", of_multics);
    run += run_file(folder, "segment_memory.vec", of_memory);
    memcore_vmm_destroy(vmm);
    memcore_segment_unit_destroy(unit);
    memcore_multics_destroy(multics);
    memcore_segment_memory_destroy(memory);
    CHECK(run > 250);
    printf("%lu calls\n", run);
    return checked();
}
