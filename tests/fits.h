/* What the tests of whole fits share: samples with known transport, quick fits, map files compared to the byte. */
#ifndef ENOT_TESTS_FITS_H
#define ENOT_TESTS_FITS_H

#include <math.h>

#include "core/random.h"
#include "files.h"

enum { GAUSSIAN_DIM = 3 };

/* T*(x) = TARGET_MEAN + A (x - SOURCE_MEAN), the gradient of a convex function, is optimal from any source to its image. */
static const double GAUSSIAN_MAP[GAUSSIAN_DIM][GAUSSIAN_DIM] = {{1.5, .4, 0}, {.4, .8, -.3}, {0, -.3, 1.1}};
static const double SOURCE_ROOT[GAUSSIAN_DIM][GAUSSIAN_DIM] = {{1, 0, 0}, {.5, 1.2, 0}, {-.3, .4, .7}};
static const double SOURCE_MEAN[GAUSSIAN_DIM] = {1, -2, 3}, TARGET_MEAN[GAUSSIAN_DIM] = {0, 2, 5};

static inline void require(const fixture *at, enot_status status) {
    if (status != ENOT_OK) fail_msg("%s: %s", enot_status_name(status), enot_context_message(at->context));
}

static inline void gaussian_truth(const double *x, double *moved) {
    for (int i = 0; i < GAUSSIAN_DIM; i++) {
        moved[i] = TARGET_MEAN[i];
        for (int j = 0; j < GAUSSIAN_DIM; j++) moved[i] += GAUSSIAN_MAP[i][j] * (x[j] - SOURCE_MEAN[j]);
    }
}

/* count independent rows of the source, or of its image under T*, times scale, plus shift. Free them. */
static inline double *gaussian_rows(int target, uint64_t seed, int64_t count, double scale, double shift) {
    double *rows = malloc((size_t)(count * GAUSSIAN_DIM) * sizeof *rows);
    assert_non_null(rows);
    for (int64_t i = 0; i < count; i++) {
        random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)i);
        double normal[GAUSSIAN_DIM], x[GAUSSIAN_DIM], *out = rows + i * GAUSSIAN_DIM;
        for (int j = 0; j < GAUSSIAN_DIM; j++) normal[j] = random_normal(&row);
        for (int j = 0; j < GAUSSIAN_DIM; j++) {
            x[j] = SOURCE_MEAN[j];
            for (int k = 0; k < GAUSSIAN_DIM; k++) x[j] += SOURCE_ROOT[j][k] * normal[k];
        }
        memcpy(out, x, sizeof x);
        if (target) gaussian_truth(x, out);
        for (int j = 0; j < GAUSSIAN_DIM; j++) out[j] = out[j] * scale + shift;
    }
    return rows;
}

/* E |x - T*(x)|^2 = |difference of means|^2 + |(A - I) L|^2 */
static inline double gaussian_cost(void) {
    double sum = 0;
    for (int i = 0; i < GAUSSIAN_DIM; i++) {
        sum += pow(SOURCE_MEAN[i] - TARGET_MEAN[i], 2);
        for (int k = 0; k < GAUSSIAN_DIM; k++) {
            double entry = 0;
            for (int j = 0; j < GAUSSIAN_DIM; j++) entry += (GAUSSIAN_MAP[i][j] - (i == j)) * SOURCE_ROOT[j][k];
            sum += entry * entry;
        }
    }
    return sum;
}

static inline enot_samples *samples_of(const fixture *at, const double *rows, int64_t count, int64_t dim) {
    enot_samples *samples;
    require(at, enot_samples_from_rows(at->context, rows, count, dim, &samples));
    return samples;
}

static inline enot_samples *gaussian_samples(const fixture *at, int target, int64_t count, double scale, double shift) {
    double *rows = gaussian_rows(target, target ? 2 : 1, count, scale, shift);
    enot_samples *samples = samples_of(at, rows, count, GAUSSIAN_DIM);
    free(rows);
    return samples;
}

/* A built-in measure, "measure:NAME". */
static inline enot_samples *measure_samples(const fixture *at, const char *spec) {
    enot_samples *samples;
    require(at, enot_samples_open(at->context, spec, NULL, &samples));
    return samples;
}

/* Progress that cancels a fit at the step that user points to. */
static inline int stop_at(void *user, const enot_progress *progress) { return progress->step == *(const int64_t *)user; }

/* A fit of a few hundred milliseconds at most. */
static inline enot_fit_options quick_options(int64_t steps) {
    static const int64_t hidden[] = {24, 24};
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    options.hidden = hidden;
    options.hidden_count = 2;
    options.batch = 96;
    options.learning_rate = 3e-3;
    options.expectile = 0.99;
    options.steps = steps;
    options.patience = 0;
    options.validation = .05;
    options.seed = 5;
    return options;
}

/* The map file of a fit, as bytes; free them. */
static inline char *map_bytes(const fixture *at, const enot_map *map, size_t *size) {
    char path[PATH_CAPACITY];
    path_in(at, "map.safetensors", path);
    require(at, enot_map_save(at->context, map, path));
    char *bytes = read_bytes(path, size);
    remove(path);
    return bytes;
}

static inline void assert_same_map(const fixture *at, const enot_map *one, const enot_map *other) {
    size_t sizes[2];
    char *bytes[2] = {map_bytes(at, one, &sizes[0]), map_bytes(at, other, &sizes[1])};
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
}

/* sqrt(mean |a - b|^2) / sqrt(mean |b - mean b|^2) over rows of dim columns. */
static inline double relative_distance(const double *a, const double *b, int64_t count, int64_t dim) {
    double distance = 0, spread = 0;
    for (int64_t j = 0; j < dim; j++) {
        double mean = 0;
        for (int64_t i = 0; i < count; i++) mean += b[i * dim + j] / (double)count;
        for (int64_t i = 0; i < count; i++) {
            distance += pow(a[i * dim + j] - b[i * dim + j], 2);
            spread += pow(b[i * dim + j] - mean, 2);
        }
    }
    return sqrt(distance / spread);
}

#endif
