/**
 * \file test_vectors.c
 * The vectors of all three doors: tests/vectors/README.md describes the files. Each call is made through the C
 * library, its outcome is written in the form of the files, and the two texts must be equal.
 *
 * test_vectors [FOLDER]: runs each .vec file there; the default is tests/vectors.
 */

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* opendir */
#endif

#include <memcore.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* --- Text that grows ------------------------------------------------------------------------------------------ */

typedef struct {
    char *data;
    size_t length, room;
} text;

static void add(text *to, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const size_t more = (size_t)vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (to->length + more + 1 > to->room) {
        to->room = 2 * (to->length + more + 1);
        to->data = (char *)realloc(to->data, to->room);
    }
    vsnprintf(to->data + to->length, more + 1, format, again);
    va_end(again);
    to->length += more;
}

/* --- The space and the names in it ---------------------------------------------------------------------------- */

typedef struct label {
    char kind; /* b: a block, c: a checkpoint, p: a plan */
    char *name;
    uint64_t id;
    memcore_checkpoint mark;
    memcore_plan *plan;
    struct label *next;
} label;

static memcore_allocator *space;
static void *memory;
static label *labels;

static label *find(char kind, const char *name) {
    for (label *known = labels; known != NULL; known = known->next) {
        if (known->kind == kind && strcmp(known->name, name) == 0) {
            return known;
        }
    }
    return NULL;
}

static label *bind(char kind, const char *name) {
    label *made = (label *)calloc(1, sizeof *made);
    CHECK(find(kind, name) == NULL);
    made->kind = kind;
    made->name = (char *)malloc(strlen(name) + 1);
    strcpy(made->name, name);
    made->next = labels;
    labels = made;
    return made;
}

static void forget(void) {
    while (labels != NULL) {
        label *next = labels->next;
        memcore_plan_destroy(labels->plan);
        free(labels->name);
        free(labels);
        labels = next;
    }
    CHECK_OK(memcore_allocator_destroy(space));
    free(memory);
    space = NULL;
    memory = NULL;
}

static uint64_t id_of(const char *name) {
    if (strncmp(name, "raw:", 4) == 0) {
        return strtoull(name + 4, NULL, 10);
    }
    const label *known = find('b', name);
    CHECK(known != NULL);
    return known == NULL ? 0 : known->id;
}

static void add_id(text *to, uint64_t id) {
    for (const label *known = labels; known != NULL; known = known->next) {
        if (known->kind == 'b' && known->id == id) {
            add(to, "%s", known->name);
            return;
        }
    }
    add(to, "raw:%" PRIu64, id);
}

static void add_block(text *to, const memcore_block *block) {
    add(to, "id=");
    add_id(to, block->id);
    add(to, " start=%" PRIu64 " size=%" PRIu64 " requested=%" PRIu64, block->start, block->size, block->requested);
}

/* --- Errors --------------------------------------------------------------------------------------------------- */

typedef struct {
    int32_t status;
    const char *name;
    const char *fields;
} error_form;

static const error_form errors[] = {
    {MEMCORE_STATUS_ZERO_SIZE, "ZeroSize", ""},
    {MEMCORE_STATUS_TOO_LARGE, "TooLarge", "size capacity"},
    {MEMCORE_STATUS_BAD_ALIGNMENT, "BadAlignment", "alignment"},
    {MEMCORE_STATUS_BAD_BIAS, "BadBias", "bias alignment granularity"},
    {MEMCORE_STATUS_OVERFLOW, "Overflow", "size granularity"},
    {MEMCORE_STATUS_OUT_OF_SPACE, "OutOfSpace", "size alignment free largest_hole"},
    {MEMCORE_STATUS_OUT_OF_METADATA, "OutOfMetadata", "blocks"},
    {MEMCORE_STATUS_STALE_ID, "StaleId", "id"},
    {MEMCORE_STATUS_DOUBLE_FREE, "DoubleFree", "id"},
    {MEMCORE_STATUS_UNKNOWN_ID, "UnknownId", "id"},
    {MEMCORE_STATUS_UNKNOWN_START, "UnknownStart", "start"},
    {MEMCORE_STATUS_UNKNOWN_OFFSET, "UnknownOffset", "offset"},
    {MEMCORE_STATUS_NOT_TOP, "NotTop", "id top"},
    {MEMCORE_STATUS_RANGE_TAKEN, "RangeTaken", "start size"},
    {MEMCORE_STATUS_BAD_START, "BadStart", "start needs multiple"},
    {MEMCORE_STATUS_NO_ROOM_IN_PLACE, "NoRoomInPlace", "id size available"},
    {MEMCORE_STATUS_CAPACITY_SHRINK, "CapacityShrink", "capacity wanted"},
    {MEMCORE_STATUS_BAD_PARAMETER, "BadParameter", "name value"},
    {MEMCORE_STATUS_UNSUPPORTED, "Unsupported", "operation strategy"},
    {MEMCORE_STATUS_NO_ADDRESS_INDEX, "NoAddressIndex", "operation"},
    {MEMCORE_STATUS_NO_TAGS, "NoTags", ""},
    {MEMCORE_STATUS_BAD_CHECKPOINT, "BadCheckpoint", "position"},
    {MEMCORE_STATUS_OUTDATED_PLAN, "OutdatedPlan", ""},
};

