/* enot grid: images before and after a map, in one picture. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/command.h"
#include "images/move.h"
#include "images/pick.h"
#include "session/image_grid.h"
#include "session/image_inputs.h"

static const char *const operand_names[] = {"MAP", "SOURCES", "TARGETS"};
static const char about[] =
    "Draws some images of SOURCES, what MAP makes of them, and of TARGETS those nearest to the latter: a map that had\n"
    "learnt its targets by heart would show the same twice. SOURCES and TARGETS are a folder of JPEG and PNG files, an\n"
    "idx file or a .npy array; they are brought to the size that the map moves.\n";
static const char example[] = "  enot grid deer_to_horse.safetensors test/deer test/horse --rows 8 -o grid.png\n";

typedef struct grid_command {
    session session;
    image_inputs images;
    const char *output;
    int64_t rows;
    enot_map *map;
    image_set shown;
} grid_command;

static int failed(const grid_command *grid, const char *error) { return session_error(&grid->session, "%s", error); }

static int read_sides(grid_command *grid, const char *source, const char *target) {
    char error[IMAGE_SET_ERROR_CAPACITY];
    image_inputs_follow_map(&grid->images, grid->map);
    int exit_code = image_inputs_open(&grid->session, &grid->images, source, target);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    if (images_fit_map(grid->map, source, &grid->images.source, error) != 0) return failed(grid, error);
    if (images_fit_map(grid->map, target, &grid->images.target, error) != 0) return failed(grid, error);
    return EXIT_SUCCESS;
}

static int run(grid_command *grid, const char *const operands[3]) {
    session *session = &grid->session;
    char error[IMAGE_SET_ERROR_CAPACITY];
    if (grid->output == NULL) return usage_error("grid", "-o PNG is missing: say where to write the picture");
    if (grid->rows < 1) return usage_error("grid", "--rows 0 draws nothing");
    enot_status status = enot_path_writable(session->context, grid->output);
    if (status == ENOT_OK) status = enot_map_load(session->context, operands[0], &grid->map);
    if (status != ENOT_OK) return session_fail(session, status);
    int exit_code = read_sides(grid, operands[1], operands[2]);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    if (image_set_pick(&grid->images.source, grid->rows, session->seed, &grid->shown) != 0) return failed(grid, "out of memory");
    if (image_grid(session->context, grid->map, &grid->shown, &grid->images.target, grid->output, error) != 0) return failed(grid, error);
    if (session->json)
        return session_print_json(session, json_pack("{sI ss}", "rows", (json_int_t)grid->shown.count, "output", grid->output));
    if (!session->quiet) printf("%lld images in %s\n", (long long)grid->shown.count, grid->output);
    return EXIT_SUCCESS;
}

int cmd_grid(int argc, char **argv) {
    grid_command grid = {.session = SESSION_INIT("grid"), .images = IMAGE_INPUTS_INIT, .rows = 8, .shown = IMAGE_SET_INIT};
    const option_spec own[] = {
        {"output", OPTION_TEXT, &grid.output, "PNG", "where to write the picture", NULL, 'o', NULL, NULL},
        {"rows", OPTION_COUNT, &grid.rows, "N", "images to draw, chosen by the seed", "8", 0, NULL, NULL},
    };
    option_spec images[IMAGE_INPUT_OPTION_COUNT], common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Output", own, COUNT_OF(own)},
                                   image_inputs_options(&grid.images, images),
                                   session_options(&grid.session, common)};
    const command_syntax syntax = {"grid",        "MAP SOURCES TARGETS -o PNG", about,  example,
                                   operand_names, COUNT_OF(operand_names),      0, groups, COUNT_OF(groups)};
    const char *operands[COUNT_OF(operand_names)];
    int exit_code;
    if (session_begin(&grid.session, &syntax, argc, argv, operands, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&grid, operands);
    image_set_free(&grid.shown);
    image_inputs_forget(&grid.images);
    enot_map_destroy(grid.map);
    session_end(&grid.session);
    return exit_code;
}
