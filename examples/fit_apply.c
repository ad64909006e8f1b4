/*
 * Learns the transport map from one table to another, saves it and prints where the first row goes.
 *
 *     cc fit_apply.c $(pkg-config --cflags --libs enot) -o fit_apply
 *     ./fit_apply source.csv target.csv map.safetensors
 */
#include <enot.h>
#include <stdio.h>
#include <stdlib.h>

static enot_status fit_and_apply(enot_context *context, const char *source_file, const char *target_file, const char *map_file) {
    enot_samples *source = NULL, *target = NULL;
    enot_map *map = NULL;
    enot_report report = ENOT_REPORT_INIT;
    double *row = NULL;

    enot_status status = enot_samples_open(context, source_file, NULL, &source);
    if (!status) status = enot_samples_open(context, target_file, NULL, &target);
    if (!status) status = enot_fit(context, source, target, NULL, &map, &report);
    if (!status) status = enot_map_save(context, map, map_file);
    if (!status && !(row = calloc((size_t)enot_map_dim(map), sizeof *row))) status = ENOT_ERR_MEMORY;
    if (!status) status = enot_samples_rows(context, source, 0, 1, row);
    if (!status) status = enot_map_apply(context, map, ENOT_FORWARD, row, 1, row);
    if (!status) {
        printf("mismatch: before %.3g, after %.3g, noise floor %.3g\nfirst row moved to:", report.mismatch_before,
               report.mismatch_after, report.mismatch_floor);
        for (int64_t j = 0; j < enot_map_dim(map); j++) printf(" %.6g", row[j]);
        printf("\n");
    }
    free(row);
    enot_map_destroy(map);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return status;
}

int main(int argc, char **argv) {
    enot_context *context;
    if (argc != 4) return fprintf(stderr, "usage: fit_apply SOURCE TARGET MAP\n"), 2;
    if (enot_context_create(&context) != ENOT_OK) return fprintf(stderr, "out of memory\n"), 1;
    enot_status status = fit_and_apply(context, argv[1], argv[2], argv[3]);
    if (status) fprintf(stderr, "%s: %s\n", enot_status_name(status), enot_context_message(context));
    enot_context_destroy(context);
    return status != ENOT_OK;
}