static const char *const operations[] = {"None",       "FreeAt",     "BlockAt",   "Containing",
                                         "AllocateAt", "Compact", "Checkpoint"};

static void add_field(text *to, const char *field, const memcore_error_details *details) {
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"size", details->size},           {"alignment", details->alignment},
        {"bias", details->bias},           {"granularity", details->granularity},
        {"capacity", details->capacity},   {"free", details->free},
        {"blocks", details->blocks},       {"largest_hole", details->largest_hole},
        {"start", details->start},         {"offset", details->start},
        {"position", details->start},      {"multiple", details->multiple},
        {"available", details->available}, {"wanted", details->wanted},
        {"value", details->value},
    };
    add(to, " %s=", field);
    if (strcmp(field, "id") == 0) {
        add_id(to, details->id);
    } else if (strcmp(field, "top") == 0) {
        add_id(to, details->top);
    } else if (strcmp(field, "needs") == 0) {
        add(to, details->needs == MEMCORE_START_RULE_START ? "Start" : "BiasedStart");
    } else if (strcmp(field, "operation") == 0) {
        CHECK(details->operation > 0 && details->operation <= MEMCORE_OPERATION_CHECKPOINT);
        add(to, "%s", operations[details->operation]);
    } else if (strcmp(field, "name") == 0 || strcmp(field, "strategy") == 0) {
        add(to, "%.*s", (int)details->name.length, details->name.data);
    } else {
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i += 1) {
            if (strcmp(field, numbers[i].name) == 0) {
                add(to, "%" PRIu64, numbers[i].value);
            }
        }
    }
}

static void add_error(text *to, int32_t status) {
    memcore_error_details details;
    CHECK_OK(memcore_last_error(&details));
    CHECK(details.status == status);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i += 1) {
        if (errors[i].status == status) {
            char fields[64], *field = NULL;
            add(to, "error %s", errors[i].name);
            strcpy(fields, errors[i].fields);
            for (field = strtok(fields, " "); field != NULL; field = strtok(NULL, " ")) {
                add_field(to, field, &details);
            }
            return;
        }
    }
    add(to, "status %d (%s)", (int)status, memcore_status_message(status));
}

/* --- Calls ---------------------------------------------------------------------------------------------------- */

typedef struct {
    char **words;
    size_t count;
} call;

static const char *argument(const call *made, const char *key) {
    const size_t length = strlen(key);
    for (size_t i = 1; i < made->count; i += 1) {
        if (strncmp(made->words[i], key, length) == 0 && made->words[i][length] == '=') {
            return made->words[i] + length + 1;
        }
    }
    return NULL;
}

static uint64_t number(const call *made, const char *key, uint64_t otherwise) {
    const char *given = argument(made, key);
    return given == NULL ? otherwise : strtoull(given, NULL, 10);
}

static memcore_request request_of(const call *made) {
    memcore_request request = memcore_request_for(number(made, "size", 0));
    request.alignment = number(made, "align", 1);
    request.bias = number(made, "bias", 0);
    request.tag = (uint32_t)number(made, "tag", 0);
    return request;
}

