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

/* The real counters of the state; 17 digits keep every bit. */
typedef struct real_entry {
    const char *key;
    double *value;
} real_entry;
#define REAL_ENTRIES 5

static void real_entries(trainer *t, double *seconds, real_entry entries[REAL_ENTRIES]) {
    const real_entry all[REAL_ENTRIES] = {{"dual", &t->dual},
                                          {"mismatch", &t->latest.mismatch},
                                          {"best.mismatch", &t->best.mismatch},
                                          {"best.smoothing", &t->best.smoothing},
                                          {"seconds", seconds}};
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

#define PAIRS (5 + REAL_ENTRIES + COUNT_ENTRIES)

enot_status checkpoint_write(enot_context *context, const char *path, const checkpoint_identity *identity, trainer *t,
                             double seconds) {
    char version[16], fingerprints[2][24], texts[REAL_ENTRIES + COUNT_ENTRIES][40];
    real_entry reals[REAL_ENTRIES];
    count_entry counts[COUNT_ENTRIES];
    trainer_vector vectors[TRAINER_VECTORS];
    safetensor tensors[TRAINER_VECTORS];
    real_entries(t, &seconds, reals);
    count_entries(t, counts);
    snprintf(version, sizeof version, "%d", VERSION);
    for (int i = 0; i < 2; i++) snprintf(fingerprints[i], sizeof fingerprints[i], "%016" PRIx64, identity->fingerprint[i]);
    safetensors_pair pairs[PAIRS] = {{"format", FORMAT}, {"format_version", version}, {"settings", identity->settings},
                                     {"source_fingerprint", fingerprints[0]}, {"target_fingerprint", fingerprints[1]}};
    for (int i = 0; i < REAL_ENTRIES; i++) {
        snprintf(texts[i], sizeof texts[i], "%.17g", *reals[i].value);
        pairs[5 + i] = (safetensors_pair){reals[i].key, texts[i]};
    }
    for (int i = 0; i < COUNT_ENTRIES; i++) {
        snprintf(texts[REAL_ENTRIES + i], sizeof texts[0], "%" PRId64, *counts[i].value);
        pairs[5 + REAL_ENTRIES + i] = (safetensors_pair){counts[i].key, texts[REAL_ENTRIES + i]};
    }
    int count = trainer_state(t, vectors);
    for (int i = 0; i < count; i++)
        tensors[i] = (safetensor){.name = vectors[i].name, .dtype = sizeof(real) == 4 ? ELEMENT_F32 : ELEMENT_F64, .rank = 1,
                                  .shape = {vectors[i].count}, .bytes = vectors[i].values};
    return safetensors_write(context, path, tensors, (size_t)count, pairs, PAIRS);
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

static enot_status read_vectors(enot_context *context, const char *path, const safetensors_file *file, trainer *t) {
    trainer_vector vectors[TRAINER_VECTORS];
    int count = trainer_state(t, vectors);
    for (int i = 0; i < count; i++) {
        const safetensor *tensor = safetensors_find(file, vectors[i].name);
        double *wide;
        if (!tensor || safetensor_elements(tensor) != vectors[i].count)
            return context_fail(context, ENOT_ERR_FORMAT, "%s: tensor %s is missing or of another size", path, vectors[i].name);
        TRY(MEMORY_NEW(context, vectors[i].count, "a checkpoint", &wide));
        safetensor_to_double(tensor, 0, vectors[i].count, wide);
        for (int64_t j = 0; j < vectors[i].count; j++) vectors[i].values[j] = (real)wide[j];
        memory_destroy(wide);
    }
    return ENOT_OK;
}

static int read_number(const safetensors_file *file, const char *key, double *value) {
    const char *text = text_of(file, key);
    return number_parse(text, strlen(text), value) == NUMBER_FINITE;
}

static enot_status read_counters(enot_context *context, const char *path, const safetensors_file *file, trainer *t,
                                 double *seconds) {
    real_entry reals[REAL_ENTRIES];
    count_entry counts[COUNT_ENTRIES];
    real_entries(t, seconds, reals);
    count_entries(t, counts);
    for (int i = 0; i < REAL_ENTRIES; i++)
        if (!read_number(file, reals[i].key, reals[i].value))
            return context_fail(context, ENOT_ERR_FORMAT, "%s: metadata '%s' is missing or wrong", path, reals[i].key);
    for (int i = 0; i < COUNT_ENTRIES; i++) {
        double value;
        if (!read_number(file, counts[i].key, &value) || value < 0)
            return context_fail(context, ENOT_ERR_FORMAT, "%s: metadata '%s' is missing or wrong", path, counts[i].key);
        *counts[i].value = (int64_t)value;
    }
    return ENOT_OK;
}

enot_status checkpoint_read(enot_context *context, const char *path, const checkpoint_identity *identity, trainer *t,
                            double *seconds) {
    safetensors_file *file;
    TRY(safetensors_open(context, path, &file));
    enot_status status = check_identity(context, path, file, identity);
    if (!status) status = read_vectors(context, path, file, t);
    if (!status) status = read_counters(context, path, file, t, seconds);
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
