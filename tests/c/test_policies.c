/**
 * \file test_policies.c
 * The vectors of page replacement, for all three doors: tests/vectors/README.md describes the files. Each line is a
 * policy, a number of frames and a string of references; what comes of it is written in the form of the files, and the
 * two texts must be equal.
 *
 * test_policies [FOLDER]: runs each .vec file there; the default is tests/vectors/replacement. With MEMCORE_TEST_SHORT
 * in its environment it leaves out the long strings, those of the generators.
 */

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* opendir */
#endif

#include <memcore.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

typedef struct {
    char *data;
    size_t length, room;
} text;

static void add_bytes(text *to, const char *bytes, size_t count) {
    if (to->length + count + 1 > to->room) {
        to->room = 2 * (to->length + count + 1);
        to->data = (char *)realloc(to->data, to->room);
    }
    memcpy(to->data + to->length, bytes, count);
    to->length += count;
    to->data[to->length] = '\0';
}

static void add_key(text *to, uint64_t key) {
    char digits[24];
    const int count = snprintf(digits, sizeof digits, "%s%" PRIu64, to->length == 0 ? "" : ",", key);
    add_bytes(to, digits, (size_t)count);
}

/* --- Strings of references ------------------------------------------------------------------------------------ */

typedef struct {
    uint64_t *keys;
    size_t length;
} string;

static uint64_t next_of(uint64_t *state) { /* SplitMix64 */
    uint64_t word = *state += UINT64_C(0x9e3779b97f4a7c15);
    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
    return word ^ word >> 31;
}

static string generated(char which) {
    string made = {NULL, 0};
    uint64_t state = which == 'A' ? 1 : 2, scanned = 0, sum = 0;
    made.length = which == 'C' ? 50000 : 200000;
    made.keys = (uint64_t *)malloc(made.length * sizeof *made.keys);
    for (size_t i = 0; i < made.length; i += 1) {
        const uint64_t word = next_of(&state);
        const uint64_t product = (word & 0xffff) * (word >> 16 & 0xffff);
        if (which == 'C') {
            made.keys[i] = i % 1000;
        } else if (which == 'A') {
            made.keys[i] = product >> 20;
        } else if (i % 4 == 3) {
            made.keys[i] = 4096 + scanned % 2000;
            scanned += 1;
        } else {
            made.keys[i] = product >> 22;
        }
        sum += made.keys[i];
    }
    CHECK(which != 'A' || (made.keys[0] == 794 && made.keys[3] == 2993 && sum == 204464783));
    CHECK(which != 'B' || (made.keys[0] == 38 && made.keys[3] == 4096 && sum == 293254959));
    return made;
}

/* --- One line ------------------------------------------------------------------------------------------------- */

/* A policy that needs the future is given the whole string at once; how many it evicts is then told, but not whom. */
static memcore_paging_result replayed(const char *policy, uint32_t frames, const string *references) {
    memcore_page_trace *trace = NULL;
    memcore_paging_result result;
    memset(&result, 0, sizeof result);
    CHECK_OK(memcore_page_trace_from_keys(references->length, references->keys, NULL, &trace));
    CHECK_OK(memcore_paging_simulate(trace, policy, frames, NULL, NULL, NULL, &result));
    memcore_page_trace_destroy(trace);
    return result;
}

static uint64_t entries_of(const char *list) {
    uint64_t entries = strcmp(list, "none") != 0;
    for (; *list != '\0'; list += 1) {
        entries += *list == ',';
    }
    return entries;
}

static void step(memcore_cache *cache, uint64_t key, bool write, text *evicted) {
    const uint64_t *keys = NULL;
    size_t count = 0;
    CHECK_OK(memcore_cache_access(cache, key, write, NULL));
    CHECK_OK(memcore_cache_evicted(cache, &keys, &count));
    for (size_t i = 0; i < count; i += 1) {
        add_key(evicted, keys[i]);
    }
}

static bool needs_future(const char *policy) {
    memcore_policy_kind kind;
    memset(&kind, 0, sizeof kind);
    CHECK_OK(memcore_policy_facts(policy, &kind));
    return kind.needs_future;
}

