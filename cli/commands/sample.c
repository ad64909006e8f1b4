/* enot sample: writes points of a built-in measure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/text.h"
#include "commands/command.h"
#include "session/inputs.h"

#define BLOCK_ROWS 65536

static const char *const operand_names[] = {"MEASURE"};
static const char about[] =
    "Writes N points of a built-in measure, given as NAME or measure:NAME, with parameters as NAME:k=v,...\n"
    "\"enot measures\" lists them.\n";
static const char example[] = "  enot sample moons -n 5000 --seed 1 -o moons.npy\n";

typedef struct sample_command {
    session session;
    const char *output;
    int64_t count;
    enot_samples *samples;
} sample_command;

static int open_measure(sample_command *sample, const char *name) {
    session *session = &sample->session;
    enot_read_options options = ENOT_READ_OPTIONS_INIT;
    options.seed = session->seed;
    char *spec = text_join(inputs_is_measure(name) ? "" : "measure:", name);
    if (spec == NULL) return session_error(session, "out of memory");
    enot_status status = enot_samples_open(session->context, spec, &options, &sample->samples);
    free(spec);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(session, status);
}

static enot_status write_rows(sample_command *sample, enot_writer *writer, double *rows) {
    enot_context *context = sample->session.context;
    for (int64_t first = 0; first < sample->count; first += BLOCK_ROWS) {
        int64_t left = sample->count - first;
        int64_t block = left < BLOCK_ROWS ? left : BLOCK_ROWS;
        enot_status status = enot_samples_rows(context, sample->samples, first, block, rows);
        if (status == ENOT_OK) status = enot_writer_append(context, writer, rows, block);
        if (status != ENOT_OK) return status;
    }
    return ENOT_OK;
}

static int write_all(sample_command *sample) {
    session *session = &sample->session;
    int64_t dim = enot_samples_dim(sample->samples);
    enot_writer *writer = NULL;
    double *rows = rows_alloc(sample->count < BLOCK_ROWS ? sample->count : BLOCK_ROWS, dim);
    if (rows == NULL) return session_error(session, "out of memory");
    enot_status status = enot_writer_open(session->context, sample->output, dim, NULL, &writer);
    if (status == ENOT_OK) {
        status = write_rows(sample, writer, rows);
        if (status == ENOT_OK)
            status = enot_writer_finish(session->context, writer);
        else
            enot_writer_discard(writer);
    }
    free(rows);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(session, status);
}

static int show_result(const sample_command *sample) {
    long long dim = enot_samples_dim(sample->samples);
    if (sample->session.json)
        return session_print_json(
            &sample->session, json_pack("{ss sI sI ss}", "measure", enot_samples_name(sample->samples), "rows",
                                        (json_int_t)sample->count, "dim", (json_int_t)dim, "output", sample->output));
    if (!sample->session.quiet && strcmp(sample->output, "-") != 0)
        printf("%lld points of dimension %lld in %s\n", (long long)sample->count, dim, sample->output);
    return EXIT_SUCCESS;
}

static int run(sample_command *sample, const char *name) {
    if (sample->count == 0) return usage_error("sample", "-n: 0 points cannot be written; ask for at least one");
    if (sample->session.json && strcmp(sample->output, "-") == 0)
        return usage_error("sample", "--json needs -o FILE: both cannot go to standard output");
    int exit_code = open_measure(sample, name);
    if (exit_code == EXIT_SUCCESS) exit_code = write_all(sample);
    return exit_code == EXIT_SUCCESS ? show_result(sample) : exit_code;
}

int cmd_sample(int argc, char **argv) {
    sample_command sample = {SESSION_INIT("sample"), "-", 1000, NULL};
    const option_spec own[] = {
        {"number", OPTION_COUNT, &sample.count, "N", "how many points", "1000", 'n', NULL, NULL},
        {"output", OPTION_TEXT, &sample.output, "FILE", "where to write: .csv .tsv .npy .safetensors, - for CSV", "-",
         'o', NULL, NULL},
    };
    option_spec common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Output", own, COUNT_OF(own)}, session_options(&sample.session, common)};
    const command_syntax syntax = {"sample",      "MEASURE -n N [-o OUT]", about,  example,
                                   operand_names, COUNT_OF(operand_names), 0, groups, COUNT_OF(groups)};
    const char *operands[COUNT_OF(operand_names)];
    int exit_code;
    if (session_begin(&sample.session, &syntax, argc, argv, operands, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&sample, operands[0]);
    enot_samples_destroy(sample.samples);
    session_end(&sample.session);
    return exit_code;
}
