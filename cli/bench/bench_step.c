/* enot bench step: how fast are training steps, and how much of that speed could be had? */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "session/fit_arguments.h"

#define MILLISECONDS 1e3

static const char about[] =
    "Trains on samples in memory and multiplies matrices in cache, turn by turn, and compares the two speeds. A step\n"
    "updates both networks once; it is counted as 12 passes over a network, of 2 * BATCH * weights operations each.\n";
static const char example[] = "  enot bench step --dim 2 --hidden 128,128,128,128 --batch 2048\n";

typedef struct step_command {
    session session;
    fit_arguments arguments;
    int64_t dim;
    double seconds;
} step_command;

static void set_defaults(step_command *step) {
    enot_fit_options *options = &step->arguments.options;
    fit_arguments_init(&step->arguments);
    step->dim = 64;
    step->seconds = 5;
    step->arguments.hidden = (option_widths){{512, 512, 512}, 3};
    step->arguments.form = ENOT_FORM_POTENTIAL;
    step->arguments.directions = ENOT_DIRECTIONS_ALTERNATE;
    options->cost = "sqeuclidean";
    options->activation = "elu";
    options->batch = 1024;
}

static const char *form_name(int form) {
    const option_choice *choice = fit_forms;
    while (choice->value != form) choice++;
    return choice->name;
}

static json_t *widths_json(const option_widths *widths) {
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < widths->count; i++)
        json_array_append_new(list, json_integer(widths->width[i]));
    return list;
}

static json_t *result_json(const step_command *step, const enot_step_speed *speed) {
    const fit_arguments *arguments = &step->arguments;
    return json_pack(
        "{so so so si ss ss so so so so sI so sI ss ss ss}", "steps_per_second", json_number(speed->steps_per_second),
        "gemm_gflops", json_number(speed->product_gflops), "fraction", json_number(speed->fraction), "threads",
        speed->threads, "isa", speed->isa, "precision", speed->precision, "step_ms",
        json_number(MILLISECONDS * speed->step_seconds), "step_ms_least",
        json_number(MILLISECONDS * speed->step_seconds_least), "step_ms_most",
        json_number(MILLISECONDS * speed->step_seconds_most), "weights", json_number(speed->weights), "dim",
        (json_int_t)step->dim, "hidden", widths_json(&arguments->hidden), "batch",
        (json_int_t)arguments->options.batch, "form", form_name(arguments->form), "cost", arguments->options.cost,
        "activation", arguments->options.activation);
}

static void print_result(const step_command *step, const enot_step_speed *speed) {
    const fit_arguments *arguments = &step->arguments;
    printf("%-16s %lld columns, hidden layers ", "network", (long long)step->dim);
    for (size_t i = 0; i < arguments->hidden.count; i++)
        printf("%s%lld", i > 0 ? "," : "", (long long)arguments->hidden.width[i]);
    printf(", %s, form %s\n", arguments->options.activation, form_name(arguments->form));
    printf("%-16s %lld rows of each side, cost %s\n", "batch", (long long)arguments->options.batch,
           arguments->options.cost);
    printf("%-16s %s, %s, %d thread%s\n\n", "kernels", speed->isa, speed->precision, speed->threads,
           speed->threads > 1 ? "s" : "");
    printf("%-16s %-10.4g ms (%.4g to %.4g)\n", "a step takes", MILLISECONDS * speed->step_seconds,
           MILLISECONDS * speed->step_seconds_least, MILLISECONDS * speed->step_seconds_most);
    printf("%-16s %-10.4g a second\n", "steps", speed->steps_per_second);
    printf("%-16s %-10.4g GF/s of the same kernels alone, operands in cache\n", "products",
           speed->product_gflops);
    printf("%-16s %-10.3f 12 * 2 * batch * weights * steps a second over that speed\n", "fraction", speed->fraction);
}

static int run(step_command *step) {
    session *session = &step->session;
    enot_step_speed speed = ENOT_STEP_SPEED_INIT;
    fit_arguments_complete(session, &step->arguments);
    enot_status status =
        enot_measure_step(session->context, &step->arguments.options, step->dim, step->seconds, &speed);
    if (status != ENOT_OK) return session_fail(session, status);
    if (session->json) return session_print_json(session, result_json(step, &speed));
    if (!session->quiet) print_result(step, &speed);
    return EXIT_SUCCESS;
}

int bench_step(int argc, char **argv) {
    step_command step = {.session = SESSION_INIT("bench step")};
    enot_fit_options *options = &step.arguments.options;
    set_defaults(&step);
    const option_spec own[] = {
        {"dim", OPTION_COUNT, &step.dim, "D", "columns of the samples", "64", 0, NULL, NULL},
        {"hidden", OPTION_WIDTHS, &step.arguments.hidden, "WIDTHS", "widths of the hidden layers", "512,512,512", 0,
         NULL, NULL},
        {"batch", OPTION_COUNT, &options->batch, "N", "rows of each side a step", "1024", 0, NULL, NULL},
        {"form", OPTION_CHOICE, &step.arguments.form, "FORM", "potential, dot_product or vector_field", "potential", 0,
         NULL, fit_forms},
        {"cost", OPTION_TEXT, &options->cost, "NAME", "ground cost; \"enot costs\" lists them", "sqeuclidean", 0, NULL,
         NULL},
        {"activation", OPTION_TEXT, &options->activation, "NAME", "as of enot fit", "elu", 0, NULL, NULL},
        {"tau", OPTION_REAL, &options->expectile, "TAU", "expectile, in (.5, 1]", "as of enot fit", 0, "expectile",
         NULL},
        {"lambda", OPTION_REAL, &options->expectile_coefficient, "LAMBDA", "weight of the expectile loss",
         "as of enot fit", 0, "expectile-coefficient", NULL},
        {"directions", OPTION_CHOICE, &step.arguments.directions, "WHICH", "alternate, or both in every step", "alternate", 0,
         NULL, fit_directions},
        {"precision", OPTION_CHOICE, &step.arguments.precision, "P", "f32, bf16 or auto", "as of enot fit", 0, NULL,
         fit_precisions},
        {"optimizer", OPTION_CHOICE, &step.arguments.optimizer, "NAME", "adam, adamw, soap or muon", "adam", 0, NULL,
         fit_optimizers},
        {"refresh", OPTION_COUNT, &options->refresh, "N", "as of enot fit", "as of enot fit", 0, NULL, NULL},
        {"seconds", OPTION_REAL, &step.seconds, "S", "how long to measure", "5", 0, NULL, NULL},
    };
    option_spec common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Step", own, COUNT_OF(own)}, session_options(&step.session, common)};
    const command_syntax syntax = {"bench step", "[OPTIONS]", about, example, NULL, 0, 0, groups, COUNT_OF(groups)};
    int exit_code;
    if (session_begin(&step.session, &syntax, argc, argv, NULL, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&step);
    session_end(&step.session);
    return exit_code;
}
