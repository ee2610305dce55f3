/**
 * \file test_pages.c
 * Traces of accesses and of references to pages: from columns, memory and files, and what is in them.
 */

#include <memcore.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static bool is(memcore_text text, const char *expected) {
    return text.length == strlen(expected) && memcmp(text.data, expected, text.length) == 0;
}

static memcore_page_trace *read_pages(const char *content, uint64_t page_size) {
    memcore_page_trace *trace = NULL;
    CHECK_OK(memcore_page_trace_read(content, strlen(content), "pages", page_size, NULL, NULL, NULL, &trace));
    return trace;
}

static void test_keys(void) {
    static const uint64_t keys[] = {7, 0, UINT64_MAX, 7};
    static const uint8_t kinds[] = {0, 1, 2, 0}, reads[] = {0, 0, 0, 0}, wrong[] = {0, 0, 3, 0};
    memcore_page_trace *trace = NULL;
    const uint32_t *references = NULL;
    const uint64_t *told = NULL;
    const uint8_t *told_kinds = reads;
    size_t count = 0;
    uint32_t pages = 0;
    uint64_t number = 0;
    memcore_text format;
    memcore_note note;
    CHECK_OK(memcore_page_trace_from_keys(4, keys, kinds, &trace));
    CHECK_OK(memcore_page_trace_references(trace, &references, &count));
    CHECK(count == 4 && references[0] == 0 && references[1] == 1 && references[2] == 2 && references[3] == 0);
    CHECK_OK(memcore_page_trace_keys(trace, &told, &pages));
    CHECK(pages == 3 && memcmp(told, keys, 3 * sizeof *keys) == 0);
    CHECK_OK(memcore_page_trace_kinds(trace, &told_kinds));
    CHECK(told_kinds != NULL && memcmp(told_kinds, kinds, 4) == 0);
    CHECK_OK(memcore_page_trace_page_size(trace, &number));
    CHECK(number == 1);
    CHECK_OK(memcore_page_trace_events(trace, &number));
    CHECK(number == 0);
    CHECK_OK(memcore_page_trace_format(trace, &format));
    CHECK(is(format, "built"));
    CHECK_OK(memcore_page_trace_note_count(trace, &count));
    CHECK(count == 0);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_page_trace_note(trace, 0, &note));
    memcore_page_trace_destroy(trace);

    CHECK_OK(memcore_page_trace_from_keys(4, keys, reads, &trace));
    CHECK_OK(memcore_page_trace_kinds(trace, &told_kinds));
    CHECK(told_kinds == NULL);
    memcore_page_trace_destroy(trace);
    CHECK_OK(memcore_page_trace_from_keys(0, NULL, NULL, &trace));
    CHECK_OK(memcore_page_trace_references(trace, &references, &count));
    CHECK(count == 0);
    memcore_page_trace_destroy(trace);

    trace = NULL;
    memcore_error_details details;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_EVENT, memcore_page_trace_from_keys(4, keys, wrong, &trace));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == 2);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_from_keys(1, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_from_keys(1, keys, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT, memcore_page_trace_from_keys(SIZE_MAX, keys, NULL, &trace));
    CHECK(trace == NULL);
}

static void test_contents(void) {
    static const char lackey[] = " S 1ffc,8\n L 2000,4\nI  4000,2\n";
    memcore_page_trace *trace = read_pages(lackey, 0);
    const uint32_t *references = NULL;
    const uint64_t *keys = NULL;
    const uint8_t *kinds = NULL;
    size_t count = 0;
    uint32_t pages = 0;
    uint64_t number = 0;
    memcore_text format;
    CHECK_OK(memcore_page_trace_references(trace, &references, &count));
    CHECK(count == 4 && references[0] == 0 && references[1] == 1 && references[2] == 1 && references[3] == 2);
    CHECK_OK(memcore_page_trace_keys(trace, &keys, &pages));
    CHECK(pages == 3 && keys[0] == 1 && keys[1] == 2 && keys[2] == 4);
    CHECK_OK(memcore_page_trace_kinds(trace, &kinds));
    CHECK(kinds[0] == MEMCORE_ACCESS_KIND_WRITE && kinds[1] == MEMCORE_ACCESS_KIND_WRITE);
    CHECK(kinds[2] == MEMCORE_ACCESS_KIND_READ && kinds[3] == MEMCORE_ACCESS_KIND_EXECUTE);
    CHECK_OK(memcore_page_trace_page_size(trace, &number));
    CHECK(number == 4096);
    CHECK_OK(memcore_page_trace_format(trace, &format));
    CHECK(is(format, "lackey"));
    memcore_page_trace_destroy(trace);

    trace = read_pages(lackey, 16384);
    CHECK_OK(memcore_page_trace_keys(trace, &keys, &pages));
    CHECK(pages == 2 && keys[0] == 0 && keys[1] == 1);
    memcore_page_trace_destroy(trace);

    trace = read_pages("X 401\nW 1fff 2\n", 0); /* page text: pages of 4096 bytes, a run */
    CHECK_OK(memcore_page_trace_references(trace, &references, &count));
    CHECK(count == 3 && references[2] == 1);
    memcore_page_trace_destroy(trace);

    trace = read_pages("1\n2\n1\n", 0);
    CHECK_OK(memcore_page_trace_page_size(trace, &number));
    CHECK(number == 1);
    memcore_page_trace_destroy(trace);
}

