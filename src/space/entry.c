#include "space/entry.h"

#include <string.h>

#include "core/memory.h"

#define ROWS 64

static enot_status allocate(enot_context *context, entry *e) {
    TRY(MEMORY_NEW(context, e->dim, "coordinates", &e->factor));
    TRY(MEMORY_NEW(context, e->dim, "coordinates", &e->mean));
    return MEMORY_NEW(context, panels_size(e->dim, e->dim), "coordinates", &e->forward.at);
}

enot_status entry_create(enot_context *context, const coordinates *c, coordinates_side side, entry *e) {
    int64_t dim = c->dim;
    *e = (entry){.ops = ops_select(), .dim = dim, .forward = {NULL, dim}};
    TRY(allocate(context, e));
    for (int64_t i = 0; i < dim; i++) {
        e->factor[i] = 1 / c->column[i];
        e->mean[i] = c->mean[side][i];
        real *column = panels_at(e->forward, i / PANEL) + i % PANEL;
        for (int64_t j = 0; j < dim; j++) column[j * PANEL] = (real)c->forward[side][i * dim + j];
    }
    return ENOT_OK;
}

void entry_destroy(entry *e) {
    memory_destroy(e->factor);
    memory_destroy(e->mean);
    memory_destroy(e->forward.at);
    *e = (entry){0};
}

int64_t entry_rows(const entry *e) {
    int64_t most = ENTRY_NUMBERS / (panels_count(e->dim) * PANEL);
    return most < ROWS ? most : ROWS;
}

static void centre(const entry *e, const double *points, int64_t count, panels out) {
    for (int64_t p = 0; p < panels_count(e->dim); p++) {
        const double *factor = e->factor + p * PANEL, *mean = e->mean + p * PANEL;
        int64_t columns = panels_columns(e->dim, p);
        for (int64_t i = 0; i < count; i++) {
            const double *point = points + i * e->dim + p * PANEL;
            real *row = panels_at(out, p) + i * PANEL;
#pragma omp simd
            for (int64_t j = 0; j < columns; j++) row[j] = (real)(point[j] * factor[j] - mean[j]);
        }
    }
}

void entry_enter(const entry *e, const double *points, int64_t count, real *inner) {
    _Alignas(MEMORY_ALIGNMENT) real before[ENTRY_NUMBERS], after[ENTRY_NUMBERS];
    panels from = {before, count}, to = {after, count};
    centre(e, points, count, from);
    for (int64_t p = 0; p < panels_count(e->dim); p++) {
        const real *matrix = panels_at(e->forward, p);
        e->ops->product(count, panels_columns(e->dim, p), e->dim, from.at, panels_stride(from), matrix, panels_at(to, p), matrix, 0);
    }
    panels_to_rows(to, count, e->dim, inner);
}
