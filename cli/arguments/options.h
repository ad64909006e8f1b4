/* Command-line options described once in a table: parsing, checking and the help come from it. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#define EXIT_USAGE 2
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define OPTION_WIDTHS_CAPACITY 64
#define OPTION_TEXTS_CAPACITY 16

typedef enum option_kind {
    OPTION_FLAG,   /* int *: set to 1 */
    OPTION_TEXT,   /* const char ** */
    OPTION_COUNT,  /* int64_t *: 0 or more */
    OPTION_SEED,   /* uint64_t * */
    OPTION_REAL,   /* double *: 0 or more */
    OPTION_CHOICE, /* int *: the value of one of the choices */
    OPTION_TEXTS,  /* option_texts *: one more text each time it is given */
    OPTION_WIDTHS  /* option_widths *: "128,128" */
} option_kind;

/* Ends with a NULL name. */
typedef struct option_choice {
    const char *name;
    int value;
} option_choice;

typedef struct option_widths {
    int64_t width[OPTION_WIDTHS_CAPACITY];
    size_t count;
} option_widths;

typedef struct option_texts {
    const char *text[OPTION_TEXTS_CAPACITY];
    size_t count;
} option_texts;

typedef struct option_spec {
    const char *name; /* without the dashes */
    option_kind kind;
    void *value;
    const char *argument; /* how the help calls the value, NULL for a flag */
    const char *help;     /* one line */
    const char *fallback; /* the default as the help shows it, NULL: none to show */
    char letter;          /* short form, 0: none */
    const char *alias;    /* second name, NULL: none */
    const option_choice *choices;
} option_spec;

typedef struct option_group {
    const char *title;
    const option_spec *specs;
    size_t count;
} option_group;

typedef struct command_syntax {
    const char *name;
    const char *usage;           /* what follows the name: "SOURCE TARGET -o MAP" */
    const char *about;           /* what it does, ends with a line end */
    const char *example;         /* one or more lines, each ends with a line end */
    const char *const *operands; /* names of the operands, all required */
    size_t operand_count;
    int last_repeats; /* the last operand may be given several times */
    const option_group *groups;
    size_t group_count;
} command_syntax;

typedef enum options_result { OPTIONS_RUN, OPTIONS_HELP_SHOWN, OPTIONS_WRONG } options_result;

/*
 * argv[0] is the command's name; operands receives syntax->operand_count words, or if the last repeats all that there are, at
 * most argc - 1, and a NULL. What is wrong was said on stderr.
 */
options_result options_parse(const command_syntax *syntax, int argc, char **argv, const char **operands);

/* Says "enot NAME: message" on stderr and returns EXIT_USAGE. */
int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
