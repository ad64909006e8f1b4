/* enot bench w2: the error on pairs whose optimal map is known, while it is learned. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/w2_picture.h"
#include "bench/w2_published.h"
#include "session/fit_arguments.h"
#include "session/interrupt.h"

static const char about[] =
    "Trains on pairs of the Wasserstein-2 benchmark (Korotin et al. 2021) and prints how far the map is from the optimal\n"
    "one: UVP = 100 E|T(x) - T*(x)|^2 / Var(target), per cent, on 16384 fresh rows. Step 0 is the linear map. Time for\n"
    "scoring is not counted. --plot draws the error against the time.\n";
static const char usage[] = "FILE... [OPTIONS]";
static const char example[] =
    "  enot bench w2 mix3to10_016.safetensors --minutes 5 --json >auto.json\n"
    "  enot bench w2 mix3to10_016.safetensors --minutes 5 --recipe paper --plot both.png --compare auto.json\n"
    "  enot bench w2 mix3to10_016.safetensors --minutes 5 --method w2ot\n";

typedef enum recipe { RECIPE_AUTO, RECIPE_PAPER } recipe;

static const option_choice recipes[] = {
    [RECIPE_AUTO] = {"auto", RECIPE_AUTO}, [RECIPE_PAPER] = {"paper", RECIPE_PAPER}, {NULL, 0}};

typedef struct w2_command {
    session session;
    fit_arguments arguments;
    int recipe;
    w2_picture picture;
} w2_command;

static void prefer(double *option, double value) {
    if (*option == ENOT_AUTO) *option = value;
}

static void prefer_count(int64_t *option, int64_t value) {
    if (*option == ENOT_AUTO) *option = value;
}

/* What the authors used, where the command line says nothing else; widths below 64 dimensions are not published. */
static void follow_paper(int64_t dim, fit_arguments *arguments) {
    enot_fit_options *o = &arguments->options;
    if (arguments->hidden.count == 0)
        arguments->hidden = dim >= 64 ? (option_widths){{512, 512, 512}, 3} : (option_widths){{128, 128, 128, 128}, 4};
    if (arguments->method != ENOT_METHOD_MONGE_GAP) arguments->form = ENOT_FORM_DOT_PRODUCT;
    arguments->scale = ENOT_SCALE_NONE;
    if (arguments->optimizer == ENOT_OPTIMIZER_AUTO) arguments->optimizer = ENOT_OPTIMIZER_ADAM;
    if (arguments->precision == ENOT_PRECISION_AUTO) arguments->precision = ENOT_PRECISION_F32;
    if (!o->activation) o->activation = "elu";
    prefer_count(&o->batch, 1024);
    if (o->minutes == ENOT_AUTO && o->budget == ENOT_AUTO) prefer_count(&o->steps, 200000);
    prefer(&o->learning_rate, 5e-4);
    prefer(&o->beta1, 0.9);
    prefer(&o->beta2, 0.99);
    prefer(&o->averaging, 0);
    if (arguments->method != ENOT_METHOD_ENOT) return;
    arguments->directions = ENOT_DIRECTIONS_ALTERNATE;
    prefer(&o->expectile, 0.99);
    prefer(&o->expectile_coefficient, 0.3);
}

/* Of one file: where its scores go. */
typedef struct display {
    const w2_command *command;
    json_t *history;
} display;

static json_t *score_json(const enot_w2_score *score) {
    return json_pack("{sI sI so so so so so so so so}", "steps", (json_int_t)score->steps, "samples",
                     (json_int_t)score->samples, "seconds", json_number(score->seconds), "operations",
                     json_number(score->operations), "uvp_forward", json_number(score->uvp_forward), "uvp_inverse",
                     json_number(score->uvp_inverse), "cosine", json_number(score->cosine), "dual",
                     json_number(score->dual), "w2_squared", json_number(score->cost), "scoring_seconds",
                     json_number(score->scoring_seconds));
}

static void print_score(const enot_w2_score *score) {
    printf("%9lld  %11lld  %8.1f  %9.3g  %10.4g  %10.4g  %8.5f  %10.5g\n", (long long)score->steps,
           (long long)score->samples, score->seconds, score->operations, score->uvp_forward, score->uvp_inverse,
           score->cosine, score->dual);
    fflush(stdout);
}

static int show_score(void *user, const enot_w2_score *score) {
    display *display = user;
    json_array_append_new(display->history, score_json(score));
    if (!display->command->session.json && !display->command->session.quiet) print_score(score);
    return 0;
}

static int is_interrupted(void *user) { return interrupt_signal() != 0; }

static void print_head(const char *path, int64_t dim) {
    printf("%s, %lld dimensions\n\n%9s  %11s  %8s  %9s  %10s  %10s  %8s  %10s\n", path, (long long)dim, "steps", "samples",
           "seconds", "operations", "UVP there", "UVP back", "cosine", "dual");
}