/* Whether the outcome of a line is as expected; the evicted keys are compared where the line names them. */
static bool holds(const char *policy, uint32_t frames, char *pages, char generator, uint64_t misses,
                  const char *expected) {
    memcore_cache *cache = NULL;
    memcore_cache_counts counts;
    text evicted = {NULL, 0, 0};
    bool as_expected;
    add_bytes(&evicted, "", 0);
    if (needs_future(policy)) {
        string references = {NULL, 0};
        if (generator != '\0') {
            references = generated(generator);
        } else {
            references.keys = (uint64_t *)malloc(strlen(pages) * sizeof *references.keys);
            for (char *word = strtok(pages, ","); word != NULL; word = strtok(NULL, ",")) {
                references.keys[references.length] = strtoull(word, NULL, 10);
                references.length += 1;
            }
        }
        const memcore_paging_result result = replayed(policy, frames, &references);
        as_expected = result.misses == misses && (expected == NULL || result.evictions == entries_of(expected));
        free(references.keys);
        free(evicted.data);
        return as_expected;
    }
    CHECK_OK(memcore_cache_create(policy, frames, &cache));
    if (cache == NULL) {
        free(evicted.data);
        return false;
    }
    if (generator != '\0') {
        string references = generated(generator);
        CHECK_OK(memcore_cache_access_many(cache, references.keys, references.length, NULL, NULL, NULL));
        free(references.keys);
    } else {
        for (char *word = strtok(pages, ","); word != NULL; word = strtok(NULL, ",")) {
            if (word[0] == '-') {
                CHECK_OK(memcore_cache_remove(cache, strtoull(word + 1, NULL, 10), NULL));
            } else {
                step(cache, strtoull(word, NULL, 10), strchr(word, 'w') != NULL, &evicted);
            }
        }
    }
    CHECK_OK(memcore_cache_stats(cache, &counts));
    memcore_cache_destroy(cache);
    if (evicted.length == 0) {
        add_bytes(&evicted, "none", 4);
    }
    as_expected = counts.misses == misses && (expected == NULL || strcmp(expected, evicted.data) == 0);
    if (!as_expected) {
        fprintf(stderr, "misses=%" PRIu64 " evicted=%s\n", counts.misses, evicted.data);
    }
    free(evicted.data);
    return as_expected;
}

static char *value_of(char *word, const char *key) {
    const size_t length = strlen(key);
    return strncmp(word, key, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static unsigned long run_line(const char *file, unsigned long at, char *line) {
    char *outcome = strstr(line, " = "), *policy = NULL, *pages = NULL, *evicted = NULL, *found;
    uint64_t misses = UINT64_MAX;
    uint32_t frames = 0;
    char generator = '\0', *words[8];
    size_t count = 0;
    if (line[0] == '\0' || line[0] == '#') {
        return 0;
    }
    CHECK(outcome != NULL);
    for (char *word = strtok(line, " "); word != NULL && count < 8; word = strtok(NULL, " ")) {
        words[count] = word;
        count += 1;
    }
    CHECK(count >= 6 && strcmp(words[0], "policy") == 0);
    policy = words[1];
    for (size_t i = 2; i < count; i += 1) {
        if ((found = value_of(words[i], "frames")) != NULL) {
            frames = (uint32_t)strtoul(found, NULL, 10);
        } else if ((found = value_of(words[i], "pages")) != NULL) {
            pages = found;
        } else if ((found = value_of(words[i], "generator")) != NULL) {
            generator = found[0];
        } else if ((found = value_of(words[i], "misses")) != NULL) {
            misses = strtoull(found, NULL, 10);
        } else if ((found = value_of(words[i], "evicted")) != NULL) {
            evicted = found;
        } else {
            CHECK(strcmp(words[i], "=") == 0);
        }
    }
    if (generator != '\0' && getenv("MEMCORE_TEST_SHORT") != NULL) {
        return 0;
    }
    CHECK((pages == NULL) == (generator != '\0') && (pages == NULL) == (evicted == NULL));
    if (!holds(policy, frames, pages, generator, misses, evicted)) {
        check_failures += 1;
        fprintf(stderr, "%s:%lu: %s in %" PRIu32 " frames: expected misses=%" PRIu64 " evicted=%s\n", file, at, policy,
                frames, misses, evicted == NULL ? "" : evicted);
    }
    return 1;
}

static unsigned long run_file(const char *folder, const char *name) {
    text path = {NULL, 0, 0}, line = {NULL, 0, 0};
    unsigned long at = 0, run = 0;
    add_bytes(&path, folder, strlen(folder));
    add_bytes(&path, "/", 1);
    add_bytes(&path, name, strlen(name));
    FILE *file = fopen(path.data, "rb");
    CHECK(file != NULL);
    add_bytes(&line, "", 0);
    for (int c = file == NULL ? EOF : fgetc(file); c != EOF; c = fgetc(file)) {
        const char byte = (char)c;
        if (c != '\n') {
            add_bytes(&line, &byte, 1);
            continue;
        }
        at += 1;
        run += run_line(name, at, line.data);
        line.length = 0;
        line.data[0] = '\0';
    }
    CHECK(line.length == 0); /* a last line without an end would have been passed over */
    if (file != NULL) {
        fclose(file);
    }
    free(line.data);
    free(path.data);
    return run;
}

int main(int count, char **arguments) {
    const char *folder = count > 1 ? arguments[1] : "tests/vectors/replacement";
    DIR *entries = opendir(folder);
    unsigned long run = 0;
    CHECK(entries != NULL);
    for (struct dirent *entry = entries == NULL ? NULL : readdir(entries); entry != NULL; entry = readdir(entries)) {
        const char *ending = strrchr(entry->d_name, '.');
        if (ending != NULL && strcmp(ending, ".vec") == 0) {
            run += run_file(folder, entry->d_name);
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
    CHECK(run > 0);
    printf("%lu strings\n", run);
    return checked();
}
