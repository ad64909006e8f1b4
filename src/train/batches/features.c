#include "train/batches/features.h"

#include <math.h>

#include "core/memory.h"
#include "core/random.h"

/* Each half of the batch finds as many coefficients as there are features: these many rows for each. */
#define ROWS_A_FEATURE 8
#define MOST 160

/* Standard deviations of the phases w z, by octaves: OCTAVES of them, the first one's here. */
#define OCTAVES 4
#define FIRST_DEVIATION 0.35

#define SEED UINT64_C(0x6665617475726573)

static int64_t pairs_of(int64_t dim) { return dim * (dim + 1) / 2; }

int64_t features_choose_count(int64_t dim, int64_t batch) {
    int64_t room = batch / 2 / ROWS_A_FEATURE, count = room < MOST ? room : MOST;
    if (count < dim) return 0;
    return count < dim + pairs_of(dim) ? dim : count;
}

/* Frequencies and phases are drawn for whole panels, so that a cosine is the same however many there are. */
static void draw_cosines(features *f) {
    for (int64_t r = 0; r < panels_count(f->cosines) * PANEL; r++) {
        random_row row = random_row_start(SEED, RANDOM_STREAM_INIT, (uint64_t)r);
        double deviation = FIRST_DEVIATION * (double)(1 << r % OCTAVES) / sqrt((double)f->dim) / (2 * M_PI);
        for (int64_t j = 0; j < f->dim; j++)
            panels_at(f->frequency, r / PANEL)[j * PANEL + r % PANEL] = (real)(deviation * random_normal(&row));
        f->phase[r] = (real)random_uniform(&row);
    }
}

enot_status features_create(enot_context *context, int64_t dim, const real *scale, int64_t count, features *f) {
    *f = (features){.ops = ops_select(), .dim = dim, .count = count, .scale = scale, .frequency = {NULL, dim}};
    if (count >= dim + pairs_of(dim)) f->products = pairs_of(dim);
    f->cosines = count - dim - f->products;
    TRY(MEMORY_NEW(context, panels_size(dim, f->cosines), "the calibration of batches", &f->frequency.at));
    TRY(MEMORY_NEW(context, panels_count(f->cosines) * PANEL, "the calibration of batches", &f->phase));
    draw_cosines(f);
    return ENOT_OK;
}

void features_destroy(features *f) {
    memory_destroy(f->frequency.at);
    memory_destroy(f->phase);
    *f = (features){0};
}

static real *value_at(panels values, int64_t row, int64_t k) { return panels_at(values, k / PANEL) + row * PANEL + k % PANEL; }

static void coordinates_and_products(const features *f, const real *x, int64_t row, panels values) {
    int64_t k = f->cosines;
    real z[MOST];
    for (int64_t i = 0; i < f->dim; i++) *value_at(values, row, k++) = z[i] = x[i] * f->scale[i];
    for (int64_t i = 0; i < f->dim && f->products > 0; i++)
        for (int64_t j = 0; j <= i; j++) *value_at(values, row, k++) = z[i] * z[j];
}

void features_of_rows(const features *f, const real *x, int64_t count, panels values, int64_t first) {
    real scaled[FEATURES_ROWS_MOST * (MOST + PANEL)] __attribute__((aligned(64)));
    panels z = {scaled, FEATURES_ROWS_MOST};
    panels_from_rows(x, count, f->dim, f->scale, z);
    for (int64_t p = 0; p < panels_count(f->cosines); p++) {
        real *cosines = panels_at(values, p) + first * PANEL;
        f->ops->product(count, PANEL, f->dim, z.at, panels_stride(z), panels_at(f->frequency, p), cosines, NULL, 0);
        f->ops->cosine(count, f->phase + p * PANEL, cosines);
    }
    for (int64_t i = 0; i < count; i++) coordinates_and_products(f, x + i * f->dim, first + i, values);
}
