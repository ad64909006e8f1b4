/* enot fit: from two sets of samples to a map file and a report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments/text.h"
#include "commands/command.h"
#include "session/fit_arguments.h"
#include "session/inputs.h"
#include "session/interrupt.h"
#include "session/preview.h"
#include "session/report.h"

#define CHECKPOINT_SUFFIX ".checkpoint"

static const char *const operand_names[] = {"SOURCE", "TARGET"};
static const char about[] =
    "Learns the optimal transport map from SOURCE to TARGET and the way back, saves both to MAP and reports, on rows\n"
    "set aside, whether the moved source can be told from the target. SOURCE and TARGET are a file (.csv .tsv .npy\n"
    ".safetensors), \"-\" (CSV on standard input) or a built-in measure (measure:moons; \"enot measures\" lists\n"
    "them); or both are images: a folder of JPEG and PNG files, an idx file or a .npy array. An option shown as [automatic] is chosen from the data and recorded in the map.\n";
static const char example[] =
    "  enot fit white.csv red.csv --columns 1-11 --scale column -o wine.safetensors\n"
    "  enot fit measure:moons measure:s_curve --seed 1 --checkpoint-every 60 -o moons.safetensors\n"
    "  enot fit deer/ horses/ --image-size 32 --flip --minutes 60 --preview now.png -o map.safetensors\n";

typedef struct fit_command {
    session session;
    inputs inputs;
    fit_arguments arguments;
    preview preview;
    const char *map_path;
    char *checkpoint;
    int argc;
    char **argv;
} fit_command;

/* Before anything slow: can the result be kept? */
static int check_output(fit_command *fit) {
    if (fit->map_path == NULL) return usage_error("fit", "-o MAP is missing: say where to save the map");
    if (strcmp(fit->map_path, "-") == 0) return usage_error("fit", "a map cannot go to standard output; name a file");
    enot_status status = enot_path_writable(fit->session.context, fit->map_path);
    if (status != ENOT_OK) return session_fail(&fit->session, status);
    fit->checkpoint = text_join(fit->map_path, CHECKPOINT_SUFFIX);
    if (fit->checkpoint == NULL) return session_error(&fit->session, "out of memory");
    fit->arguments.options.checkpoint = fit->checkpoint;
    return EXIT_SUCCESS;
}

static void print_quoted(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fprintf(stderr, " %s", word);
        return;
    }
    fputs(" '", stderr);
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            fputs("'\\''", stderr);
        else
            fputc(*word, stderr);
    }
    fputc('\'', stderr);
}

static int say_how_to_go_on(const fit_command *fit) {
    int exit_code = EXIT_SIGNAL + interrupt_signal();
    if (access(fit->checkpoint, R_OK) != 0) {
        session_error(&fit->session, "interrupted before there was anything to keep; start again");
        return exit_code;
    }
    session_error(&fit->session, "interrupted; the state is in %s. To go on:", fit->checkpoint);
    fprintf(stderr, "enot fit%s", fit->arguments.options.resume ? "" : " --resume");
    for (int i = 1; i < fit->argc; i++) print_quoted(fit->argv[i]);
    fputc('\n', stderr);
    return exit_code;
}

static int save_last_good(fit_command *fit, const enot_map *map) {
    char *reason = text_join(enot_context_message(fit->session.context), "");
    if (map == NULL || reason == NULL || enot_map_save(fit->session.context, map, fit->map_path) != ENOT_OK)
        session_error(&fit->session, "%s", reason != NULL ? reason : "out of memory");
    else
        session_error(&fit->session, "%s; the last good map is in %s", reason, fit->map_path);
    free(reason);
    return EXIT_FAILURE;
}

static int show_result(const fit_command *fit, const enot_report *report) {
    if (fit->session.json) {
        json_t *object = report_json(report);
        if (object != NULL) json_object_set_new(object, "map", json_string(fit->map_path));
        return session_print_json(&fit->session, object);
    }
    if (fit->session.quiet) return EXIT_SUCCESS;
    report_print(report);
    printf("%-16s %s\n", "map", fit->map_path);
    return EXIT_SUCCESS;
}