static int32_t create(const call *made) {
    memcore_options options = memcore_options_for(number(made, "capacity", 0));
    options.granularity = number(made, "granularity", 1);
    options.address_index = (int32_t)number(made, "index", 0);
    options.tags = (int32_t)number(made, "tags", 0);
    forget();
    if (argument(made, "fixed") == NULL) {
        return memcore_allocator_create(made->words[1], &options, &space);
    }
    const uint32_t most = (uint32_t)number(made, "fixed", 0);
    size_t bytes = 0;
    int32_t status = memcore_fixed_bytes(made->words[1], &options, most, &bytes);
    if (status == MEMCORE_STATUS_OK) {
        memory = malloc(bytes + MEMCORE_FIXED_ALIGNMENT);
        char *start = (char *)memory;
        start += (MEMCORE_FIXED_ALIGNMENT - (uintptr_t)start % MEMCORE_FIXED_ALIGNMENT) % MEMCORE_FIXED_ALIGNMENT;
        status = memcore_allocator_create_fixed(start, bytes, most, made->words[1], &options, &space);
    }
    return status;
}

static int32_t plan(const call *made, text *to) {
    const memcore_budget budget = {number(made, "bytes", UINT64_MAX), number(made, "moves", UINT64_MAX)};
    const char *pinned = argument(made, "pinned");
    uint64_t *ids = NULL;
    size_t count = 0;
    if (pinned != NULL) {
        char *copy = (char *)malloc(strlen(pinned) + 1);
        strcpy(copy, pinned);
        for (char *name = strtok(copy, ","); name != NULL; name = strtok(NULL, ",")) {
            ids = (uint64_t *)realloc(ids, (count + 1) * sizeof *ids);
            ids[count] = id_of(name);
            count += 1;
        }
        free(copy);
    }
    memcore_plan *planned = NULL;
    const int32_t status = memcore_allocator_plan_compaction(space, &budget, ids, count, &planned);
    free(ids);
    if (status == MEMCORE_STATUS_OK) {
        const memcore_move *moves = NULL;
        bind('p', made->words[1])->plan = planned;
        CHECK_OK(memcore_plan_moves(planned, &moves, &count));
        for (size_t i = 0; i < count; i += 1) {
            add(to, i == 0 ? "" : " ");
            add_id(to, moves[i].id);
            add(to, ":%" PRIu64 ">%" PRIu64 ":%" PRIu64, moves[i].from, moves[i].to, moves[i].size);
        }
        add(to, count == 0 ? "none" : "");
    }
    return status;
}

static int32_t regions(text *to) {
    memcore_cursor cursor;
    memcore_region region;
    bool found = false;
    int32_t status = memcore_allocator_cursor(space, &cursor);
    while (status == MEMCORE_STATUS_OK) {
        status = memcore_allocator_next(space, &cursor, &region, &found);
        if (!found) {
            break;
        }
        add(to, to->length == 0 ? "" : " ");
        if (region.kind == MEMCORE_REGION_KIND_USED) {
            add(to, "used:");
            add_id(to, region.block.id);
        } else {
            add(to, region.kind == MEMCORE_REGION_KIND_HOLE ? "hole" : "dead");
        }
        add(to, ":%" PRIu64 ":%" PRIu64, region.start, region.size);
    }
    return status;
}

static int32_t add_usage(const memcore_tag_usage *usage, void *user) {
    text *to = (text *)user;
    add(to, to->length == 0 ? "" : " ");
    add(to, "%" PRIu32 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64, usage->tag, usage->blocks, usage->requested, usage->used);
    return 0;
}

static void add_histogram(text *to, const memcore_histogram *histogram) {
    for (int k = 0; k < 64; k += 1) {
        if (histogram->counts[k] > 0) {
            add(to, to->length == 0 ? "" : " ");
            add(to, "%d:%" PRIu64 ":%" PRIu64, k, histogram->counts[k], histogram->bytes[k]);
        }
    }
    add(to, to->length == 0 ? "none" : "");
}

