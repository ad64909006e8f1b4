#include "measures/w2bench.h"

#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "files/safetensors.h"
#include "measures/icnn.h"
#include "measures/normals.h"

#define ROWS ICNN_ROWS

struct w2bench {
    const ops *ops;
    int64_t dim, components;
    double *centers; /* [components, dim] */
    panels maps;     /* of every component one after the other: std maps[k]^T [dim, dim] */
    double *shift;   /* [dim] */
    double *scale;   /* [1] */
    icnn potential[2];
};

/* maps [components, dim, dim] to panels. */
static enot_status pack_maps(enot_context *context, const double *maps, double std, w2bench *bench) {
    int64_t dim = bench->dim, matrix = dim * dim, size = panels_size(dim, dim);
    real *scaled;
    bench->maps.rows = dim;
    TRY(MEMORY_NEW(context, bench->components * size, "a benchmark's mixture", &bench->maps.at));
    TRY(MEMORY_NEW(context, matrix, "a benchmark's mixture", &scaled));
    for (int64_t k = 0; k < bench->components; k++) {
        for (int64_t i = 0; i < matrix; i++) scaled[i] = (real)(std * maps[k * matrix + i]);
        for (int64_t p = 0; p < panels_count(dim); p++)
            bench->ops->transpose(panels_columns(dim, p), dim, scaled + p * PANEL * dim, dim,
                                  panels_at(bench->maps, k * panels_count(dim) + p));
    }
    memory_destroy(scaled);
    return ENOT_OK;
}

static enot_status read_source(enot_context *context, const safetensors_file *file, const char *path, w2bench *bench) {
    int64_t centers[] = {-1, -1}, one[] = {1};
    TRY(icnn_tensor(context, file, path, "source.", "centers", 2, centers, &bench->centers));
    bench->components = centers[0];
    bench->dim = centers[1];
    int64_t shape[] = {bench->components, bench->dim, bench->dim};
    double *maps, *std = NULL;
    TRY(icnn_tensor(context, file, path, "source.", "maps", 3, shape, &maps));
    enot_status status = icnn_tensor(context, file, path, "source.", "std", 1, one, &std);
    if (!status) status = pack_maps(context, maps, std[0], bench);
    memory_destroy(maps);
    memory_destroy(std);
    return status;
}

static enot_status read_potential(enot_context *context, const safetensors_file *file, const char *path, const char *prefix,
                                  w2bench *bench, icnn *potential) {
    icnn_tensors tensors;
    enot_status status = icnn_read(context, file, path, prefix, bench->dim, &tensors);
    if (!status) status = icnn_pack(context, &tensors, potential);
    icnn_tensors_release(&tensors);
    return status;
}

static enot_status read_target(enot_context *context, const safetensors_file *file, const char *path, w2bench *bench) {
    int64_t shift[] = {bench->dim}, one[] = {1};
    TRY(icnn_tensor(context, file, path, "target.", "shift", 1, shift, &bench->shift));
    TRY(icnn_tensor(context, file, path, "target.", "scale", 1, one, &bench->scale));
    TRY(read_potential(context, file, path, "v1.", bench, &bench->potential[0]));
    return read_potential(context, file, path, "v2.", bench, &bench->potential[1]);
}

static enot_status read_bench(enot_context *context, const safetensors_file *file, const char *path, w2bench *bench) {
    const char *format = safetensors_metadata(file, "format"), *activation = safetensors_metadata(file, "activation");
    if (!format || strcmp(format, "w2bench-mix3to10") != 0 || !activation || strcmp(activation, "celu") != 0)
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: not a benchmark pair: its metadata lacks format = w2bench-mix3to10, activation = celu",
                            path);
    TRY(read_source(context, file, path, bench));
    return read_target(context, file, path, bench);
}

enot_status w2bench_open(enot_context *context, const char *path, w2bench **out) {
    safetensors_file *file;
    w2bench *bench;
    TRY(safetensors_open(context, path, &file));
    enot_status status = MEMORY_NEW(context, 1, "a benchmark", &bench);
    if (status == ENOT_OK) {
        bench->ops = ops_select();
        status = read_bench(context, file, path, bench);
        if (status == ENOT_OK)
            *out = bench;
        else
            w2bench_close(bench);
    }
    safetensors_close(file);
    return status;
}

