#include "arguments/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/help.h"
#include "arguments/suggest.h"

#define SPEC_CAPACITY 64
#define CODE_OF_HELP 'h'
#define CODE_OF_SPECS 256

/* What getopt_long needs, made from the table. */
typedef struct getopt_table {
    struct option names[2 * SPEC_CAPACITY + 2];
    char letters[3 * SPEC_CAPACITY + 4];
    const option_spec *specs[SPEC_CAPACITY];
    int spec_count, name_count;
} getopt_table;

int usage_error(const char *command, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "enot %s: ", command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static void add_name(getopt_table *table, const char *name, int takes_value, int code) {
    table->names[table->name_count++] =
        (struct option){name, takes_value ? required_argument : no_argument, NULL, code};
}

static void add_spec(getopt_table *table, const option_spec *spec) {
    int takes_value = spec->kind != OPTION_FLAG;
    int code = CODE_OF_SPECS + table->spec_count;
    table->specs[table->spec_count++] = spec;
    add_name(table, spec->name, takes_value, code);
    if (spec->alias != NULL) add_name(table, spec->alias, takes_value, code);
    if (spec->letter != 0) {
        char letter[3] = {spec->letter, takes_value ? ':' : '\0', '\0'};
        strcat(table->letters, letter);
    }
}

static void build_table(const command_syntax *syntax, getopt_table *table) {
    memset(table, 0, sizeof *table);
    strcpy(table->letters, ":h");
    for (size_t g = 0; g < syntax->group_count; g++)
        for (size_t i = 0; i < syntax->groups[g].count && table->spec_count < SPEC_CAPACITY; i++)
            add_spec(table, &syntax->groups[g].specs[i]);
    add_name(table, "help", 0, CODE_OF_HELP);
}

static const option_spec *find_spec(const getopt_table *table, int code) {
    if (code >= CODE_OF_SPECS) return table->specs[code - CODE_OF_SPECS];
    for (int i = 0; i < table->spec_count; i++)
        if (table->specs[i]->letter == code) return table->specs[i];
    return NULL;
}

static int refuse_value(const char *command, const option_spec *spec, const char *text, const char *expected) {
    usage_error(command, "--%s: \"%s\" is not %s", spec->name, text, expected);
    return 0;
}

static int parse_count(const char *text, int64_t *value) {
    char *end;
    errno = 0;
    long long parsed = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || parsed < 0) return 0;
    *value = parsed;
    return 1;
}

static int parse_seed(const char *text, uint64_t *value) {
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || strchr(text, '-') != NULL) return 0;
    *value = parsed;
    return 1;
}

static int parse_real(const char *text, double *value) {
    char *end;
    double parsed = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(parsed) || parsed < 0) return 0;
    *value = parsed;
    return 1;
}

static int parse_widths(const char *text, option_widths *widths) {
    widths->count = 0;
    for (;;) {
        char *end;
        errno = 0;
        long long width = strtoll(text, &end, 10);
        if (end == text || errno != 0 || width < 0 || widths->count == OPTION_WIDTHS_CAPACITY) return 0;
        widths->width[widths->count++] = width;
        if (*end == '\0') return 1;
        if (*end != ',') return 0;
        text = end + 1;
    }
}

static int add_text(const char *command, const option_spec *spec, const char *text, option_texts *texts) {
    if (texts->count == OPTION_TEXTS_CAPACITY) {
        usage_error(command, "--%s can be given at most %d times", spec->name, OPTION_TEXTS_CAPACITY);
        return 0;
    }
    texts->text[texts->count++] = text;
    return 1;
}

