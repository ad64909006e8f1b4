#include "fit/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "files/safetensors.h"
#include "fit/record.h"

#define FORMAT "enot-checkpoint"
#define VERSION 1

/* Whose numbers they are, before their names. */
static const char *const PREFIXES[2] = {"", "reverse."};
#define KEY_CAPACITY 40

/* The real counters of a trainer; 17 digits keep every bit. */
typedef struct real_entry {
    const char *key;
    double *value;
} real_entry;
#define REAL_ENTRIES 5

static void real_entries(trainer *t, real_entry entries[REAL_ENTRIES]) {
    const real_entry all[REAL_ENTRIES] = {{"dual", &t->dual},
                                          {"mismatch", &t->latest.mismatch},
                                          {"best.mismatch", &t->best.mismatch},
                                          {"best.merit", &t->best.merit},
                                          {"best.smoothing", &t->best.smoothing}};
    memcpy(entries, all, sizeof all);
}

typedef struct count_entry {
    const char *key;
    int64_t *value;
} count_entry;
#define COUNT_ENTRIES 5

static void count_entries(trainer *t, count_entry entries[COUNT_ENTRIES]) {
    const count_entry all[COUNT_ENTRIES] = {{"done", &t->done},
                                            {"stale", &t->stale},
                                            {"best.step", &t->best.step},
                                            {"f.updates", &t->f.updates},
                                            {"g.updates", &t->g.updates}};
    memcpy(entries, all, sizeof all);
}

/* What a checkpoint is written from, put together piece by piece. */
typedef struct parts {
    safetensors_pair pairs[6 + 2 * (REAL_ENTRIES + COUNT_ENTRIES)];
    size_t pair_count;
    char keys[2 * (REAL_ENTRIES + COUNT_ENTRIES)][KEY_CAPACITY], texts[2 * (REAL_ENTRIES + COUNT_ENTRIES)][KEY_CAPACITY];
    int text_count;
    safetensor tensors[2 * TRAINER_VECTORS];
    char names[2 * TRAINER_VECTORS][KEY_CAPACITY];
    size_t tensor_count;
} parts;

static void add_pair(parts *p, const char *key, const char *value) { p->pairs[p->pair_count++] = (safetensors_pair){key, value}; }

/* The key of the next pair; its value is to be printed into *text. */
static void add_number(parts *p, const char *prefix, const char *key, char **text) {
    char *name = p->keys[p->text_count];
    snprintf(name, KEY_CAPACITY, "%s%s", prefix, key);
    *text = p->texts[p->text_count++];
    add_pair(p, name, *text);
}

static void add_counters(parts *p, const char *prefix, trainer *t) {
    real_entry reals[REAL_ENTRIES];
    count_entry counts[COUNT_ENTRIES];
    char *text;
    real_entries(t, reals);
    count_entries(t, counts);
    for (int i = 0; i < REAL_ENTRIES; i++) {
        add_number(p, prefix, reals[i].key, &text);
        snprintf(text, KEY_CAPACITY, "%.17g", *reals[i].value);
    }
    for (int i = 0; i < COUNT_ENTRIES; i++) {
        add_number(p, prefix, counts[i].key, &text);
        snprintf(text, KEY_CAPACITY, "%" PRId64, *counts[i].value);
    }
}

static void add_vectors(parts *p, const char *prefix, trainer *t) {
    trainer_vector vectors[TRAINER_VECTORS];
    int count = trainer_state(t, vectors);
    for (int i = 0; i < count; i++) {
        char *name = p->names[p->tensor_count];
        snprintf(name, KEY_CAPACITY, "%s%s", prefix, vectors[i].name);
        p->tensors[p->tensor_count++] = (safetensor){.name = name, .dtype = sizeof(real) == 4 ? ELEMENT_F32 : ELEMENT_F64, .rank = 1,
                                                     .shape = {vectors[i].count}, .bytes = vectors[i].values};
    }
}

enot_status checkpoint_write(enot_context *context, const char *path, const checkpoint_identity *identity,
                             trainer *const trainers[2], double seconds) {
    char version[16], fingerprints[2][24], passed[KEY_CAPACITY];
    parts p = {.pair_count = 0};
    snprintf(version, sizeof version, "%d", VERSION);
    snprintf(passed, sizeof passed, "%.17g", seconds);
    for (int i = 0; i < 2; i++) snprintf(fingerprints[i], sizeof fingerprints[i], "%016" PRIx64, identity->fingerprint[i]);
    add_pair(&p, "format", FORMAT);
    add_pair(&p, "format_version", version);
    add_pair(&p, "settings", identity->settings);
    add_pair(&p, "source_fingerprint", fingerprints[0]);
    add_pair(&p, "target_fingerprint", fingerprints[1]);
    add_pair(&p, "seconds", passed);
    for (int side = 0; side < 2 && trainers[side]; side++) {
        add_counters(&p, PREFIXES[side], trainers[side]);
        add_vectors(&p, PREFIXES[side], trainers[side]);
    }
    return safetensors_write(context, path, p.tensors, p.tensor_count, p.pairs, p.pair_count);
}

