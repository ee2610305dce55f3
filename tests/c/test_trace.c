/**
 * \file test_trace.c
 * Traces from files, memory, columns and workloads; their figures; and what is wrong with those that are wrong.
 */

#include <memcore.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char small[] = "3\n6\na 0 512\na 1 128\nr 0 640\nf 1\na 2 16\nf 0\n";

static memcore_trace *read_text(const char *content) {
    memcore_trace *trace = NULL;
    CHECK_OK(memcore_trace_read(content, strlen(content), "small.rep", NULL, NULL, NULL, &trace));
    return trace;
}

static void test_contents(void) {
    memcore_trace *trace = read_text(small);
    size_t length = 0, count = 99;
    uint32_t ids = 0;
    memcore_trace_event event;
    memcore_text format;
    memcore_note note;
    char comment[8] = "before";
    CHECK_OK(memcore_trace_length(trace, &length));
    CHECK_OK(memcore_trace_ids(trace, &ids));
    CHECK(length == 6 && ids == 3);
    CHECK_OK(memcore_trace_event_at(trace, 2, &event));
    CHECK(event.kind == MEMCORE_EVENT_TYPE_REALLOC && event.id == 0 && event.size == 640);
    CHECK(event.alignment == 1 && event.thread == 0);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_trace_event_at(trace, 6, &event));
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_trace_event_at(trace, SIZE_MAX, &event));
    CHECK_OK(memcore_trace_format(trace, &format));
    CHECK(format.length == 3 && memcmp(format.data, "rep", 3) == 0);
    CHECK_OK(memcore_trace_comment(trace, comment, sizeof comment, &length));
    CHECK(length == 0 && comment[0] == '\0');
    CHECK_OK(memcore_trace_note_count(trace, &count));
    CHECK(count == 0);
    CHECK_STATUS(MEMCORE_STATUS_OUT_OF_RANGE, memcore_trace_note(trace, 0, &note));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_length(NULL, &length));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_ids(trace, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_event_at(trace, 0, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_format(NULL, &format));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_comment(trace, NULL, 8, &length));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_note_count(trace, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_note(NULL, 0, &note));
    memcore_trace_destroy(trace);

    trace = read_text("1\n2\na 0 8\nf 7\n");
    CHECK_OK(memcore_trace_note_count(trace, &count));
    CHECK(count >= 1);
    CHECK_OK(memcore_trace_note(trace, 0, &note));
    CHECK(note.name.length > 0 && note.reason.length > 0 && note.count > 0);
    memcore_trace_destroy(trace);
    memcore_trace_destroy(NULL);
}

static void test_figures(void) {
    memcore_trace *trace = read_text(small);
    memcore_trace_summary_figures figures;
    memcore_live_point points[10];
    size_t count = 0;
    CHECK_OK(memcore_trace_summary(trace, &figures));
    CHECK(figures.mallocs == 3 && figures.reallocs == 1 && figures.frees == 2 && figures.blocks == 3);
    CHECK(figures.peak_live_bytes == 768 && figures.peak_at == 3 && figures.peak_live_blocks == 2);
    CHECK(figures.end_live_bytes == 16 && figures.largest_size == 640 && figures.sizes[10] == 1);
    CHECK_OK(memcore_trace_series(trace, points, 10, &count));
    CHECK(count == 6 && points[5].operations == 6 && points[5].live_bytes == 16 && points[2].live_bytes == 768);
    CHECK_OK(memcore_trace_series(trace, points, 2, &count));
    CHECK(count == 2 && points[1].operations == 6 && points[0].highest_live_bytes == 768);
    CHECK_OK(memcore_trace_series(trace, NULL, 0, &count));
    CHECK(count == 0);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_series(trace, NULL, 1, &count));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_series(trace, points, 1, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_summary(trace, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_summary(NULL, &figures));
    memcore_trace_destroy(trace);
}

static int32_t count_calls(uint64_t done, uint64_t total, void *user) {
    (void)done;
    (void)total;
    *(int *)user += 1;
    return 0;
}

static int32_t stop(uint64_t done, uint64_t total, void *user) {
    (void)done;
    (void)total;
    *(int *)user += 1;
    return 1;
}