static int32_t stop(uint64_t done, uint64_t total, void *user) {
    (void)done;
    (void)total;
    *(int *)user += 1;
    return 1;
}

static void test_bad_input(void) {
    static const char numbers[] = "1\n2\n1\n", rep[] = "1\n2\na 0 8\nf 0\n", broken[] = "1\n2\nx\n";
    memcore_page_trace *trace = NULL;
    memcore_access_trace *accesses = NULL;
    memcore_error_details details;
    memcore_access_options options = memcore_access_options_default();
    int calls = 0;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_OTHER_KIND,
                 memcore_page_trace_read(rep, strlen(rep), NULL, 0, NULL, NULL, NULL, &trace));
    memcore_trace *allocations = NULL;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_OTHER_KIND,
                 memcore_trace_read(numbers, strlen(numbers), NULL, NULL, NULL, NULL, &allocations));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_PAGE_SIZE,
                 memcore_page_trace_read(numbers, strlen(numbers), NULL, 3000, NULL, NULL, NULL, &trace));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == 3000);
    CHECK_STATUS(MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT,
                 memcore_page_trace_read("hello\n", 6, NULL, 0, NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT,
                 memcore_page_trace_read(NULL, 0, NULL, 0, NULL, NULL, NULL, &trace));
    options.format = "numbers";
    CHECK_STATUS(MEMCORE_STATUS_TRACE_LINE,
                 memcore_page_trace_read(broken, strlen(broken), "b", 0, &options, NULL, NULL, &trace));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == 3);
    options.format = "number";
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME,
                 memcore_page_trace_read(numbers, strlen(numbers), NULL, 0, &options, NULL, NULL, &trace));
    options = memcore_access_options_default();
    options.read.max_events = 2;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_LIMIT,
                 memcore_page_trace_read(numbers, strlen(numbers), NULL, 0, &options, NULL, NULL, &trace));
    options = memcore_access_options_default();
    options.unit = 4;
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_page_trace_read(numbers, strlen(numbers), NULL, 0, &options, NULL, NULL, &trace));
    options.unit = MEMCORE_UNIT_PAGES;
    options.unit_page_size = 0;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_PAGE_SIZE,
                 memcore_access_trace_read(numbers, strlen(numbers), NULL, &options, NULL, NULL, &accesses));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_page_trace_open("no/such/file", 0, NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_access_trace_open("no/such/file", NULL, NULL, NULL, &accesses));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_OTHER_KIND,
                 memcore_page_trace_open("memcore/tests/data/small.rep", 0, NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED,
                 memcore_page_trace_open("memcore/tests/data/small.rep", 0, NULL, stop, &calls, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_open(NULL, 0, NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_open("x", 0, NULL, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_read(NULL, 1, NULL, 0, NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_from_accesses(NULL, 0, &trace));
    CHECK(trace == NULL && accesses == NULL && allocations == NULL);

    trace = read_pages(numbers, 0);
    const uint32_t *references;
    const uint64_t *keys;
    const uint8_t *kinds;
    uint64_t number;
    uint32_t pages;
    size_t count;
    memcore_text format;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_references(NULL, &references, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_references(trace, NULL, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_references(trace, &references, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_keys(NULL, &keys, &pages));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_keys(trace, &keys, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_kinds(NULL, &kinds));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_page_size(NULL, &number));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_events(trace, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_format(NULL, &format));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_note_count(NULL, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_note(trace, 0, NULL));
    memcore_page_trace_destroy(trace);
    memcore_page_trace_destroy(NULL);
}

static void test_columns(void) {
    static const uint64_t addresses[] = {0x1ffc, 0x2000, UINT64_MAX};
    static const uint32_t sizes[] = {8, 0, 8};
    static const uint8_t kinds[] = {MEMCORE_ACCESS_KIND_WRITE, MEMCORE_ACCESS_KIND_READ, MEMCORE_ACCESS_KIND_EXECUTE};
    memcore_access_trace *accesses = NULL;
    memcore_page_trace *trace = NULL;
    memcore_access told[4];
    memcore_space_event event;
    memcore_text format;
    memcore_note note;
    const uint32_t *references = NULL;
    size_t length = 0, events = 99, count = 0;
    int32_t unit = 0;
    uint64_t page_size = 0;
    CHECK_OK(memcore_access_trace_from_columns(3, addresses, sizes, kinds, &accesses));
    CHECK_OK(memcore_access_trace_length(accesses, &length, &events));
    CHECK(length == 3 && events == 0);
    CHECK_OK(memcore_access_trace_length(accesses, NULL, NULL));
    CHECK_OK(memcore_access_trace_accesses(accesses, 1, told, 4, &count));
    CHECK(count == 2 && told[0].address == 0x2000 && told[0].size == 0 && told[0].count == 1);
    CHECK(told[1].address == UINT64_MAX && told[1].kind == MEMCORE_ACCESS_KIND_EXECUTE);
    CHECK_OK(memcore_access_trace_accesses(accesses, 3, told, 4, &count));
    CHECK(count == 0);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_access_trace_accesses(accesses, 4, told, 4, &count));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_access_trace_event(accesses, 0, &event));
    CHECK_OK(memcore_access_trace_unit(accesses, &unit, &page_size));
    CHECK(unit == MEMCORE_UNIT_BYTES && page_size == 1);
    CHECK_OK(memcore_access_trace_format(accesses, &format));
    CHECK(is(format, "built"));
    CHECK_OK(memcore_access_trace_note_count(accesses, &count));
    CHECK(count == 0);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_access_trace_note(accesses, 0, &note));

    CHECK_OK(memcore_page_trace_from_accesses(accesses, 0, &trace));
    CHECK_OK(memcore_page_trace_references(trace, &references, &count));
    CHECK(count == 4 && references[1] == 1 && references[2] == 1 && references[3] == 2);
    memcore_page_trace_destroy(trace);
    trace = NULL;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_PAGE_SIZE, memcore_page_trace_from_accesses(accesses, 12, &trace));
    CHECK(trace == NULL);

    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_length(NULL, &length, &events));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_accesses(accesses, 0, NULL, 1, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_event(NULL, 0, &event));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_unit(accesses, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_format(accesses, NULL));
    memcore_access_trace_destroy(accesses);
    memcore_access_trace_destroy(NULL);
    accesses = NULL;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_from_columns(3, NULL, NULL, NULL, &accesses));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_access_trace_from_columns(SIZE_MAX, addresses, NULL, NULL, &accesses));
    CHECK(accesses == NULL);
}

