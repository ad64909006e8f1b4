/* Prints src/eval/image_filters.c. scripts/image_filters builds and runs it. */
#include "learn_filters.h"

static void print_table(const char *name, int64_t count, const int16_t *values) {
    int column = printf("    .%s = {", name);
    for (int64_t i = 0; i < count; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "%d%s", values[i], i + 1 < count ? "," : "},");
        if (column + length + 1 > 120) column = printf("\n       ") - 1;
        column += printf(" %s", text);
    }
    printf("\n");
}

int main(void) {
    static image_filters filters;
    enot_context *context = context_new(1);
    learn_filters(context, &filters);
    printf("/* Written by scripts/image_filters. Do not edit. */\n#include \"eval/image_filters.h\"\n\n");
    printf("const image_filters image_filters_stored = {\n");
    print_table("edges", IMAGE_EDGES * IMAGE_EDGE_INPUTS, filters.edges);
    print_table("components", IMAGE_COMPONENTS * 2 * IMAGE_EDGES, filters.components);
    print_table("component_offsets", IMAGE_COMPONENTS, filters.component_offsets);
    print_table("patterns", IMAGE_PATTERNS * IMAGE_PATTERN_INPUTS, filters.patterns);
    print_table("pattern_offsets", IMAGE_PATTERNS, filters.pattern_offsets);
    print_table("scales", IMAGE_PARTS, filters.scales);
    printf("};\n");
    enot_context_destroy(context);
    return 0;
}
