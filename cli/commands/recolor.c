/* enot recolor: gives a photograph the colours of another. Pixels are samples in a colour space of three dimensions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/choose.h"
#include "commands/command.h"
#include "drawing/color.h"
#include "images/image.h"
#include "session/fit_arguments.h"
#include "session/inputs.h"
#include "session/report.h"

#define CHANNELS 3
#define BLOCK_PIXELS 65536

static const char *const operand_names[] = {"PHOTO", "PALETTE"};
static const char about[] =
    "Learns the transport map from the colours of PHOTO to those of PALETTE (JPEG or PNG), moves every pixel of PHOTO\n"
    "through it and writes the result as PNG or JPEG.\n";
static const char example[] = "  enot recolor ocean_day.jpg ocean_sunset.jpg -o evening.png\n";

static const option_choice spaces[] = {{"rgb", COLOR_RGB}, {"lab", COLOR_LAB}, {NULL, 0}};

typedef struct recolor_command {
    session session;
    fit_arguments arguments;
    const char *output;
    int space;
    int64_t pixels; /* of each picture that the map is learned from, at most */
    image photo, palette;
    enot_samples *source, *target;
    enot_map *map;
    enot_report report;
} recolor_command;

static double *sample_colors(const recolor_command *recolor, const image *image, size_t wanted) {
    size_t count = image_pixel_count(image);
    size_t *index = malloc(count * sizeof *index);
    double *colors = rows_alloc((int64_t)wanted, CHANNELS);
    if (index != NULL && colors != NULL) {
        choose(index, count, wanted, recolor->session.seed);
        for (size_t i = 0; i < wanted; i++)
            color_decode((color_space)recolor->space, image->pixels + CHANNELS * index[i], 1, colors + CHANNELS * i);
    } else {
        free(colors);
        colors = NULL;
    }
    free(index);
    return colors;
}

static int make_samples(recolor_command *recolor, const image *image, enot_samples **samples) {
    size_t count = image_pixel_count(image);
    size_t wanted = count < (size_t)recolor->pixels ? count : (size_t)recolor->pixels;
    double *colors = sample_colors(recolor, image, wanted);
    if (colors == NULL) return session_error(&recolor->session, "out of memory");
    enot_status status = enot_samples_from_rows(recolor->session.context, colors, (int64_t)wanted, CHANNELS, samples);
    free(colors);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(&recolor->session, status);
}

static int read_side(recolor_command *recolor, const char *path, image *image, enot_samples **samples) {
    char error[IMAGE_ERROR_CAPACITY];
    if (image_read(path, image, error) != 0) return session_error(&recolor->session, "%s: %s", path, error);
    if (image_to_rgb(image) != 0) return session_error(&recolor->session, "out of memory");
    return make_samples(recolor, image, samples);
}

static int learn(recolor_command *recolor) {
    return fit_learn(&recolor->session, &recolor->arguments, recolor->source, recolor->target, &recolor->map, &recolor->report);
}

static enot_status move_pixels(recolor_command *recolor, double *block) {
    color_space space = (color_space)recolor->space;
    size_t count = image_pixel_count(&recolor->photo);
    for (size_t first = 0; first < count; first += BLOCK_PIXELS) {
        size_t size = count - first < BLOCK_PIXELS ? count - first : BLOCK_PIXELS;
        uint8_t *pixels = recolor->photo.pixels + CHANNELS * first;
        color_decode(space, pixels, size, block);
        enot_status status =
            enot_map_apply(recolor->session.context, recolor->map, ENOT_FORWARD, block, (int64_t)size, block);
        if (status != ENOT_OK) return status;
        color_encode(space, block, size, pixels);
    }
    return ENOT_OK;
}

static int write_result(recolor_command *recolor) {
    session *session = &recolor->session;
    char error[IMAGE_ERROR_CAPACITY];
    double *block = rows_alloc(BLOCK_PIXELS, CHANNELS);
    if (block == NULL) return session_error(session, "out of memory");
    enot_status status = move_pixels(recolor, block);
    free(block);
    if (status != ENOT_OK) return session_fail(session, status);
    if (image_write(recolor->output, &recolor->photo, error) != 0)
        return session_error(session, "%s: %s", recolor->output, error);
    if (session->json) {
        json_t *object = report_json(&recolor->report);
        if (object != NULL) json_object_set_new(object, "output", json_string(recolor->output));
        return session_print_json(session, object);
    }
    if (session->quiet) return EXIT_SUCCESS;
    report_print(&recolor->report);
    printf("%-16s %s\n", "picture", recolor->output);
    return EXIT_SUCCESS;
}

static int check_arguments(const recolor_command *recolor) {
    if (recolor->output == NULL) return usage_error("recolor", "-o OUT is missing: say where to write the picture");
    if (!image_writable_name(recolor->output))
        return usage_error("recolor", "%s: the name must end in .png, .jpg or .jpeg", recolor->output);
    if (recolor->pixels == 0) return usage_error("recolor", "--pixels: 0 pixels cannot be learned from");
    enot_status status = enot_path_writable(recolor->session.context, recolor->output);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(&recolor->session, status);
}

static int run(recolor_command *recolor, const char *const operands[2]) {
    int exit_code = check_arguments(recolor);
    if (exit_code == EXIT_SUCCESS) exit_code = read_side(recolor, operands[0], &recolor->photo, &recolor->source);
    if (exit_code == EXIT_SUCCESS) exit_code = read_side(recolor, operands[1], &recolor->palette, &recolor->target);
    if (exit_code == EXIT_SUCCESS) exit_code = learn(recolor);
    if (exit_code == EXIT_SUCCESS) exit_code = write_result(recolor);
    return exit_code;
}

static void release(recolor_command *recolor) {
    image_free(&recolor->photo);
    image_free(&recolor->palette);
    enot_samples_destroy(recolor->source);
    enot_samples_destroy(recolor->target);
    enot_map_destroy(recolor->map);
    session_end(&recolor->session);
}

int cmd_recolor(int argc, char **argv) {
    recolor_command recolor = {SESSION_INIT("recolor"), .space = COLOR_RGB, .pixels = 20000,
                               .report = ENOT_REPORT_INIT};
    fit_arguments_init(&recolor.arguments);
    const option_spec own[] = {
        {"output", OPTION_TEXT, &recolor.output, "OUT", "picture to write (.png .jpg)", NULL, 'o', NULL, NULL},
        {"space", OPTION_CHOICE, &recolor.space, "SPACE", "rgb or lab", "rgb", 0, NULL, spaces},
        {"pixels", OPTION_COUNT, &recolor.pixels, "N", "learn from at most this many pixels of each", "20000", 0, NULL,
         NULL},
    };
    option_spec training[FIT_OPTION_CAPACITY], common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Pictures", own, COUNT_OF(own)},
                                   fit_arguments_options(&recolor.arguments, training),
                                   session_options(&recolor.session, common)};
    const command_syntax syntax = {"recolor",     "PHOTO PALETTE -o OUT",  about,  example,
                                   operand_names, COUNT_OF(operand_names), 0, groups, COUNT_OF(groups)};
    const char *operands[COUNT_OF(operand_names)];
    int exit_code;
    if (session_begin(&recolor.session, &syntax, argc, argv, operands, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&recolor, operands);
    release(&recolor);
    return exit_code;
}