static uint64_t bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static int32_t figures(const char *which, text *to) {
    memcore_stats s;
    const int32_t status = memcore_allocator_stats(space, &s);
    if (status == MEMCORE_STATUS_OK && strcmp(which, "capacity") == 0) {
        add(to, "%" PRIu64, s.capacity);
    } else if (status == MEMCORE_STATUS_OK && strcmp(which, "fragmentation") == 0) {
        add(to, "external=%016" PRIx64 " internal=%016" PRIx64 " utilisation=%016" PRIx64,
            bits(s.external_fragmentation), bits(s.internal_fragmentation), bits(s.utilisation));
    } else if (status == MEMCORE_STATUS_OK) {
        add(to, "capacity=%" PRIu64 " used=%" PRIu64 " free=%" PRIu64 " dead=%" PRIu64, s.capacity, s.used, s.free,
            s.dead);
        add(to, " requested=%" PRIu64 " blocks=%" PRIu64 " holes=%" PRIu64 " largest_hole=%" PRIu64, s.requested,
            s.blocks, s.holes, s.largest_hole);
        add(to, " footprint=%" PRIu64 " peak_used=%" PRIu64 " peak_requested=%" PRIu64, s.footprint, s.peak_used,
            s.peak_requested);
        add(to, " allocations=%" PRIu64 " frees=%" PRIu64, s.allocations, s.frees);
    }
    return status;
}

static const char *yes(bool answer) { return answer ? "yes" : "no"; }

/* Makes a call and writes its outcome. What a call gives besides its status is written by the branch of its name. */
static void make(const call *made, text *to) {
    const char *name = made->words[0], *which = made->count > 1 ? made->words[1] : "";
    const memcore_request request = request_of(made);
    const uint64_t start = number(made, "start", 0);
    memcore_block block;
    uint64_t value = 0;
    uint32_t tag = 0;
    bool is_block = false, is_number = false;
    int32_t status = MEMCORE_STATUS_OK;
    block.id = 0;
#define CALLED(call) (strcmp(name, call) == 0)
    if (CALLED("space")) {
        status = create(made);
    } else if (CALLED("allocate") || CALLED("allocate_at")) {
        const bool anywhere = CALLED("allocate");
        /* A plain request goes through the plain call, so that both are tested. */
        const bool plain = request.alignment == 1 && request.bias == 0 && request.tag == 0;
        status = !anywhere ? memcore_allocator_allocate_at(space, start, &request, &block)
                 : plain   ? memcore_allocator_allocate(space, request.size, &block)
                           : memcore_allocator_allocate_with(space, &request, &block);
        is_block = status == MEMCORE_STATUS_OK;
        if (is_block) {
            bind('b', which)->id = block.id;
        }
    } else if (CALLED("can_allocate")) {
        bool answer = false;
        status = memcore_allocator_can_allocate(space, &request, &answer);
        add(to, "%s", yes(answer));
    } else if (CALLED("free")) {
        status = memcore_allocator_free(space, id_of(which), &block);
        is_block = true;
    } else if (CALLED("free_at")) {
        status = memcore_allocator_free_at(space, start, &block);
        is_block = true;
    } else if (CALLED("resize")) {
        status = memcore_allocator_resize(space, id_of(which), request.size, &block);
        is_block = true;
    } else if (CALLED("block")) {
        status = memcore_allocator_block(space, id_of(which), &block);
        is_block = true;
    } else if (CALLED("block_at")) {
        status = memcore_allocator_block_at(space, start, &block);
        is_block = true;
    } else if (CALLED("containing")) {
        status = memcore_allocator_containing(space, number(made, "offset", 0), &block);
        is_block = true;
    } else if (CALLED("alignment")) {
        status = memcore_allocator_alignment(space, id_of(which), &value);
        is_number = true;
    } else if (CALLED("tag")) {
        status = memcore_allocator_tag(space, id_of(which), &tag);
        value = tag;
        is_number = true;
    } else if (CALLED("set_tag")) {
        status = memcore_allocator_set_tag(space, id_of(which), request.tag);
    } else if (CALLED("largest_hole")) {
        status = memcore_allocator_largest_hole(space, &value);
        is_number = true;
    } else if (CALLED("largest_sure")) {
        status = memcore_allocator_largest_sure(space, &value);
        is_number = true;
    } else if (CALLED("grow")) {
        status = memcore_allocator_grow(space, number(made, "capacity", 0));
    } else if (CALLED("reset")) {
        status = memcore_allocator_reset(space);
    } else if (CALLED("checkpoint")) {
        memcore_checkpoint mark;
        status = memcore_allocator_checkpoint(space, &mark);
        if (status == MEMCORE_STATUS_OK) {
            bind('c', which)->mark = mark;
            add(to, "position=%" PRIu64, mark.position);
        }
    } else if (CALLED("rewind")) {
        const label *known = find('c', which);
        CHECK(known != NULL);
        status = memcore_allocator_rewind(space, known == NULL ? NULL : &known->mark);
    } else if (CALLED("plan")) {
        status = plan(made, to);
    } else if (CALLED("commit")) {
        const label *known = find('p', which);
        CHECK(known != NULL);
        status = memcore_allocator_commit(space, known == NULL ? NULL : known->plan);
    } else if (CALLED("stats") || CALLED("fragmentation") || CALLED("capacity")) {
        status = figures(name, to);
    } else if (CALLED("regions")) {
        status = regions(to);
    } else if (CALLED("tags")) {
        status = memcore_allocator_usage_by_tag(space, add_usage, to);
        add(to, status == MEMCORE_STATUS_OK && to->length == 0 ? "none" : "");
    } else if (CALLED("block_histogram") || CALLED("hole_histogram")) {
        memcore_histogram histogram;
        status = CALLED("block_histogram") ? memcore_allocator_block_histogram(space, &histogram)
                                           : memcore_allocator_hole_histogram(space, &histogram);
        if (status == MEMCORE_STATUS_OK) {
            add_histogram(to, &histogram);
        }
    } else if (CALLED("capabilities")) {
        memcore_capabilities can;
        status = memcore_allocator_capabilities(space, &can);
        if (status == MEMCORE_STATUS_OK) {
            add(to, "free_in_any_order=%s reuses_freed=%s allocate_at=%s", yes(can.free_in_any_order),
                yes(can.reuses_freed), yes(can.allocate_at));
            add(to, " find_by_address=%s compaction=%s checkpoint=%s tags=%s", yes(can.find_by_address),
                yes(can.compaction), yes(can.checkpoint), yes(can.tags));
        }
    } else if (CALLED("validate")) {
        status = memcore_allocator_validate(space, NULL);
    } else {
        add(to, "unknown call");
        return;
    }
#undef CALLED
    if (status != MEMCORE_STATUS_OK) {
        to->length = 0;
        add_error(to, status);
    } else if (is_block) {
        add_block(to, &block);
    } else if (is_number) {
        add(to, "%" PRIu64, value);
    } else if (to->length == 0) {
        add(to, "ok");
    }
}