static enot_status refuse(enot_context *context, const char *path, const char *what) {
    return context_fail(context, ENOT_ERR_DATA, "%s: cannot resume, %s: use what the fit began with, or begin anew", path, what);
}

static const char *text_of(const safetensors_file *file, const char *key) {
    const char *text = safetensors_metadata(file, key);
    return text ? text : "";
}

static enot_status check_format(enot_context *context, const char *path, const safetensors_file *file) {
    if (strcmp(text_of(file, "format"), FORMAT) != 0)
        return context_fail(context, ENOT_ERR_FORMAT, "%s: not a checkpoint of `enot fit`", path);
    if (atoi(text_of(file, "format_version")) > VERSION)
        return context_fail(context, ENOT_ERR_VERSION, "%s: a checkpoint of a newer enot: install that one", path);
    return ENOT_OK;
}

static enot_status check_identity(enot_context *context, const char *path, const safetensors_file *file,
                                  const checkpoint_identity *identity) {
    static const char *const keys[2] = {"source_fingerprint", "target_fingerprint"};
    TRY(check_format(context, path, file));
    for (int i = 0; i < 2; i++)
        if (strtoull(text_of(file, keys[i]), NULL, 16) != identity->fingerprint[i])
            return refuse(context, path, i ? "the target data differ" : "the source data differ");
    char difference[320], what[360];
    if (!record_difference(text_of(file, "settings"), identity->settings, difference, sizeof difference)) return ENOT_OK;
    snprintf(what, sizeof what, "options differ: %s", difference);
    return refuse(context, path, what);
}

static enot_status read_vectors(enot_context *context, const char *path, const safetensors_file *file, const char *prefix,
                                trainer *t) {
    trainer_vector vectors[TRAINER_VECTORS];
    int count = trainer_state(t, vectors);
    for (int i = 0; i < count; i++) {
        char name[KEY_CAPACITY];
        double *wide;
        snprintf(name, sizeof name, "%s%s", prefix, vectors[i].name);
        const safetensor *tensor = safetensors_find(file, name);
        if (!tensor || safetensor_elements(tensor) != vectors[i].count)
            return context_fail(context, ENOT_ERR_FORMAT, "%s: tensor %s is missing or of another size", path, name);
        TRY(MEMORY_NEW(context, vectors[i].count, "a checkpoint", &wide));
        safetensor_to_double(tensor, 0, vectors[i].count, wide);
        for (int64_t j = 0; j < vectors[i].count; j++) vectors[i].values[j] = (real)wide[j];
        memory_destroy(wide);
    }
    return ENOT_OK;
}

static enot_status read_number(enot_context *context, const char *path, const safetensors_file *file, const char *prefix,
                               const char *key, double *value) {
    char name[KEY_CAPACITY];
    snprintf(name, sizeof name, "%s%s", prefix, key);
    const char *text = text_of(file, name);
    if (number_parse(text, strlen(text), value) == NUMBER_FINITE) return ENOT_OK;
    return context_fail(context, ENOT_ERR_FORMAT, "%s: metadata '%s' is missing or wrong", path, name);
}

static enot_status read_counters(enot_context *context, const char *path, const safetensors_file *file, const char *prefix,
                                 trainer *t) {
    real_entry reals[REAL_ENTRIES];
    count_entry counts[COUNT_ENTRIES];
    real_entries(t, reals);
    count_entries(t, counts);
    for (int i = 0; i < REAL_ENTRIES; i++) TRY(read_number(context, path, file, prefix, reals[i].key, reals[i].value));
    for (int i = 0; i < COUNT_ENTRIES; i++) {
        double value;
        TRY(read_number(context, path, file, prefix, counts[i].key, &value));
        if (value < 0) return context_fail(context, ENOT_ERR_FORMAT, "%s: metadata '%s%s' is wrong", path, prefix, counts[i].key);
        *counts[i].value = (int64_t)value;
    }
    return ENOT_OK;
}

static enot_status read_trainers(enot_context *context, const char *path, const safetensors_file *file, trainer *const trainers[2]) {
    for (int side = 0; side < 2 && trainers[side]; side++) {
        TRY(read_vectors(context, path, file, PREFIXES[side], trainers[side]));
        TRY(read_counters(context, path, file, PREFIXES[side], trainers[side]));
    }
    return ENOT_OK;
}

enot_status checkpoint_read(enot_context *context, const char *path, const checkpoint_identity *identity,
                            trainer *const trainers[2], double *seconds) {
    safetensors_file *file;
    TRY(safetensors_open(context, path, &file));
    enot_status status = check_identity(context, path, file, identity);
    if (!status) status = read_trainers(context, path, file, trainers);
    if (!status) status = read_number(context, path, file, "", "seconds", seconds);
    safetensors_close(file);
    return status;
}

enot_status checkpoint_planned_steps(enot_context *context, const char *path, int64_t *steps) {
    safetensors_file *file;
    TRY(safetensors_open(context, path, &file));
    enot_status status = check_format(context, path, file);
    int64_t found = record_steps(text_of(file, "settings"));
    if (!status && found < 0)
        status = context_fail(context, ENOT_ERR_FORMAT, "%s: metadata 'settings' is missing or wrong", path);
    if (!status) *steps = found;
    safetensors_close(file);
    return status;
}