static int parse_choice(const char *command, const option_spec *spec, const char *text, int *value) {
    suggestion suggestion;
    suggest_begin(&suggestion, text);
    for (const option_choice *choice = spec->choices; choice->name != NULL; choice++) {
        if (strcmp(choice->name, text) == 0) {
            *value = choice->value;
            return 1;
        }
        suggest_consider(&suggestion, choice->name);
    }
    char names[256] = "";
    for (const option_choice *choice = spec->choices; choice->name != NULL; choice++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", *names ? ", " : "", choice->name);
    if (suggestion.nearest != NULL)
        usage_error(command, "--%s: unknown %s \"%s\"; did you mean %s? (one of %s)", spec->name, spec->name, text,
                    suggestion.nearest, names);
    else
        usage_error(command, "--%s: unknown %s \"%s\"; use one of %s", spec->name, spec->name, text, names);
    return 0;
}

static int store(const char *command, const option_spec *spec, const char *text) {
    switch (spec->kind) {
    case OPTION_FLAG: *(int *)spec->value = 1; return 1;
    case OPTION_TEXT: *(const char **)spec->value = text; return 1;
    case OPTION_COUNT:
        return parse_count(text, spec->value) || refuse_value(command, spec, text, "a whole number of 0 or more");
    case OPTION_SEED:
        return parse_seed(text, spec->value) || refuse_value(command, spec, text, "a whole number from 0 to 2^64 - 1");
    case OPTION_REAL:
        return parse_real(text, spec->value) || refuse_value(command, spec, text, "a number of 0 or more");
    case OPTION_CHOICE: return parse_choice(command, spec, text, spec->value);
    case OPTION_TEXTS: return add_text(command, spec, text, spec->value);
    case OPTION_WIDTHS:
        return parse_widths(text, spec->value) ||
               refuse_value(command, spec, text, "a list of widths such as 128,128,128");
    }
    return 0;
}

static void refuse_unknown(const command_syntax *syntax, const getopt_table *table, const char *word) {
    suggestion suggestion;
    suggest_begin(&suggestion, word + strspn(word, "-"));
    if (strncmp(word, "--", 2) == 0)
        for (int i = 0; i < table->name_count; i++) suggest_consider(&suggestion, table->names[i].name);
    if (suggestion.nearest != NULL)
        usage_error(syntax->name, "unknown option %s; did you mean --%s?", word, suggestion.nearest);
    else
        usage_error(syntax->name, "unknown option %s; \"enot %s --help\" lists them", word, syntax->name);
}

/* One option that getopt_long did not accept; code is its return value. */
static void refuse_option(const command_syntax *syntax, const getopt_table *table, int code, const char *word) {
    const option_spec *spec = optopt != 0 ? find_spec(table, optopt) : NULL;
    if (code == ':')
        usage_error(syntax->name, "%s needs a value: %s", word, spec != NULL ? spec->argument : "see --help");
    else if (spec != NULL)
        usage_error(syntax->name, "--%s takes no value", spec->name);
    else if (strncmp(word, "--", 2) != 0 && optopt != 0)
        usage_error(syntax->name, "unknown option -%c; \"enot %s --help\" lists them", optopt, syntax->name);
    else
        refuse_unknown(syntax, table, word);
}

static options_result take_operands(const command_syntax *syntax, int argc, char **argv, const char **operands) {
    size_t given = (size_t)(argc - optind);
    for (size_t i = 0; i < syntax->operand_count; i++) {
        if (i == given) {
            usage_error(syntax->name, "%s is missing; usage: enot %s %s", syntax->operands[i], syntax->name,
                        syntax->usage);
            return OPTIONS_WRONG;
        }
        operands[i] = argv[optind + (int)i];
    }
    if (syntax->last_repeats) {
        for (size_t i = syntax->operand_count; i < given; i++) operands[i] = argv[optind + (int)i];
        operands[given] = NULL;
        return OPTIONS_RUN;
    }
    if (given == syntax->operand_count) return OPTIONS_RUN;
    usage_error(syntax->name, "\"%s\" is one argument too many; usage: enot %s %s",
                argv[optind + (int)syntax->operand_count], syntax->name, syntax->usage);
    return OPTIONS_WRONG;
}

options_result options_parse(const command_syntax *syntax, int argc, char **argv, const char **operands) {
    getopt_table table;
    build_table(syntax, &table);
    opterr = 0;
    optind = 0;
    int code;
    while ((code = getopt_long(argc, argv, table.letters, table.names, NULL)) != -1) {
        if (code == CODE_OF_HELP) {
            help_print(syntax);
            return OPTIONS_HELP_SHOWN;
        }
        if (code == '?' || code == ':') {
            refuse_option(syntax, &table, code, argv[optind - 1]);
            return OPTIONS_WRONG;
        }
        if (!store(syntax->name, find_spec(&table, code), optarg)) return OPTIONS_WRONG;
    }
    return take_operands(syntax, argc, argv, operands);
}