void w2bench_close(w2bench *bench) {
    if (!bench) return;
    memory_destroy(bench->centers);
    memory_destroy(bench->maps.at);
    memory_destroy(bench->shift);
    memory_destroy(bench->scale);
    for (int i = 0; i < 2; i++) icnn_release(&bench->potential[i]);
    memory_destroy(bench);
}

int64_t w2bench_dim(const w2bench *bench) { return bench->dim; }

/* A block of rows on the stack. */
typedef struct block {
    _Alignas(MEMORY_ALIGNMENT) real panels[ROWS * ICNN_DIM_MAX];
} block;

static panels panels_of(block *b) { return (panels){b->panels, ROWS}; }

/* Rows of z [count, dim] that belong to a component, one behind the other in panels. */
static void gather(const real *z, int64_t dim, const int64_t *rows, int64_t count, panels out) {
    for (int64_t p = 0; p < panels_count(dim); p++)
        for (int64_t i = 0; i < count; i++)
            memcpy(panels_at(out, p) + i * PANEL, z + rows[i] * dim + p * PANEL, (size_t)panels_columns(dim, p) * sizeof *z);
}

/* Of some rows of x [., dim]: x = center + (std map) z. */
static void place(const w2bench *bench, int64_t component, const int64_t *rows, int64_t count, const real *z, double *x) {
    int64_t dim = bench->dim, parts = panels_count(dim);
    const double *center = bench->centers + component * dim;
    block from, to;
    panels normals = panels_of(&from), moved = panels_of(&to);
    gather(z, dim, rows, count, normals);
    for (int64_t p = 0; p < parts; p++) {
        real *out = panels_at(moved, p);
        const real *map = panels_at(bench->maps, component * parts + p);
        int64_t columns = panels_columns(dim, p);
        bench->ops->product(count, columns, dim, normals.at, panels_stride(normals), map, out, map, 0);
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < columns; j++)
                x[rows[i] * dim + p * PANEL + j] = center[p * PANEL + j] + (double)out[i * PANEL + j];
    }
}

/* Up to ROWS rows. */
static void draw_block(const w2bench *bench, uint64_t seed, int64_t first, int64_t count, double *x) {
    real z[ROWS * ICNN_DIM_MAX];
    int64_t component[ROWS], rows[ROWS];
    normals_rows(bench->ops, seed, RANDOM_STREAM_MEASURE_NORMALS, (uint64_t)first, count, bench->dim, z);
    for (int64_t i = 0; i < count; i++) {
        random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)(first + i));
        component[i] = random_below(&row, bench->components);
    }
    for (int64_t k = 0; k < bench->components; k++) {
        int64_t own = 0;
        for (int64_t i = 0; i < count; i++)
            if (component[i] == k) rows[own++] = i;
        if (own > 0) place(bench, k, rows, own, z, x);
    }
}

void w2bench_draw_source(const w2bench *bench, uint64_t seed, int64_t first, int64_t count, double *x) {
    for (int64_t done = 0; done < count; done += ROWS) {
        int64_t size = count - done < ROWS ? count - done : ROWS;
        draw_block(bench, seed, first + done, size, x + done * bench->dim);
    }
}

/* Up to ROWS rows. */
static void map_block(const w2bench *bench, const double *x, int64_t count, double *y) {
    int64_t dim = bench->dim;
    block points, gradients[2];
    panels from = panels_of(&points);
    for (int64_t p = 0; p < panels_count(dim); p++)
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < PANEL; j++)
                panels_at(from, p)[i * PANEL + j] = j < panels_columns(dim, p) ? (real)x[i * dim + p * PANEL + j] : 0;
    for (int v = 0; v < 2; v++) icnn_gradient(&bench->potential[v], count, from, panels_of(&gradients[v]));
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < dim; j++) {
            int64_t at = (j / PANEL * ROWS + i) * PANEL + j % PANEL;
            double gradient = (double)gradients[0].panels[at] + (double)gradients[1].panels[at];
            y[i * dim + j] = bench->scale[0] * (gradient + bench->shift[j]);
        }
}

void w2bench_map(const w2bench *bench, const double *x, int64_t count, double *y) {
    for (int64_t first = 0; first < count; first += ROWS) {
        int64_t size = count - first < ROWS ? count - first : ROWS;
        map_block(bench, x + first * bench->dim, size, y + first * bench->dim);
    }
}
