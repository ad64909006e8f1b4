/* enot plot: a picture of samples, moved samples and potentials. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/text.h"
#include "commands/command.h"
#include "drawing/plot.h"
#include "session/inputs.h"

static const char *const operand_names[] = {"MAP", "SOURCE", "TARGET"};
static const char about[] =
    "Draws a PNG. In two dimensions: the samples, the moved source with displacements, level lines of the potential.\n"
    "On the unit sphere (costs geodesic and arccos in three dimensions): the same on a globe.\n"
    "In more: before and after in the plane of two principal components, and the densities along up to 12 columns.\n";
static const char example[] = "  enot plot wine.safetensors white.csv red.csv --columns 1-11 -o wine.png\n";

typedef struct plot_command {
    session session;
    inputs inputs;
    const char *output;
    int64_t rows;
    enot_map *map;
    plot_data data;
} plot_command;

static int check_arguments(const plot_command *plot) {
    if (plot->output == NULL) return usage_error("plot", "-o OUT.png is missing: say where to write the picture");
    if (!text_ends_with(plot->output, ".png"))
        return usage_error("plot", "%s: the name must end in .png", plot->output);
    if (plot->rows == 0) return usage_error("plot", "--rows: 0 rows cannot be drawn");
    enot_status status = enot_path_writable(plot->session.context, plot->output);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(&plot->session, status);
}

static int check_dimension(const plot_command *plot, const enot_samples *samples, const char *name) {
    long long map_dim = enot_map_dim(plot->map), dim = enot_samples_dim(samples);
    if (dim == map_dim) return EXIT_SUCCESS;
    return session_error(&plot->session,
                         "%s has %lld columns but the map has dimension %lld; choose %lld with --columns", name, dim,
                         map_dim, map_dim);
}

static int load(plot_command *plot, const char *const operands[3]) {
    enot_status status = enot_map_load(plot->session.context, operands[0], &plot->map);
    if (status != ENOT_OK) return session_fail(&plot->session, status);
    if (enot_map_image(plot->map, (int64_t[3]){0}))
        return session_error(&plot->session, "%s is a map of images: enot grid draws what it does", operands[0]);
    int exit_code = inputs_open(&plot->session, &plot->inputs, operands[1], operands[2]);
    if (exit_code == EXIT_SUCCESS) exit_code = check_dimension(plot, plot->inputs.source, operands[1]);
    if (exit_code == EXIT_SUCCESS) exit_code = check_dimension(plot, plot->inputs.target, operands[2]);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    status = plot_collect(plot->session.context, plot->map, plot->inputs.source, plot->inputs.target, plot->rows, &plot->data);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(&plot->session, status);
}

static int show_result(const plot_command *plot) {
    const plot_data *data = &plot->data;
    if (plot->session.json)
        return session_print_json(&plot->session,
                                  json_pack("{ss sI sI sI}", "output", plot->output, "dim", (json_int_t)data->dim,
                                            "source_rows", (json_int_t)data->source.count, "target_rows",
                                            (json_int_t)data->target.count));
    if (!plot->session.quiet) printf("picture in %s\n", plot->output);
    return EXIT_SUCCESS;
}

/* A file without its directories. */
static const char *short_name(const char *spec) {
    const char *slash = strrchr(spec, '/');
    return slash == NULL || inputs_is_measure(spec) ? spec : slash + 1;
}

static int run(plot_command *plot, const char *const operands[3]) {
    int exit_code = check_arguments(plot);
    if (exit_code == EXIT_SUCCESS) exit_code = load(plot, operands);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    char title[512];
    snprintf(title, sizeof title, "%s \xe2\x86\x92 %s", short_name(operands[1]), short_name(operands[2]));
    plot->data.title = title;
    exit_code = plot_write(&plot->session, &plot->data, plot->output);
    return exit_code == EXIT_SUCCESS ? show_result(plot) : exit_code;
}

static void release(plot_command *plot) {
    plot_release(&plot->data);
    enot_map_destroy(plot->map);
    inputs_close(&plot->inputs);
    session_end(&plot->session);
}

int cmd_plot(int argc, char **argv) {
    plot_command plot = {SESSION_INIT("plot"), INPUTS_INIT, .rows = PLOT_ROWS};
    const option_spec own[] = {
        {"output", OPTION_TEXT, &plot.output, "PNG", "picture to write", NULL, 'o', NULL, NULL},
        {"rows", OPTION_COUNT, &plot.rows, "N", "at most this many rows of each side", "2500", 0, NULL, NULL},
    };
    option_spec input[INPUT_OPTION_COUNT], common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Picture", own, COUNT_OF(own)},
                                   inputs_options(&plot.inputs.columns, &plot.inputs.key, input),
                                   session_options(&plot.session, common)};
    const command_syntax syntax = {"plot",        "MAP SOURCE TARGET -o OUT.png", about,  example,
                                   operand_names, COUNT_OF(operand_names), 0,        groups, COUNT_OF(groups)};
    const char *operands[COUNT_OF(operand_names)];
    int exit_code;
    if (session_begin(&plot.session, &syntax, argc, argv, operands, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&plot, operands);
    release(&plot);
    return exit_code;
}
