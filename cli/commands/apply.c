/* enot apply: moves points of any number through a map, a block at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/apply_images.h"
#include "commands/command.h"
#include "session/inputs.h"

#define BLOCK_ROWS 65536

static const char *const operand_names[] = {"MAP", "POINTS"};
static const char about[] =
    "Moves each row of POINTS through MAP, from source to target, or back with --inverse. Memory is for a block\n"
    "of rows, not for the file, so POINTS can be of any length. A map of images moves a folder of them, an idx file or a\n"
    ".npy array, which are held in memory, to a folder with the same names or to a .npy array.\n";
static const char example[] = "  enot apply wine.safetensors white.csv --columns 1-11 -o moved.csv\n"
                              "  enot apply wine.safetensors moved.csv --inverse -o back.csv\n"
                              "  enot apply deer_to_horse.safetensors deer/ -o horses/\n";

typedef struct apply_command {
    session session;
    const char *output, *columns, *key;
    int inverse;
    int64_t limit; /* ENOT_AUTO: none */
    image_inputs images;
    enot_map *map;
    enot_reader *reader;
    enot_writer *writer;
    double *rows;
} apply_command;

static int check_dimension(const apply_command *apply, const char *map_path, const char *points) {
    long long map_dim = enot_map_dim(apply->map), dim = enot_reader_dim(apply->reader);
    if (map_dim == dim) return EXIT_SUCCESS;
    return session_error(&apply->session,
                         "%s has %lld columns but the map %s has dimension %lld; choose %lld with --columns", points,
                         dim, map_path, map_dim, map_dim);
}

static enot_status open_writer(apply_command *apply) {
    int64_t dim = enot_reader_dim(apply->reader);
    const char **names = calloc((size_t)dim, sizeof *names);
    if (names == NULL) return ENOT_ERR_MEMORY;
    int named = 1;
    for (int64_t i = 0; i < dim; i++) {
        names[i] = enot_reader_column(apply->reader, i);
        named = named && names[i] != NULL;
    }
    enot_status status =
        enot_writer_open(apply->session.context, apply->output, dim, named ? names : NULL, &apply->writer);
    free(names);
    return status;
}

static enot_status move_block(apply_command *apply, int64_t capacity, int64_t *count) {
    enot_context *context = apply->session.context;
    enot_direction direction = apply->inverse ? ENOT_INVERSE : ENOT_FORWARD;
    enot_status status = enot_reader_next(context, apply->reader, capacity, apply->rows, count);
    if (status != ENOT_OK || *count == 0) return status;
    status = enot_map_apply(context, apply->map, direction, apply->rows, *count, apply->rows);
    if (status != ENOT_OK) return status;
    return enot_writer_append(context, apply->writer, apply->rows, *count);
}

static enot_status move_all(apply_command *apply, int64_t *total) {
    int64_t count = 0;
    *total = 0;
    do {
        int64_t capacity = BLOCK_ROWS;
        if (apply->limit != ENOT_AUTO && apply->limit - *total < capacity) capacity = apply->limit - *total;
        if (capacity == 0) break;
        enot_status status = move_block(apply, capacity, &count);
        if (status != ENOT_OK) return status;
        *total += count;
    } while (count > 0);
    enot_writer *writer = apply->writer;
    apply->writer = NULL;
    return enot_writer_finish(apply->session.context, writer);
}

static int show_result(const apply_command *apply, int64_t total) {
    const char *direction = apply->inverse ? "inverse" : "forward";
    if (apply->session.json)
        return session_print_json(&apply->session, json_pack("{sI sI ss ss}", "rows", (json_int_t)total, "dim",
                                                             (json_int_t)enot_map_dim(apply->map), "direction",
                                                             direction, "output", apply->output));
    if (!apply->session.quiet && strcmp(apply->output, "-") != 0)
        printf("%lld rows moved to %s\n", (long long)total, apply->output);
    return EXIT_SUCCESS;
}

static int check_arguments(const apply_command *apply, const char *points) {
    if (apply->session.json && strcmp(apply->output, "-") == 0)
        return usage_error("apply", "--json needs -o FILE: both cannot go to standard output");
    if (inputs_is_measure(points) && apply->limit == ENOT_AUTO)
        return usage_error("apply", "a built-in measure has no end; say how many points with --rows N");
    return EXIT_SUCCESS;
}

static enot_status open_points(apply_command *apply, const char *points) {
    enot_read_options options = ENOT_READ_OPTIONS_INIT;
    options.columns = apply->columns;
    options.key = apply->key;
    options.seed = apply->session.seed;
    return enot_reader_open(apply->session.context, points, &options, &apply->reader);
}

static int run_images(apply_command *apply, const char *points) {
    int64_t total;
    enot_direction direction = apply->inverse ? ENOT_INVERSE : ENOT_FORWARD;
    const apply_images images = {&apply->session, &apply->images, apply->map, direction, apply->limit, apply->output};
    int exit_code = apply_images_run(&images, points, &total);
    return exit_code == EXIT_SUCCESS ? show_result(apply, total) : exit_code;
}

static int run(apply_command *apply, const char *const operands[2]) {
    session *session = &apply->session;
    int64_t total = 0, shape[3];
    int exit_code = check_arguments(apply, operands[1]);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    enot_status status = enot_map_load(session->context, operands[0], &apply->map);
    if (status != ENOT_OK) return session_fail(session, status);
    if (enot_map_image(apply->map, shape)) return run_images(apply, operands[1]);
    status = open_points(apply, operands[1]);
    if (status != ENOT_OK) return session_fail(session, status);
    exit_code = check_dimension(apply, operands[0], operands[1]);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    apply->rows = rows_alloc(BLOCK_ROWS, enot_map_dim(apply->map));
    if (apply->rows == NULL) return session_error(session, "out of memory");
    status = open_writer(apply);
    if (status == ENOT_OK) status = move_all(apply, &total);
    return status == ENOT_OK ? show_result(apply, total) : session_fail(session, status);
}

static void release(apply_command *apply) {
    enot_writer_discard(apply->writer);
    enot_reader_close(apply->reader);
    enot_map_destroy(apply->map);
    free(apply->rows);
    session_end(&apply->session);
}

int cmd_apply(int argc, char **argv) {
    apply_command apply = {SESSION_INIT("apply"), .output = "-", .limit = ENOT_AUTO, .images = IMAGE_INPUTS_INIT};
    const option_spec own[] = {
        {"output", OPTION_TEXT, &apply.output, "FILE", "where to write: .csv .tsv .npy .safetensors, - for CSV; images: a folder or .npy", "-",
         'o', NULL, NULL},
        {"inverse", OPTION_FLAG, &apply.inverse, NULL, "from target to source", NULL, 0, NULL, NULL},
        {"rows", OPTION_COUNT, &apply.limit, "N", "at most this many rows", "all", 0, NULL, NULL},
    };
    option_spec input[INPUT_OPTION_COUNT], images[IMAGE_INPUT_OPTION_COUNT], common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Output", own, COUNT_OF(own)},
                                   inputs_options(&apply.columns, &apply.key, input),
                                   image_inputs_options(&apply.images, images),
                                   session_options(&apply.session, common)};
    const command_syntax syntax = {"apply",       "MAP POINTS [-o OUT]",   about,  example,
                                   operand_names, COUNT_OF(operand_names), 0, groups, COUNT_OF(groups)};
    const char *operands[COUNT_OF(operand_names)];
    int exit_code;
    if (session_begin(&apply.session, &syntax, argc, argv, operands, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&apply, operands);
    release(&apply);
    return exit_code;
}