static void test_files(void) {
    static const char *const names[] = {
        "small.heaptrack-interpreted.zst", "small.heaptrack-raw.zst", "small.mtrace.gz",
        "small.rep",                       "small.vgtrace.xz",        "zstd_T2.matr.zst",
    };
    char path[100];
    memcore_trace *trace = NULL;
    size_t length = 0;
    int calls = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i += 1) {
        snprintf(path, sizeof path, "memcore/tests/data/%s", names[i]);
        CHECK_OK(memcore_trace_open(path, NULL, count_calls, &calls, &trace));
        CHECK_OK(memcore_trace_length(trace, &length));
        CHECK(length > 0);
        memcore_trace_destroy(trace);
        trace = NULL;
    }
    CHECK(calls > 0);
    calls = 0;
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_trace_open(path, NULL, stop, &calls, &trace));
    CHECK(calls == 1);
    memcore_read_options options = memcore_read_options_default();
    CHECK(options.max_events == UINT64_C(1) << 30);
    options.max_events = 10;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_LIMIT, memcore_trace_open(path, &options, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_trace_open("no/such/file", NULL, NULL, NULL, &trace));
    char message[200];
    CHECK(memcore_last_error_message(message, sizeof message) > 0);
    CHECK(strstr(message, "no/such/file") != NULL);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_open(NULL, NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_open(path, NULL, NULL, NULL, NULL));
    CHECK(trace == NULL);
}

static void check_unreadable(int32_t status, const void *bytes, size_t length, uint64_t value) {
    memcore_trace *trace = NULL;
    memcore_error_details details;
    CHECK_STATUS(status, memcore_trace_read(bytes, length, "name", NULL, NULL, NULL, &trace));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.status == status && details.value == value);
    CHECK(trace == NULL);
}

