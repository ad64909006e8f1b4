/* enot tutorial: fits an experiment of the tutorials and writes its map, its numbers and a picture. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments/text.h"
#include "commands/command.h"
#include "drawing/plot.h"
#include "session/fit_arguments.h"
#include "session/inputs.h"
#include "session/report.h"
#include "tutorial/tutorials.h"

static const char usage[] = "[NAME -o DIR]";
static const char about[] =
    "Runs an experiment of OTT-JAX's tutorial on expectile-regularised transport, or one on the sphere, and writes into DIR\n"
    "the map (map.safetensors), the numbers (report.json) and a picture (map.png). Without NAME it lists the experiments.\n"
    "A reference is the dual that the tutorial prints, with its standard error: it is taken over 256 or 512 rows.\n";
static const char example[] = "  enot tutorial\n  enot tutorial squares -o squares\n";

typedef struct tutorial_command {
    session session;
    fit_arguments arguments;
    const tutorial *tutorial;
    const char *directory;
    int made_directory;
    char *map_path, *report_path, *picture_path;
    inputs inputs;
    enot_map *map;
    enot_report report;
} tutorial_command;

static json_t *reference_json(double value) { return value > 0 ? json_real(value) : json_null(); }

static json_t *tutorial_json(const tutorial *tutorial) {
    return json_pack("{ss ss ss ss so so ss}", "name", tutorial->name, "source", tutorial->source, "target", tutorial->target,
                     "cost", tutorial->cost, "reference_dual", reference_json(tutorial->reference_dual), "reference_error",
                     reference_json(tutorial->reference_error), "shows", tutorial->shows);
}

static int list_json(const session *session) {
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < tutorial_count; i++) json_array_append_new(list, tutorial_json(&tutorials[i]));
    return session_print_json(session, json_pack("{so}", "tutorials", list));
}

static int list(const session *session) {
    if (session->json) return list_json(session);
    for (size_t i = 0; i < tutorial_count; i++) {
        const tutorial *t = &tutorials[i];
        printf("%-16s %s\n%17s%s -> %s, cost %s", t->name, t->shows, "", t->source, t->target, t->cost);
        if (t->reference_dual > 0) printf(", reference %g \xc2\xb1 %g", t->reference_dual, t->reference_error);
        putchar('\n');
    }
    return EXIT_SUCCESS;
}

static int find(tutorial_command *command, const char *name) {
    const char *nearest;
    command->tutorial = tutorial_find(name, &nearest);
    if (command->tutorial != NULL) return EXIT_SUCCESS;
    if (nearest != NULL) return usage_error("tutorial", "unknown tutorial \"%s\"; did you mean %s?", name, nearest);
    return usage_error("tutorial", "unknown tutorial \"%s\"; \"enot tutorial\" lists them", name);
}

static int make_directory(tutorial_command *command) {
    struct stat status;
    command->made_directory = mkdir(command->directory, 0777) == 0;
    if (command->made_directory) return EXIT_SUCCESS;
    int reason = errno;
    if (stat(command->directory, &status) == 0 && S_ISDIR(status.st_mode)) return EXIT_SUCCESS;
    return session_error(&command->session, "%s: cannot make this directory: %s; give another one to -o", command->directory,
                         strerror(reason));
}

static int name_output(const tutorial_command *command, const char *name, char **path) {
    const session *session = &command->session;
    *path = text_join(command->directory, name);
    if (*path == NULL) return session_error(session, "out of memory");
    enot_status status = enot_path_writable(session->context, *path);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(session, status);
}

/* Before anything slow: can the results be kept? */
static int prepare_outputs(tutorial_command *command) {
    int exit_code = make_directory(command);
    if (exit_code == EXIT_SUCCESS) exit_code = name_output(command, "/map.safetensors", &command->map_path);
    if (exit_code == EXIT_SUCCESS) exit_code = name_output(command, "/report.json", &command->report_path);
    if (exit_code == EXIT_SUCCESS) exit_code = name_output(command, "/map.png", &command->picture_path);
    return exit_code;
}

/* A reference is of the tutorial's own cost, in the units of its measures. */
static int has_reference(const tutorial_command *command) {
    return command->tutorial->reference_dual > 0 && command->arguments.scale != ENOT_SCALE_COLUMN &&
           strcmp(command->arguments.options.cost, command->tutorial->cost) == 0;
}

static double relative_difference(const tutorial_command *command) {
    return command->report.cost_dual / command->tutorial->reference_dual - 1;
}

static json_t *results_json(const tutorial_command *command) {
    const tutorial *tutorial = command->tutorial;
    int compared = has_reference(command);
    json_t *object = report_json(&command->report);
    json_t *more = json_pack("{ss ss ss ss so so so ss ss}", "name", tutorial->name, "source", tutorial->source, "target",
                             tutorial->target, "cost", command->arguments.options.cost, "reference_dual",
                             reference_json(compared ? tutorial->reference_dual : 0), "reference_error",
                             reference_json(compared ? tutorial->reference_error : 0), "reference_difference",
                             compared ? json_number(relative_difference(command)) : json_null(), "map", command->map_path,
                             "picture", command->picture_path);
    int failed = json_object_update(object, more);
    json_decref(more);
    if (failed == 0) return object;
    json_decref(object);
    return NULL;
}

