/* enot: the command. Finds the subcommand; everything else is in cmd_*.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/options.h"
#include "arguments/suggest.h"
#include "commands/command.h"
#include "enot.h"

typedef struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *summary;
} command;

static const command commands[] = {
    {"fit", cmd_fit, "SOURCE TARGET -o MAP", "learn a transport map from two sets of samples"},
    {"apply", cmd_apply, "MAP POINTS [-o OUT]", "move points through a map, or back with --inverse"},
    {"eval", cmd_eval, "MAP SOURCE TARGET", "judge a map on samples"},
    {"grid", cmd_grid, "MAP SOURCES TARGETS -o PNG", "draw images, what a map makes of them, and the nearest targets"},
    {"plot", cmd_plot, "MAP SOURCE TARGET -o PNG", "draw samples, moved samples and potentials"},
    {"info", cmd_info, "MAP", "what a map file holds"},
    {"sample", cmd_sample, "MEASURE -n N [-o OUT]", "write points of a built-in measure"},
    {"recolor", cmd_recolor, "PHOTO PALETTE -o OUT", "give a photograph the colours of another"},
    {"costs", cmd_costs, "", "list the ground costs"},
    {"measures", cmd_measures, "", "list the built-in measures"},
    {"tutorial", cmd_tutorial, "[NAME -o DIR]", "run an experiment of the tutorials, or list them"},
    {"bench", cmd_bench, "BENCHMARK", "measure enot on this machine"},
};

static void print_usage(FILE *stream) {
    fputs("usage: enot COMMAND [ARGUMENTS]\n\nOptimal-transport maps from samples.\n\n", stream);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        fprintf(stream, "  %-8s  %-25s %s\n", commands[i].name, commands[i].usage, commands[i].summary);
    fputs("\n\"enot COMMAND --help\" has the options and an example; \"enot --version\" says the version and kernels.\n"
          "SOURCE, TARGET and POINTS are a file (.csv .tsv .npy .safetensors), \"-\" for CSV on standard input,\n"
          "or a built-in measure such as measure:moons; sets of images are a folder, an idx file or a .npy array.\n",
          stream);
}

static int print_version(void) {
    enot_context *context;
    enot_status status = enot_context_create(&context);
    if (status != ENOT_OK) {
        fprintf(stderr, "enot: %s\n", enot_status_name(status));
        return EXIT_FAILURE;
    }
    printf("enot %s\n%s\n", enot_version(), enot_context_kernels(context));
    enot_context_destroy(context);
    return EXIT_SUCCESS;
}

static int refuse_command(const char *name) {
    suggestion suggestion;
    suggest_begin(&suggestion, name);
    for (size_t i = 0; i < COUNT_OF(commands); i++) suggest_consider(&suggestion, commands[i].name);
    if (suggestion.nearest != NULL)
        fprintf(stderr, "enot: unknown command \"%s\"; did you mean %s?\n", name, suggestion.nearest);
    else
        fprintf(stderr, "enot: unknown command \"%s\"; \"enot --help\" lists them\n", name);
    return EXIT_USAGE;
}

static int run_command(const char *name, int argc, char **argv) {
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(commands[i].name, name) == 0) return commands[i].run(argc, argv);
    return refuse_command(name);
}

static int help_on(char *name) {
    char option[] = "--help";
    char *argv[] = {name, option, NULL};
    return run_command(name, 2, argv);
}

static int dispatch(int argc, char **argv) {
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0) return print_version();
    if (strcmp(word, "help") == 0 && argc > 2) return help_on(argv[2]);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    return run_command(word, argc - 1, argv + 1);
}

int main(int argc, char **argv) {
    int exit_code = dispatch(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && exit_code == EXIT_SUCCESS) {
        fputs("enot: cannot write to standard output\n", stderr);
        return EXIT_FAILURE;
    }
    return exit_code;
}