static void test_malformed_content(void) {
    memcore_trace *trace = NULL;
    char message[300];
    check_unreadable(MEMCORE_STATUS_TRACE_LINE, "1\n2\na 0 x\n", 10, 3);
    CHECK(memcore_last_error_message(message, sizeof message) < sizeof message);
    CHECK(strncmp(message, "name:3: ", 8) == 0 && strstr(message, "a 0 x") != NULL);
    check_unreadable(MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT, "hello\n", 6, 0);
    check_unreadable(MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT, "", 0, 0);
    check_unreadable(MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT, NULL, 0, 0);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_read(NULL, 1, NULL, NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_read(small, 1, NULL, NULL, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NOT_UTF8, memcore_trace_read(small, 1, "\xff", NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_trace_read(small, SIZE_MAX, NULL, NULL, NULL, NULL, &trace));

    /* A real file, cut off at many places, is an error or a shorter trace, never more. */
    FILE *file = fopen("memcore/tests/data/zstd_T2.matr.zst", "rb");
    CHECK(file != NULL);
    if (file != NULL) {
        static unsigned char bytes[1 << 20];
        const size_t length = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        for (size_t cut = 0; cut < length; cut += 1 + length / 40) {
            CHECK(memcore_trace_read(bytes, cut, NULL, NULL, NULL, NULL, &trace) != MEMCORE_STATUS_OK);
        }
    }
    CHECK(trace == NULL);
}

static void test_columns(void) {
    const uint8_t kinds[] = {0, 2, 4, 0}, bad[] = {0, 9, 4, 0};
    const uint64_t ids[] = {700, 7, 700, 700}, sizes[] = {64, 32, 0, 8}, alignments[] = {1, 4096, 1, 1};
    const uint32_t threads[] = {0, 1, 2, 3};
    memcore_trace *trace = NULL;
    memcore_trace_event event;
    memcore_error_details details;
    CHECK_OK(memcore_trace_from_columns(4, kinds, ids, sizes, alignments, threads, &trace));
    CHECK_OK(memcore_trace_event_at(trace, 1, &event));
    CHECK(event.kind == MEMCORE_EVENT_TYPE_ALIGNED && event.alignment == 4096 && event.thread == 1);
    CHECK_OK(memcore_trace_event_at(trace, 3, &event));
    CHECK(event.id == 2);
    memcore_trace_destroy(trace);
    trace = NULL;
    CHECK_OK(memcore_trace_from_columns(0, NULL, NULL, NULL, NULL, NULL, &trace));
    memcore_trace_destroy(trace);
    trace = NULL;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_EVENT, memcore_trace_from_columns(4, bad, ids, sizes, NULL, NULL, &trace));
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.value == 1);
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_from_columns(4, kinds, NULL, sizes, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_from_columns(4, kinds, ids, sizes, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_INVALID_ARGUMENT,
                 memcore_trace_from_columns(SIZE_MAX, kinds, ids, sizes, NULL, NULL, &trace));
    CHECK(trace == NULL);
}

static void test_generation(void) {
    memcore_trace *trace = NULL;
    size_t length = 0;
    int calls = 0;
    char comment[200];
    CHECK_OK(memcore_trace_generate("steady:live=10,operations=1000,seed=1", NULL, NULL, &trace));
    CHECK_OK(memcore_trace_length(trace, &length));
    CHECK(length == 1000);
    CHECK_OK(memcore_trace_comment(trace, comment, sizeof comment, &length));
    CHECK(length > 0 && length < sizeof comment && strstr(comment, "steady") != NULL);
    memcore_trace_destroy(trace);
    trace = NULL;
    CHECK_STATUS(MEMCORE_STATUS_TRACE_WORKLOAD, memcore_trace_generate("stedy", NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_WORKLOAD, memcore_trace_generate("steady:live=0", NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_CANCELLED, memcore_trace_generate("steady:operations=1000000", stop, &calls, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_generate(NULL, NULL, NULL, &trace));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_generate("steady", NULL, NULL, NULL));
    CHECK(trace == NULL);
}

typedef struct {
    char bytes[200];
    size_t length;
} sink;

static int32_t take(const void *bytes, size_t length, void *user) {
    sink *to = (sink *)user;
    if (length > sizeof to->bytes - to->length) {
        return 1;
    }
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
    return 0;
}

static int32_t refuse(const void *bytes, size_t length, void *user) {
    (void)bytes;
    (void)length;
    (void)user;
    return 7;
}

static void test_writing(void) {
    const uint8_t kinds[] = {1};
    const uint64_t ids[] = {0}, sizes[] = {100};
    memcore_trace *trace = NULL;
    memcore_loss loss;
    sink to;
    char path[64];
    to.length = 0;
    CHECK_OK(memcore_trace_from_columns(1, kinds, ids, sizes, NULL, NULL, &trace));
    CHECK_OK(memcore_trace_write(trace, "rep", take, &to, &loss));
    CHECK(to.length == 18 && memcmp(to.bytes, "1\n1\n1\n100\na 0 100\n", 18) == 0);
    CHECK(loss.callocs == 1 && loss.threads == 0 && loss.orphans == 0 && loss.comment_bytes == 0);
    CHECK_OK(memcore_trace_write(trace, "memcore", take, &to, NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_trace_write(trace, "rep", refuse, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_NOT_WRITABLE, memcore_trace_write(trace, "mtrace", take, &to, NULL));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_trace_write(trace, "rap", take, &to, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_write(trace, NULL, take, &to, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_write(trace, "rep", NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_write(NULL, "rep", take, &to, NULL));

    /* tmpnam and its kin are no C11 everywhere; the address of a local makes the name our own. */
    snprintf(path, sizeof path, "/tmp/memcore-test-%x.rep.zst", (unsigned)(uintptr_t)&loss);
    CHECK_OK(memcore_trace_save(trace, path, NULL, &loss));
    CHECK(loss.callocs == 1);
    memcore_trace *again = NULL;
    memcore_text format;
    CHECK_OK(memcore_trace_open(path, NULL, NULL, NULL, &again));
    CHECK_OK(memcore_trace_format(again, &format));
    CHECK(format.length == 3);
    memcore_trace_destroy(again);
    CHECK_OK(memcore_trace_save(trace, path, "memcore", NULL));
    CHECK(remove(path) == 0);
    CHECK_STATUS(MEMCORE_STATUS_TRACE_IO, memcore_trace_save(trace, "/no/such/folder/a.rep", NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_TRACE_NOT_WRITABLE, memcore_trace_save(trace, path, "valgrind", NULL));
    CHECK_STATUS(MEMCORE_STATUS_UNKNOWN_NAME, memcore_trace_save(trace, path, "zip", NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_save(trace, NULL, NULL, NULL));
    CHECK_STATUS(MEMCORE_STATUS_NULL_ARGUMENT, memcore_trace_save(NULL, path, NULL, NULL));
    memcore_trace_destroy(trace);
}

int main(void) {
    test_contents();
    test_figures();
    test_files();
    test_malformed_content();
    test_columns();
    test_generation();
    test_writing();
    return checked();
}