static int draw(const tutorial_command *command) {
    const session *session = &command->session;
    const tutorial *tutorial = command->tutorial;
    char title[512];
    plot_data data = {.title = title};
    snprintf(title, sizeof title, "%s: %s \xe2\x86\x92 %s, cost %s", tutorial->name, tutorial->source, tutorial->target,
             command->arguments.options.cost);
    enot_status status =
        plot_collect(session->context, command->map, command->inputs.source, command->inputs.target, PLOT_ROWS, &data);
    int exit_code = status == ENOT_OK ? plot_write(session, &data, command->picture_path) : session_fail(session, status);
    plot_release(&data);
    return exit_code;
}

static int show_results(const tutorial_command *command, json_t *results) {
    if (command->session.json) return session_print_json(&command->session, json_incref(results));
    if (command->session.quiet) return EXIT_SUCCESS;
    report_print(&command->report);
    if (has_reference(command))
        printf("%-16s %-10.4g \xc2\xb1 %g, of the dual; here %+.1f %%\n", "reference", command->tutorial->reference_dual,
               command->tutorial->reference_error, 100 * relative_difference(command));
    printf("%-16s %s\n%-16s %s\n%-16s %s\n", "map", command->map_path, "numbers", command->report_path, "picture",
           command->picture_path);
    return EXIT_SUCCESS;
}

static int keep_results(const tutorial_command *command) {
    const session *session = &command->session;
    enot_status status = enot_map_save(session->context, command->map, command->map_path);
    if (status != ENOT_OK) return session_fail(session, status);
    int exit_code = draw(command);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    json_t *results = results_json(command);
    exit_code = session_write_json(session, results, command->report_path);
    if (exit_code == EXIT_SUCCESS) exit_code = show_results(command, results);
    json_decref(results);
    return exit_code;
}

static int run(tutorial_command *command, const char *const *operands) {
    int exit_code = find(command, operands[0]);
    if (exit_code != EXIT_SUCCESS) return exit_code;
    if (operands[1] != NULL)
        return usage_error("tutorial", "\"%s\" is one argument too many; usage: enot tutorial %s", operands[1], usage);
    if (command->directory == NULL) return usage_error("tutorial", "-o DIR is missing: say where to write the results");
    const tutorial *tutorial = command->tutorial;
    if (command->arguments.options.cost == NULL) command->arguments.options.cost = tutorial->cost;
    exit_code = inputs_open(&command->session, &command->inputs, tutorial->source, tutorial->target);
    if (exit_code == EXIT_SUCCESS) exit_code = prepare_outputs(command);
    if (exit_code == EXIT_SUCCESS)
        exit_code = fit_learn(&command->session, &command->arguments, command->inputs.source, command->inputs.target,
                              &command->map, &command->report);
    if (exit_code == EXIT_SUCCESS) exit_code = keep_results(command);
    if (exit_code != EXIT_SUCCESS && command->made_directory) rmdir(command->directory);
    return exit_code;
}

static int list_or_run(tutorial_command *command, const char *const *operands) {
    if (operands[0] != NULL) return run(command, operands);
    if (command->directory != NULL) return usage_error("tutorial", "NAME is missing; \"enot tutorial\" lists them");
    return list(&command->session);
}

static void release(tutorial_command *command) {
    free(command->map_path);
    free(command->report_path);
    free(command->picture_path);
    enot_map_destroy(command->map);
    inputs_close(&command->inputs);
    session_end(&command->session);
}

/* What the help says of --cost. */
static void name_default_cost(option_spec *specs, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(specs[i].name, "cost") == 0) specs[i].fallback = "the tutorial's";
}

int cmd_tutorial(int argc, char **argv) {
    tutorial_command command = {SESSION_INIT("tutorial"), .report = ENOT_REPORT_INIT};
    fit_arguments_init(&command.arguments);
    const option_spec own[] = {
        {"output", OPTION_TEXT, &command.directory, "DIR", "where to write, made if absent", NULL, 'o', NULL, NULL},
    };
    option_spec training[FIT_OPTION_CAPACITY], common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Output", own, COUNT_OF(own)},
                                   fit_arguments_options(&command.arguments, training),
                                   session_options(&command.session, common)};
    const command_syntax syntax = {"tutorial", usage, about, example, NULL, 0, 1, groups, COUNT_OF(groups)};
    name_default_cost(training, groups[1].count);
    const char **operands = calloc((size_t)argc + 1, sizeof *operands);
    if (operands == NULL) return session_error(&command.session, "out of memory");
    int exit_code;
    if (session_begin(&command.session, &syntax, argc, argv, operands, &exit_code) == OPTIONS_RUN) {
        exit_code = list_or_run(&command, operands);
        release(&command);
    }
    free(operands);
    return exit_code;
}
