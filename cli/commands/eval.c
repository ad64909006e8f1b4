/* enot eval: can a map be trusted on these samples? */
#include <stdlib.h>

#include "commands/command.h"
#include "session/inputs.h"
#include "session/report.h"

static const char *const operand_names[] = {"MAP", "SOURCE", "TARGET"};
static const char about[] =
    "Moves SOURCE through MAP and compares the result with TARGET: the mismatch (energy distance) beside the one\n"
    "before, that of the Gaussian map and the noise floor (95 % quantile between two random halves of the target). On\n"
    "the tables that the map was fitted on, only the rows that the fit set aside are used. Images are compared by features of\n"
    "enot's own, in which the Frechet distances are too (docs/images.md).\n";
static const char example[] = "  enot eval wine.safetensors white.csv red.csv --columns 1-11\n";

typedef struct eval_command {
    session session;
    inputs inputs;
    int64_t rows;
} eval_command;

static int show_result(const eval_command *eval, const char *map_path, const enot_report *report) {
    if (eval->session.json) {
        json_t *object = report_json(report);
        if (object != NULL) json_object_set_new(object, "map", json_string(map_path));
        return session_print_json(&eval->session, object);
    }
    if (!eval->session.quiet) report_print(report);
    return EXIT_SUCCESS;
}

static int run(eval_command *eval, const char *const operands[3]) {
    session *session = &eval->session;
    enot_map *map = NULL;
    enot_report report = ENOT_REPORT_INIT;
    enot_evaluate_options options = ENOT_EVALUATE_OPTIONS_INIT;
    options.rows = eval->rows;
    options.seed = session->seed;
    enot_status status = enot_map_load(session->context, operands[0], &map);
    if (status != ENOT_OK) return session_fail(session, status);
    image_inputs_follow_map(&eval->inputs.images, map);
    int exit_code = inputs_open(session, &eval->inputs, operands[1], operands[2]);
    if (exit_code == EXIT_SUCCESS) {
        status = enot_evaluate(session->context, map, eval->inputs.source, eval->inputs.target, &options, &report);
        exit_code = status == ENOT_OK ? show_result(eval, operands[0], &report) : session_fail(session, status);
    }
    enot_map_destroy(map);
    return exit_code;
}

int cmd_eval(int argc, char **argv) {
    eval_command eval = {SESSION_INIT("eval"), INPUTS_INIT, ENOT_AUTO};
    const option_spec own[] = {
        {"rows", OPTION_COUNT, &eval.rows, "N", "at most this many rows of each side", "4096, of images 2048", 0, NULL, NULL},
    };
    option_spec input[INPUT_OPTION_COUNT], images[IMAGE_INPUT_OPTION_COUNT], common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Evaluation", own, COUNT_OF(own)},
                                   inputs_options(&eval.inputs.columns, &eval.inputs.key, input),
                                   image_inputs_options(&eval.inputs.images, images),
                                   session_options(&eval.session, common)};
    const command_syntax syntax = {"eval",        "MAP SOURCE TARGET",     about,  example,
                                   operand_names, COUNT_OF(operand_names), 0, groups, COUNT_OF(groups)};
    const char *operands[COUNT_OF(operand_names)];
    int exit_code;
    if (session_begin(&eval.session, &syntax, argc, argv, operands, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&eval, operands);
    inputs_close(&eval.inputs);
    session_end(&eval.session);
    return exit_code;
}
