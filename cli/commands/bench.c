/* enot bench: finds the benchmark; each is in bench_*.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/options.h"
#include "arguments/suggest.h"
#include "bench/bench.h"
#include "commands/command.h"

typedef struct benchmark {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} benchmark;

static const benchmark benchmarks[] = {
    {"step", bench_step, "training steps a second, beside the matrix products of this processor"},
    {"conv", bench_conv, "training steps of images, beside the convolutions that they consist of"},
    {"w2", bench_w2, "the error on pairs whose optimal map is known, while it is learned"},
};

static void print_usage(FILE *stream) {
    fputs("usage: enot bench BENCHMARK [OPTIONS]\n\nMeasures enot on this machine.\n\n", stream);
    for (size_t i = 0; i < COUNT_OF(benchmarks); i++)
        fprintf(stream, "  %-8s  %s\n", benchmarks[i].name, benchmarks[i].summary);
    fputs("\n\"enot bench BENCHMARK --help\" has the options.\n\nExample:\n  enot bench step --seconds 10\n", stream);
}

static int refuse_benchmark(const char *name) {
    suggestion suggestion;
    suggest_begin(&suggestion, name);
    for (size_t i = 0; i < COUNT_OF(benchmarks); i++) suggest_consider(&suggestion, benchmarks[i].name);
    if (suggestion.nearest != NULL)
        return usage_error("bench", "unknown benchmark \"%s\"; did you mean %s?", name, suggestion.nearest);
    return usage_error("bench", "unknown benchmark \"%s\"; \"enot bench --help\" lists them", name);
}

int cmd_bench(int argc, char **argv) {
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < COUNT_OF(benchmarks); i++)
        if (strcmp(benchmarks[i].name, word) == 0) return benchmarks[i].run(argc - 1, argv + 1);
    return refuse_benchmark(word);
}
