/**
 * \file test_machine_vectors.c
 * tests/vectors/vm/exercises.vec through the C door; tests/vectors/README.md describes the file.
 *
 * test_machine_vectors [FILE]
 */

#include <memcore.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { MOST_WORDS = 16, MOST_TEXT = 4000, PAGE = 4096 };

static char *words[MOST_WORDS];
static size_t word_count;
static char outcome[MOST_TEXT];
static memcore_machine *machine;
static uint32_t process;

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

static uint32_t protection(void) {
    const char *letters = value_of("protection");
    if (letters == NULL) {
        return MEMCORE_PROT_READ | MEMCORE_PROT_WRITE;
    }
    return (letters[0] == 'r' ? MEMCORE_PROT_READ : 0) | (letters[1] == 'w' ? MEMCORE_PROT_WRITE : 0) |
           (letters[2] == 'x' ? MEMCORE_PROT_EXECUTE : 0);
}

static int32_t make(void) {
    memcore_setting settings[MOST_WORDS];
    size_t count = 0;
    for (size_t i = 2; i < word_count; i += 1) {
        char *value = strchr(words[i], '=');
        *value = '\0';
        settings[count].key = words[i];
        settings[count].value = value + 1;
        count += 1;
    }
    CHECK_OK(memcore_machine_destroy(machine));
    machine = NULL;
    const int32_t status = memcore_machine_create_with(words[1], settings, count, &machine);
    return status != 0 ? status : memcore_machine_spawn(machine, &process);
}

static int32_t map(void) {
    memcore_map_request request = memcore_map_request_for(number_of("length"), protection());
    uint64_t address;
    if (value_of("address") != NULL) {
        request.address = number_of("address");
        request.flags |= MEMCORE_MAP_FIXED;
    }
    const int32_t status = memcore_machine_mmap(machine, process, &request, &address);
    if (status == 0) {
        add("address=%" PRIu64, address);
    }
    return status;
}

static uint64_t counted(const char *wanted, int is_time) {
    uint64_t values[128];
    size_t count = 0;
    memcore_text name;
    if (is_time) {
        CHECK_OK(memcore_machine_cycles(machine, values, 128, &count));
    } else {
        CHECK_OK(memcore_machine_counters(machine, values, 128, &count));
    }
    for (size_t i = 0; i < count; i += 1) {
        CHECK_OK(is_time ? memcore_cause_name(i, &name) : memcore_counter_name(i, &name));
        if (name.length == strlen(wanted) && memcmp(name.data, wanted, name.length) == 0) {
            return values[i];
        }
    }
    CHECK(!"the name is known");
    return 0;
}

static int32_t references(memcore_fault *fault) {
    const int32_t kind =
        strcmp(words[word_count - 1], "write") == 0 ? MEMCORE_ACCESS_KIND_WRITE : MEMCORE_ACCESS_KIND_READ;
    const uint64_t faults = counted("minor", 0) + counted("major", 0), evicted = counted("evicted", 0);
    for (char *rest = words[1]; *rest != '\0';) {
        const uint64_t page = strtoull(rest, &rest, 10);
        uint64_t times = 1;
        if (*rest == '*') {
            times = strtoull(rest + 1, &rest, 10);
        }
        for (; times > 0; times -= 1) {
            const int32_t status = memcore_machine_access(machine, process, page * PAGE, 1, kind, fault);
            if (status != 0) {
                return status;
            }
        }
        rest += *rest == ',';
    }
    add("faults=%" PRIu64 " evicted=%" PRIu64, counted("minor", 0) + counted("major", 0) - faults,
        counted("evicted", 0) - evicted);
    return 0;
}

static int32_t walk(void) {
    static const char *const outcomes[] = {"mapped", "swapped", "guard", "empty", "not-canonical"};
    memcore_walk told;
    memcore_walk_step steps[8];
    size_t count;
    const int32_t status =
        memcore_machine_walk(machine, process, number_of("address"), &told, steps, 8, &count);
    if (status != 0) {
        return status;
    }
    for (size_t i = 0; i < count; i += 1) {
        add("%.*s:%" PRIu64 " ", (int)steps[i].name.length, steps[i].name.data, steps[i].index);
    }
    add("%s", outcomes[told.outcome]);
    if (told.outcome == MEMCORE_WALK_OUTCOME_MAPPED) {
        add(" offset=%" PRIu64, told.physical % told.page_size);
    }
    return 0;
}

