#include "session/inputs.h"

#include <stdlib.h>
#include <string.h>

/* Keeps the draws of two built-in measures independent under one --seed. */
#define TARGET_SEED_BIT (UINT64_C(1) << 62)

option_group inputs_options(const char **columns, const char **key, option_spec specs[INPUT_OPTION_COUNT]) {
    const option_spec input[INPUT_OPTION_COUNT] = {
        {"columns", OPTION_TEXT, columns, "LIST", "columns to use: 1-11 or alcohol,pH", "all", 0, NULL, NULL},
        {"key", OPTION_TEXT, key, "NAME", "tensor to read from .safetensors files", "the only matrix", 0, NULL, NULL},
    };
    memcpy(specs, input, sizeof input);
    return (option_group){"Input", specs, INPUT_OPTION_COUNT};
}

int inputs_is_measure(const char *spec) {
    static const char prefix[] = "measure:";
    return strncmp(spec, prefix, sizeof prefix - 1) == 0;
}

static int open_side(session *session, const inputs *inputs, const char *spec, const char *columns, uint64_t seed,
                     enot_samples **samples) {
    enot_read_options options = ENOT_READ_OPTIONS_INIT;
    options.columns = columns;
    options.key = inputs->key;
    options.seed = seed;
    enot_status status = enot_samples_open(session->context, spec, &options, samples);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(session, status);
}

static int open_images(session *session, inputs *inputs, const char *source, const char *target) {
    int exit_code = image_inputs_open(session, &inputs->images, source, target);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    enot_status status = image_inputs_samples(session, &inputs->images.source, &inputs->source);
    if (status == ENOT_OK) status = image_inputs_samples(session, &inputs->images.target, &inputs->target);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(session, status);
}

int inputs_open(session *session, inputs *inputs, const char *source, const char *target) {
    if (strcmp(source, "-") == 0 && strcmp(target, "-") == 0)
        return usage_error(session->command, "SOURCE and TARGET cannot both be standard input; put one into a file");
    if (image_inputs_wanted(&inputs->images, source) || image_inputs_wanted(&inputs->images, target))
        return open_images(session, inputs, source, target);
    /* Beside a file, a built-in measure has no columns to choose from: it is compared with the chosen ones. */
    int mixed = inputs_is_measure(source) != inputs_is_measure(target);
    const char *source_columns = mixed && inputs_is_measure(source) ? NULL : inputs->columns;
    const char *target_columns = mixed && inputs_is_measure(target) ? NULL : inputs->columns;
    int exit_code = open_side(session, inputs, source, source_columns, session->seed, &inputs->source);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    return open_side(session, inputs, target, target_columns, session->seed ^ TARGET_SEED_BIT, &inputs->target);
}

void inputs_close(inputs *inputs) {
    enot_samples_destroy(inputs->source);
    enot_samples_destroy(inputs->target);
    image_inputs_forget(&inputs->images);
    inputs->source = NULL;
    inputs->target = NULL;
}

double *rows_alloc(int64_t count, int64_t dim) {
    size_t values;
    if (__builtin_mul_overflow((size_t)count, (size_t)dim, &values)) return NULL;
    return values <= SIZE_MAX / sizeof(double) ? calloc(values > 0 ? values : 1, sizeof(double)) : NULL;
}