static void print_beside(const enot_w2_score *last, int64_t dim) {
    const w2_published *p = w2_published_for(dim);
    printf("\n%-22s %.5g\n%-22s %.4g %%\n", "W2^2", last->cost, "UVP of the identity", last->uvp_identity);
    if (p)
        printf("%-22s linear map %.3g, MM:R %.3g, W2OT %.3g, ENOT %.3g %%\n", "published UVP", p->linear, p->maxmin, p->w2ot,
               p->enot);
    printf("%-22s %.1f s, not counted above\n\n", "scoring took", last->scoring_seconds);
}

static enot_status find_dim(session *session, const char *path, int64_t *dim) {
    char spec[4096];
    enot_samples *samples;
    snprintf(spec, sizeof spec, "measure:w2bench:%s", path);
    enot_status status = enot_samples_open(session->context, spec, NULL, &samples);
    if (status != ENOT_OK) return status;
    *dim = enot_samples_dim(samples);
    enot_samples_destroy(samples);
    return ENOT_OK;
}

/* The command's options for this pair, whose optimal map is smooth: no noise. */
static fit_arguments choose_arguments(const w2_command *command, int64_t dim) {
    fit_arguments arguments = command->arguments;
    if (command->recipe == RECIPE_PAPER) follow_paper(dim, &arguments);
    prefer(&arguments.options.smoothing, 0);
    fit_arguments_complete(&command->session, &arguments);
    return arguments;
}

static int run_file(w2_command *command, const char *path, json_t *results) {
    session *session = &command->session;
    display display = {command, json_array()};
    enot_w2_options options = ENOT_W2_OPTIONS_INIT;
    enot_w2_score last = ENOT_W2_SCORE_INIT;
    int64_t dim;
    enot_status status = find_dim(session, path, &dim);
    if (status == ENOT_OK) {
        fit_arguments arguments = choose_arguments(command, dim);
        if (arguments.hidden.count > 0) arguments.options.hidden = arguments.hidden.width;
        options.scored = show_score;
        options.stopping = is_interrupted;
        options.user = &display;
        if (!session->json && !session->quiet) print_head(path, dim);
        status = enot_bench_w2(session->context, path, &arguments.options, &options, &last);
    }
    if (status != ENOT_OK) {
        json_decref(display.history);
        return session_fail(session, status);
    }
    if (!session->json && !session->quiet) print_beside(&last, dim);
    json_t *result = score_json(&last);
    json_object_set_new(result, "file", json_string(path));
    json_object_set_new(result, "dim", json_integer(dim));
    json_object_set_new(result, "recipe", json_string(recipes[command->recipe].name));
    if (command->arguments.method != ENOT_METHOD_ENOT)
        json_object_set_new(result, "method", json_string(fit_methods[command->arguments.method].name));
    json_object_set_new(result, "history", display.history);
    json_array_append_new(results, result);
    return EXIT_SUCCESS;
}

static int run_files(w2_command *command, const char *const *paths) {
    session *session = &command->session;
    json_t *results = json_array();
    interrupt_watch();
    int exit_code = EXIT_SUCCESS;
    for (; *paths && exit_code == EXIT_SUCCESS && !interrupt_signal(); paths++)
        exit_code = run_file(command, *paths, results);
    if (exit_code == EXIT_SUCCESS) exit_code = w2_picture_draw(session, &command->picture, results);
    if (session->json && json_array_size(results) > 0)
        return session_print_json(session, results) == EXIT_SUCCESS ? exit_code : EXIT_FAILURE;
    json_decref(results);
    return exit_code;
}

/* Without files earlier results are drawn. */
static int run(w2_command *command, const char *const *paths) {
    if (*paths == NULL && command->picture.compared.count == 0)
        return usage_error("bench w2", "FILE is missing; usage: enot bench w2 %s", usage);
    int exit_code = w2_picture_begin(&command->session, &command->picture);
    if (exit_code == EXIT_SUCCESS) exit_code = run_files(command, paths);
    w2_picture_end(&command->picture);
    return exit_code;
}

int bench_w2(int argc, char **argv) {
    w2_command command = {.session = SESSION_INIT("bench w2")};
    fit_arguments_init(&command.arguments);
    const option_spec own[] = {
        {"recipe", OPTION_CHOICE, &command.recipe, "NAME", "auto, or paper: the settings of the authors", "auto", 0, NULL,
         recipes},
        {"plot", OPTION_TEXT, &command.picture.path, "PNG", "draw the error against the time, beside what was published", NULL, 0,
         NULL, NULL},
        {"compare", OPTION_TEXTS, &command.picture.compared, "JSON", "draw earlier results too; may be repeated", NULL, 0, NULL,
         NULL},
    };
    option_spec training[FIT_OPTION_CAPACITY], common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Benchmark", own, COUNT_OF(own)},
                                   fit_arguments_options(&command.arguments, training),
                                   session_options(&command.session, common)};
    const command_syntax syntax = {"bench w2", usage, about, example, NULL, 0, 1, groups, COUNT_OF(groups)};
    const char **operands = calloc((size_t)argc + 1, sizeof *operands);
    if (operands == NULL) return session_error(&command.session, "out of memory");
    int exit_code;
    if (session_begin(&command.session, &syntax, argc, argv, operands, &exit_code) == OPTIONS_RUN) {
        exit_code = run(&command, operands);
        session_end(&command.session);
    }
    free(operands);
    return exit_code;
}
