#include "measures/w2bench.h"

#include <string.h>

#include "core/memory.h"
#include "measures/icnn.h"
#include "files/safetensors.h"

struct w2bench {
    int64_t dim, components;
    double *centers; /* [components, dim] */
    double *maps;    /* [components, dim, dim] */
    double *std;     /* [1] */
    double *shift;   /* [dim] */
    double *scale;   /* [1] */
    icnn potential[2];
};

static enot_status read_source(enot_context *context, const safetensors_file *file, const char *path, w2bench *bench) {
    int64_t centers[] = {-1, -1}, one[] = {1};
    TRY(icnn_tensor(context, file, path, "source.", "centers", 2, centers, &bench->centers));
    bench->components = centers[0];
    bench->dim = centers[1];
    int64_t maps[] = {bench->components, bench->dim, bench->dim};
    TRY(icnn_tensor(context, file, path, "source.", "maps", 3, maps, &bench->maps));
    return icnn_tensor(context, file, path, "source.", "std", 1, one, &bench->std);
}

static enot_status read_target(enot_context *context, const safetensors_file *file, const char *path, w2bench *bench) {
    int64_t shift[] = {bench->dim}, one[] = {1};
    TRY(icnn_tensor(context, file, path, "target.", "shift", 1, shift, &bench->shift));
    TRY(icnn_tensor(context, file, path, "target.", "scale", 1, one, &bench->scale));
    TRY(icnn_read(context, file, path, "v1.", bench->dim, &bench->potential[0]));
    return icnn_read(context, file, path, "v2.", bench->dim, &bench->potential[1]);
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
    memory_destroy(bench->maps);
    memory_destroy(bench->std);
    memory_destroy(bench->shift);
    memory_destroy(bench->scale);
    for (int i = 0; i < 2; i++) icnn_release(&bench->potential[i]);
    memory_destroy(bench);
}

int64_t w2bench_dim(const w2bench *bench) { return bench->dim; }

void w2bench_draw_source(const w2bench *bench, random_row *row, double *x) {
    int64_t dim = bench->dim, k = random_below(row, bench->components);
    double normals[ICNN_DIM_MAX];
    const double *center = bench->centers + k * dim, *map = bench->maps + k * dim * dim;
    for (int64_t i = 0; i < dim; i++) normals[i] = bench->std[0] * random_normal(row);
    for (int64_t i = 0; i < dim; i++) {
        x[i] = center[i];
        for (int64_t j = 0; j < dim; j++) x[i] += map[i * dim + j] * normals[j];
    }
}

/* Up to ICNN_LANES rows. */
static void map_block(const w2bench *bench, const double *x, int64_t count, double *y) {
    int64_t dim = bench->dim;
    double lanes[ICNN_DIM_MAX * ICNN_LANES] = {0}, gradient[ICNN_DIM_MAX * ICNN_LANES] = {0};
    for (int64_t l = 0; l < count; l++)
        for (int64_t i = 0; i < dim; i++) lanes[i * ICNN_LANES + l] = x[l * dim + i];
    for (int v = 0; v < 2; v++) icnn_add_gradient(&bench->potential[v], lanes, gradient);
    for (int64_t l = 0; l < count; l++)
        for (int64_t i = 0; i < dim; i++)
            y[l * dim + i] = bench->scale[0] * (gradient[i * ICNN_LANES + l] + bench->shift[i]);
}

void w2bench_map(const w2bench *bench, const double *x, int64_t count, double *y) {
    for (int64_t first = 0; first < count; first += ICNN_LANES) {
        int64_t size = count - first < ICNN_LANES ? count - first : ICNN_LANES;
        map_block(bench, x + first * bench->dim, size, y + first * bench->dim);
    }
}
