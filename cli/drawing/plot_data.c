#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drawing/plot.h"
#include "session/inputs.h"

/* At most limit rows, evenly spread over a table. */
static enot_status take_rows(enot_context *context, const enot_samples *samples, int64_t limit, plot_cloud *cloud) {
    int64_t count = enot_samples_count(samples), dim = enot_samples_dim(samples);
    int64_t wanted = count >= 0 && count < limit ? count : limit;
    cloud->rows = rows_alloc(wanted, dim);
    if (cloud->rows == NULL) return ENOT_ERR_MEMORY;
    cloud->count = wanted;
    if (count < 0) return enot_samples_rows(context, samples, 0, wanted, cloud->rows);
    for (int64_t i = 0; i < wanted; i++) {
        enot_status status = enot_samples_rows(context, samples, i * count / wanted, 1, cloud->rows + i * dim);
        if (status != ENOT_OK) return status;
    }
    return ENOT_OK;
}

static enot_status move_source(plot_data *data) {
    data->moved.rows = rows_alloc(data->source.count, data->dim);
    if (data->moved.rows == NULL) return ENOT_ERR_MEMORY;
    data->moved.count = data->source.count;
    return enot_map_apply(data->context, data->map, ENOT_FORWARD, data->source.rows, data->source.count,
                          data->moved.rows);
}

static int has_text(const json_t *object, const char *key, const char *text) {
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL && strcmp(value, text) == 0;
}

static void ask_map(plot_data *data) {
    char *text = NULL;
    if (enot_map_describe(data->context, data->map, &text) != ENOT_OK) return;
    json_t *tree = json_loads(text, 0, NULL);
    data->standardize = has_text(tree, "scale", "column");
    data->on_sphere = data->dim == 3 && (has_text(tree, "cost", "geodesic") || has_text(tree, "cost", "arccos"));
    json_decref(tree);
    enot_text_free(text);
}

enot_status plot_collect(enot_context *context, const enot_map *map, const enot_samples *source,
                         const enot_samples *target, int64_t rows, plot_data *data) {
    data->context = context;
    data->map = map;
    data->names = source;
    data->dim = enot_map_dim(map);
    ask_map(data);
    enot_status status = take_rows(context, source, rows, &data->source);
    if (status == ENOT_OK) status = take_rows(context, target, rows, &data->target);
    return status == ENOT_OK ? move_source(data) : status;
}

void plot_release(plot_data *data) {
    free(data->source.rows);
    free(data->target.rows);
    free(data->moved.rows);
}

static draw_page *make_page(const plot_data *data) {
    if (data->on_sphere) return plot_globe(data);
    return data->dim == 1 ? plot_line(data) : data->dim == 2 ? plot_plane(data) : plot_projection(data);
}

int plot_write(const session *session, const plot_data *data, const char *path) {
    draw_page *page = make_page(data);
    if (page == NULL) return session_error(session, "out of memory");
    int failed = draw_page_write(page, path);
    int reason = errno;
    draw_page_destroy(page);
    return failed ? session_error(session, "%s: cannot write it: %s", path, strerror(reason)) : EXIT_SUCCESS;
}
