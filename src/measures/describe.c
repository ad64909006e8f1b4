/* The list of measures as text, for people. */
#include "core/text.h"
#include "measures/kind.h"

static void append_kind(text *list, const measure_kind *kind) {
    text_append(list, "%s", kind->name);
    for (int i = 0; kind->parameters[i].name; i++)
        text_append(list, "%c%s=%g", i ? ',' : ':', kind->parameters[i].name, kind->parameters[i].initial);
    text_append(list, "  %s\n", kind->meaning);
}

enot_status enot_measures_describe(enot_context *context, char **out) {
    text list = {0};
    for (size_t i = 0; measure_kinds[i]; i++) append_kind(&list, measure_kinds[i]);
    text_append(&list, "w2bench:FILE  source of a Wasserstein-2 benchmark pair (Korotin et al. 2021)\n");
    text_append(&list, "w2bench_target:FILE  its target: row i is the true map of row i of the source with the same seed\n");
    return text_take(context, &list, "the list of measures", out);
}