static int32_t read_bytes(memcore_fault *fault) {
    unsigned char bytes[64];
    const size_t length = (size_t)number_of("length");
    const int32_t status = memcore_machine_read(machine, process, number_of("address"), bytes, length, fault);
    for (size_t i = 0; status == 0 && i < length; i += 1) {
        add("%02x", bytes[i]);
    }
    return status;
}

static int32_t write_bytes(memcore_fault *fault) {
    unsigned char bytes[64];
    const char *digits = value_of("bytes");
    const size_t length = strlen(digits) / 2;
    for (size_t i = 0; i < length; i += 1) {
        const char two[3] = {digits[2 * i], digits[2 * i + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(two, NULL, 16);
    }
    return memcore_machine_write(machine, process, number_of("address"), bytes, length, fault);
}

#define CALLED(name) (strcmp(words[0], name) == 0)

static int32_t answer(memcore_fault *fault) {
    if (CALLED("machine")) {
        return make();
    }
    if (CALLED("map")) {
        return map();
    }
    if (CALLED("protect")) {
        return memcore_machine_mprotect(machine, process, number_of("address"), number_of("length"), protection());
    }
    if (CALLED("fork")) {
        uint32_t child;
        const int32_t status = memcore_machine_fork(machine, process, &child);
        add("process=%" PRIu32, child);
        return status;
    }
    if (CALLED("as")) {
        process = (uint32_t)strtoul(words[1], NULL, 10);
        return 0;
    }
    if (CALLED("references")) {
        return references(fault);
    }
    if (CALLED("walk")) {
        return walk();
    }
    if (CALLED("read")) {
        return read_bytes(fault);
    }
    if (CALLED("write")) {
        return write_bytes(fault);
    }
    if (CALLED("count") || CALLED("time")) {
        for (size_t i = 1; i < word_count; i += 1) {
            add("%s%s=%" PRIu64, i == 1 ? "" : " ", words[i], counted(words[i], CALLED("time")));
        }
        return 0;
    }
    CHECK(!"the call is known");
    return 0;
}

static void add_failure(int32_t status, const memcore_fault *fault) {
    static const char *const kinds[] = {"none",   "general-protection", "maperr",        "accerr",
                                        "adrerr", "io",                 "out-of-memory", "no-process"};
    static const struct {
        int32_t number;
        const char *name;
    } numbers[] = {{3, "ESRCH"},   {5, "EIO"},     {9, "EBADF"},   {11, "EAGAIN"}, {12, "ENOMEM"},
                   {13, "EACCES"}, {14, "EFAULT"}, {17, "EEXIST"}, {22, "EINVAL"}};
    memcore_error_details details;
    outcome[0] = '\0';
    if (status == MEMCORE_STATUS_VM_FAULT) {
        add("fault %s address=%" PRIu64, kinds[fault->kind], fault->address);
        return;
    }
    CHECK_OK(memcore_last_error(&details));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i += 1) {
        if (numbers[i].number == details.error_number) {
            add("error %s", numbers[i].name);
        }
    }
}

int main(int count, char **arguments) {
    char line[MOST_TEXT];
    unsigned long at_line = 0, run = 0;
    FILE *file = fopen(count > 1 ? arguments[1] : "tests/vectors/vm/exercises.vec", "rb");
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
        memcore_fault fault;
        memset(&fault, 0, sizeof fault);
        const int32_t status = answer(&fault);
        if (status != MEMCORE_STATUS_OK) {
            add_failure(status, &fault);
        } else if (outcome[0] == '\0') {
            add("ok");
        }
        if (strcmp(outcome, expected) != 0) {
            check_failures += 1;
            fprintf(stderr, "line %lu: %s\n  expected %s\n  got      %s\n", at_line, words[0], expected, outcome);
        }
        run += 1;
    }
    if (file != NULL) {
        fclose(file);
    }
    CHECK(run > 40);
    CHECK_OK(memcore_machine_destroy(machine));
    printf("%lu calls\n", run);
    return checked();
}
