/* The stored filters of image features are what their description gives. */
#include "learn_filters.h"
#include "one_context.h"

/* Other processors round otherwise, and rounding to integers can then go the other way: one unit. */
static void check_table(const char *what, int64_t count, const int16_t *stored, const int16_t *learned) {
    for (int64_t i = 0; i < count; i++)
        if (abs(stored[i] - learned[i]) > 1)
            fail_msg("%s, number %d: stored %d, learned %d", what, (int)i, stored[i], learned[i]);
}

static void stored_filters_are_those_learned(void **state) {
    (void)state;
    static image_filters learned;
    const image_filters *stored = &image_filters_stored;
    learn_filters(context, &learned);
    check_table("edges", IMAGE_EDGES * IMAGE_EDGE_INPUTS, stored->edges, learned.edges);
    check_table("components", IMAGE_COMPONENTS * 2 * IMAGE_EDGES, stored->components, learned.components);
    check_table("component offsets", IMAGE_COMPONENTS, stored->component_offsets, learned.component_offsets);
    check_table("patterns", IMAGE_PATTERNS * IMAGE_PATTERN_INPUTS, stored->patterns, learned.patterns);
    check_table("pattern offsets", IMAGE_PATTERNS, stored->pattern_offsets, learned.pattern_offsets);
    check_table("scales", IMAGE_PARTS, stored->scales, learned.scales);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(stored_filters_are_those_learned)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
