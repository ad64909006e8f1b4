/* The list of measures as text, for people. */
#include <stdio.h>
#include <stdlib.h>

#include "core/context.h"
#include "measures/kind.h"

static void write_kind(FILE *stream, const measure_kind *kind) {
    fprintf(stream, "%s", kind->name);
    for (int i = 0; kind->parameters[i].name; i++)
        fprintf(stream, "%c%s=%g", i ? ',' : ':', kind->parameters[i].name, kind->parameters[i].initial);
    fprintf(stream, "  %s\n", kind->meaning);
}

enot_status enot_measures_describe(enot_context *context, char **text) {
    char *written = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&written, &size);
    if (!stream) return context_fail_memory(context, 4096, "the list of measures");
    for (size_t i = 0; measure_kinds[i]; i++) write_kind(stream, measure_kinds[i]);
    fprintf(stream, "w2bench:FILE  source of a Wasserstein-2 benchmark pair (Korotin et al. 2021)\n");
    fprintf(stream,
            "w2bench_target:FILE  its target: row i is the true map of row i of the source with the same seed\n");
    int failed = ferror(stream);
    if (fclose(stream) != 0 || failed) {
        free(written);
        return context_fail_memory(context, size, "the list of measures");
    }
    *text = written;
    return ENOT_OK;
}