static void test_events(void) {
    static const char text[] = "m 401 2 5 2\nX 401\np 402 1 1\nb 500\nv 401 2 600 3\nu 600 3\nR 500\n";
    memcore_access_trace *accesses = NULL;
    memcore_space_event event;
    size_t length = 0, events = 0;
    int32_t unit = 0;
    uint64_t page_size = 0;
    CHECK_OK(memcore_access_trace_read(text, strlen(text), "events", NULL, NULL, NULL, &accesses));
    CHECK_OK(memcore_access_trace_length(accesses, &length, &events));
    CHECK(length == 2 && events == 5);
    CHECK_OK(memcore_access_trace_event(accesses, 0, &event));
    CHECK(event.kind == MEMCORE_SPACE_EVENT_KIND_MAP && event.before == 0 && event.page == 0x401);
    CHECK(event.pages == 2 && event.protection == 5 && event.flags == 2 && event.new_page == 0);
    CHECK_OK(memcore_access_trace_event(accesses, 1, &event));
    CHECK(event.kind == MEMCORE_SPACE_EVENT_KIND_PROTECT && event.before == 1 && event.protection == 1);
    CHECK_OK(memcore_access_trace_event(accesses, 2, &event));
    CHECK(event.kind == MEMCORE_SPACE_EVENT_KIND_BREAK && event.page == 0x500);
    CHECK_OK(memcore_access_trace_event(accesses, 3, &event));
    CHECK(event.kind == MEMCORE_SPACE_EVENT_KIND_REMAP && event.page == 0x401 && event.pages == 2);
    CHECK(event.new_page == 0x600 && event.new_pages == 3);
    CHECK_OK(memcore_access_trace_event(accesses, 4, &event));
    CHECK(event.kind == MEMCORE_SPACE_EVENT_KIND_UNMAP && event.pages == 3);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_access_trace_event(accesses, 5, &event));
    CHECK_OK(memcore_access_trace_unit(accesses, &unit, &page_size));
    CHECK(unit == MEMCORE_UNIT_PAGES && page_size == 4096);
    memcore_access_trace_destroy(accesses);
}

