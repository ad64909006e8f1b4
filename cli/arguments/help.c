#include "arguments/help.h"

#include <stdio.h>
#include <string.h>

#define TEXT_COLUMN 30

static void print_option(const option_spec *spec) {
    char left[128];
    char letter[8] = "    ";
    if (spec->letter != 0) snprintf(letter, sizeof letter, "-%c, ", spec->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, spec->name, spec->argument != NULL ? " " : "",
             spec->argument != NULL ? spec->argument : "");
    printf("%s", left);
    if (strlen(left) + 2 > TEXT_COLUMN)
        printf("\n%*s", TEXT_COLUMN, "");
    else
        printf("%*s", TEXT_COLUMN - (int)strlen(left), "");
    printf("%s", spec->help);
    if (spec->fallback != NULL) printf(" [%s]", spec->fallback);
    if (spec->alias != NULL) printf(" (also --%s)", spec->alias);
    putchar('\n');
}

void help_print(const command_syntax *syntax) {
    printf("usage: enot %s %s\n\n%s", syntax->name, syntax->usage, syntax->about);
    for (size_t g = 0; g < syntax->group_count; g++) {
        printf("\n%s:\n", syntax->groups[g].title);
        for (size_t i = 0; i < syntax->groups[g].count; i++) print_option(&syntax->groups[g].specs[i]);
    }
    printf("  -h, --help%*s%s\n", TEXT_COLUMN - 12, "", "show this text");
    printf("\nExample:\n%s", syntax->example);
}