/* --- Files ---------------------------------------------------------------------------------------------------- */

static unsigned long run_line(const char *file, unsigned long at, char *line) {
    char *expected = strstr(line, " = ");
    if (line[0] == '\0' || line[0] == '#') {
        return 0;
    }
    CHECK(expected != NULL);
    if (expected == NULL) {
        return 0;
    }
    *expected = '\0';
    expected += 3;
    call made = {NULL, 0};
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
        made.words = (char **)realloc(made.words, (made.count + 1) * sizeof *made.words);
        made.words[made.count] = word;
        made.count += 1;
    }
    /* A line whose call has words of its own splits them again: keep the words, not strtok's place. */
    text outcome = {NULL, 0, 0};
    make(&made, &outcome);
    if (strcmp(outcome.data, expected) != 0) {
        check_failures += 1;
        fprintf(stderr, "%s:%lu: %s\n  expected %s\n  got      %s\n", file, at, made.words[0], expected, outcome.data);
    }
    free(outcome.data);
    free(made.words);
    return 1;
}

static unsigned long run_file(const char *folder, const char *name) {
    text path = {NULL, 0, 0}, line = {NULL, 0, 0};
    unsigned long at = 0, run = 0;
    add(&path, "%s/%s", folder, name);
    FILE *file = fopen(path.data, "rb");
    CHECK(file != NULL);
    for (int c = file == NULL ? EOF : fgetc(file); c != EOF; c = fgetc(file)) {
        if (c != '\n') {
            add(&line, "%c", c);
            continue;
        }
        at += 1;
        add(&line, "%s", "");
        run += run_line(name, at, line.data);
        line.length = 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    forget();
    free(line.data);
    free(path.data);
    return run;
}

int main(int count, char **arguments) {
    const char *folder = count > 1 ? arguments[1] : "tests/vectors";
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
    printf("%lu calls\n", run);
    return checked();
}