static void test_csv(void) {
    static const char csv[] = "when,where,how\n1,10,W\n2,11,R\n";
    memcore_access_options options = memcore_access_options_default();
    memcore_access_trace *accesses = NULL;
    memcore_access told[2];
    size_t count = 0;
    int32_t unit = 0;
    uint64_t page_size = 0;
    options.format = "csv";
    options.address_column = "where";
    options.kind_column = "how";
    options.unit = MEMCORE_UNIT_PAGES;
    options.unit_page_size = 8192;
    CHECK_OK(memcore_access_trace_read(csv, strlen(csv), "csv", &options, NULL, NULL, &accesses));
    CHECK_OK(memcore_access_trace_accesses(accesses, 0, told, 2, &count));
    CHECK(count == 2 && told[0].kind == MEMCORE_ACCESS_KIND_WRITE && told[1].kind == MEMCORE_ACCESS_KIND_READ);
    CHECK_OK(memcore_access_trace_unit(accesses, &unit, &page_size));
    CHECK(unit == MEMCORE_UNIT_PAGES && page_size == 8192);
    memcore_access_trace_destroy(accesses);
}

static void test_generated(void) {
    memcore_page_trace *trace = NULL;
    memcore_page_trace_figures figures;
    memcore_window windows[4];
    const uint32_t *references = NULL;
    char comment[100] = "";
    size_t count = 0;
    int calls = 0;
    CHECK_OK(memcore_page_trace_generate("loop:pages=3,references=7", NULL, NULL, &trace));
    CHECK_OK(memcore_page_trace_references(trace, &references, &count));
    CHECK(count == 7 && references[0] == 0 && references[2] == 2 && references[3] == 0 && references[6] == 0);
    CHECK_OK(memcore_page_trace_comment(trace, comment, sizeof comment, &count));
    CHECK(strncmp(comment, "loop:", 5) == 0 && count == strlen(comment));
    CHECK_OK(memcore_page_trace_summary(trace, &figures));
    CHECK(figures.references == 7 && figures.reads == 7 && figures.writes == 0 && figures.executes == 0);
    CHECK(figures.pages == 3 && figures.pages_read == 3 && figures.pages_written == 0 && figures.page_size == 1);
    CHECK(figures.footprint_bytes == 3 && figures.first_page == 0 && figures.last_page == 2 && figures.events == 0);
    CHECK_OK(memcore_page_trace_windows(trace, windows, 4, &count));
    CHECK(count == 4 && windows[0].references == 2 && windows[0].pages == 2 && windows[0].new_pages == 2);
    CHECK(windows[1].pages == 2 && windows[1].new_pages == 1 && windows[3].references == 7 && windows[3].pages == 1);
    CHECK_OK(memcore_page_trace_windows(trace, NULL, 0, &count));
    CHECK(count == 0);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_windows(trace, NULL, 1, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_windows(trace, windows, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_summary(trace, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_summary(NULL, &figures));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_comment(trace, NULL, 1, &count));
    memcore_page_trace_destroy(trace);
    trace = NULL;
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_page_trace_generate("zip", NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_KEY, memcore_page_trace_generate("zipf:page=3", NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_BAD_VALUE, memcore_page_trace_generate("zipf:pages=0", NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_page_trace_generate("zipf", stop, &calls, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_generate(NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_page_trace_generate("zipf", NULL, NULL, NULL));
    CHECK(trace == NULL && calls == 1);
}

static int32_t collect(const void *bytes, size_t length, void *user) {
    char *text = (char *)user;
    const size_t before = strlen(text);
    if (before + length >= 64) {
        return 1;
    }
    memcpy(text + before, bytes, length);
    text[before + length] = '\0';
    return 0;
}

static void test_saving(void) {
    static const uint64_t keys[] = {7, 7, 9, 7};
    static const uint8_t kinds[] = {0, 0, 1, 0};
    memcore_page_trace *trace = NULL, *again = NULL;
    memcore_access_trace *accesses = NULL;
    memcore_loss loss;
    memcore_access told[4];
    const uint32_t *references = NULL;
    const uint8_t *told_kinds = NULL;
    char path[64], text[64] = "";
    size_t count = 0;
    CHECK_OK(memcore_page_trace_from_keys(4, keys, kinds, &trace));
    CHECK_OK(memcore_access_trace_from_pages(trace, &accesses));
    CHECK_OK(memcore_access_trace_accesses(accesses, 0, told, 4, &count));
    CHECK(count == 3 && told[0].address == 7 && told[0].count == 2 && told[1].kind == MEMCORE_ACCESS_KIND_WRITE);
    CHECK_OK(memcore_access_trace_comment(accesses, text, sizeof text, &count));
    CHECK(count == 0);
    snprintf(path, sizeof path, "/tmp/memcore-test-%x.zst", (unsigned)(uintptr_t)&loss);
    CHECK_OK(memcore_access_trace_save(accesses, path, NULL, &loss));
    CHECK(loss.places == 0 && loss.space_events == 0 && loss.units == 0 && loss.comment_bytes == 0);
    CHECK_OK(memcore_page_trace_open(path, 0, NULL, NULL, NULL, &again));
    CHECK_OK(memcore_page_trace_references(again, &references, &count));
    CHECK(count == 4 && references[0] == 0 && references[2] == 1 && references[3] == 0);
    CHECK_OK(memcore_page_trace_kinds(again, &told_kinds));
    CHECK(told_kinds != NULL && memcmp(told_kinds, kinds, 4) == 0);
    memcore_page_trace_destroy(again);
    CHECK(remove(path) == 0);
    memcore_access_trace_destroy(accesses);
    memcore_page_trace_destroy(trace);

    static const char lackey[] = "I  0401b770,1\n S 1fff000ffc,8\n";
    CHECK_OK(memcore_access_trace_read(lackey, strlen(lackey), NULL, NULL, NULL, NULL, &accesses));
    CHECK_OK(memcore_access_trace_write(accesses, "page-text", collect, text, &loss));
    CHECK(strcmp(text, "X 401b\nW 1fff000\nW 1fff001\n") == 0 && loss.places == 2);
    memset(text, 'x', 63);
    text[63] = '\0';
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_access_trace_write(accesses, "page-text", collect, text, NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_NOT_WRITABLE, memcore_access_trace_save(accesses, path, "lackey", NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_NOT_WRITABLE, memcore_access_trace_save(accesses, path, "rep", NULL));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_access_trace_save(accesses, path, "zip", NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_access_trace_save(accesses, "/no/such/folder/a", NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_save(NULL, path, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_save(accesses, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_write(accesses, "pgtr", NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_write(accesses, NULL, collect, text, NULL));
    memcore_access_trace_destroy(accesses);
    accesses = NULL;
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_access_trace_from_pages(NULL, &accesses));
    CHECK(accesses == NULL);
}

static void test_kinds_of_files(void) {
    memcore_text format;
    int32_t kind = -1;
    CHECK_OK(memcore_trace_kind_of("memcore/tests/data/small.mtrace.gz", &kind, &format));
    CHECK(kind == MEMCORE_TRACE_KIND_ALLOCATIONS && is(format, "mtrace"));
    CHECK_OK(memcore_trace_kind_of("memcore/tests/data/walk.lackey.xz", &kind, &format));
    CHECK(kind == MEMCORE_TRACE_KIND_ACCESSES && is(format, "lackey"));
    CHECK_OK(memcore_trace_kind_of("memcore/tests/data/walk.lackey.xz", &kind, NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_trace_kind_of("no/such/file", &kind, NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT, memcore_trace_kind_of("Makefile", &kind, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_kind_of(NULL, &kind, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_kind_of("Makefile", NULL, NULL));
}

static void test_recorded(void) {
    memcore_page_trace *trace = NULL;
    memcore_page_trace_figures figures;
    /* Recorded once; these are the counts of whoever recorded it. */
    CHECK_OK(memcore_page_trace_open("memcore/tests/data/listwalk.pgtr.zst", 0, NULL, NULL, NULL, &trace));
    CHECK_OK(memcore_page_trace_summary(trace, &figures));
    CHECK(figures.references == 2010603 && figures.pages == 540 && figures.page_size == 4096);
    CHECK(figures.pages_read == 457 && figures.pages_written == 406 && figures.pages_executed == 80);
    CHECK(figures.events == 21 && figures.reads + figures.writes + figures.executes == figures.references);
    memcore_page_trace_destroy(trace);
}

int main(void) {
    test_keys();
    test_contents();
    test_bad_input();
    test_columns();
    test_events();
    test_csv();
    test_generated();
    test_saving();
    test_kinds_of_files();
    test_recorded();
    return checked();
}