static int finish(fit_command *fit, enot_status status, const enot_map *map, const enot_report *report) {
    if (status == ENOT_ERR_CANCELLED) return say_how_to_go_on(fit);
    if (status == ENOT_ERR_NONFINITE) return save_last_good(fit, map);
    if (status == ENOT_OK) status = enot_map_save(fit->session.context, map, fit->map_path);
    if (status != ENOT_OK) return session_fail(&fit->session, status);
    unlink(fit->checkpoint);
    return show_result(fit, report);
}

/* What of the images is still needed once there are samples of them. */
static int keep_images(fit_command *fit) {
    image_inputs *images = &fit->inputs.images;
    fit->preview.session = &fit->session;
    if (fit->preview.path == NULL) {
        image_inputs_forget(images);
        return EXIT_SUCCESS;
    }
    fit->arguments.options.snapshot = preview_draw;
    fit->arguments.options.snapshot_user = &fit->preview;
    int exit_code = preview_begin(&fit->preview, &images->source, &images->target);
    image_set_free(&images->source);
    return exit_code;
}

static int run(fit_command *fit, const char *const operands[2]) {
    enot_map *map = NULL;
    enot_report report = ENOT_REPORT_INIT;
    int exit_code = check_output(fit);
    if (exit_code == EXIT_SUCCESS) exit_code = inputs_open(&fit->session, &fit->inputs, operands[0], operands[1]);
    if (exit_code == EXIT_SUCCESS) exit_code = keep_images(fit);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    enot_status status = fit_run(&fit->session, &fit->arguments, fit->inputs.source, fit->inputs.target, &map, &report);
    exit_code = finish(fit, status, map, &report);
    interrupt_release();
    enot_map_destroy(map);
    return exit_code;
}

int cmd_fit(int argc, char **argv) {
    fit_command fit = {SESSION_INIT("fit"), INPUTS_INIT, .preview = {.shown = IMAGE_SET_INIT}, .argc = argc, .argv = argv};
    fit_arguments_init(&fit.arguments);
    enot_fit_options *options = &fit.arguments.options;
    const option_spec own[] = {
        {"output", OPTION_TEXT, &fit.map_path, "MAP", "where to save the map (.safetensors)", NULL, 'o', NULL, NULL},
        {"checkpoint-every", OPTION_REAL, &options->checkpoint_seconds, "SECONDS",
         "keep the state of the fit in MAP.checkpoint", "only when interrupted", 0, NULL, NULL},
        {"resume", OPTION_FLAG, &options->resume, NULL, "go on from MAP.checkpoint", NULL, 0, NULL, NULL},
        {"preview", OPTION_TEXT, &fit.preview.path, "PNG", "of images: a picture of what the map does, drawn anew while it learns", NULL, 0,
         NULL, NULL},
    };
    option_spec input[INPUT_OPTION_COUNT], images[IMAGE_INPUT_OPTION_COUNT], networks[FIT_IMAGE_OPTION_COUNT], training[FIT_OPTION_CAPACITY], common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Output", own, COUNT_OF(own)},
                                   inputs_options(&fit.inputs.columns, &fit.inputs.key, input),
                                   image_inputs_options(&fit.inputs.images, images),
                                   fit_arguments_image_options(&fit.arguments, networks),
                                   fit_arguments_options(&fit.arguments, training),
                                   session_options(&fit.session, common)};
    const command_syntax syntax = {"fit",         "SOURCE TARGET -o MAP",  about,  example,
                                   operand_names, COUNT_OF(operand_names), 0, groups, COUNT_OF(groups)};
    const char *operands[COUNT_OF(operand_names)];
    int exit_code;
    if (session_begin(&fit.session, &syntax, argc, argv, operands, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&fit, operands);
    preview_end(&fit.preview);
    inputs_close(&fit.inputs);
    free(fit.checkpoint);
    session_end(&fit.session);
    return exit_code;
}
