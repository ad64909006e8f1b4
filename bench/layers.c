/*
 * Layers of the networks of images that this library computes itself, by it and by oneDNN, on one thread, turn by turn.
 * bench/layers builds and runs it. Images are a part of a batch in groups of 16 channels, as they are in training.
 */
#include <math.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "net/conv/elements.h"
#include "net/conv/join.h"

#define IMAGES 16
#define GROUP 16
#define ROUNDS 15
#define CALLS 20 /* of one measurement */
#define EPSILON 1e-5f

static dnnl_engine_t engine;
static dnnl_stream_t stream;

static void check(dnnl_status_t status, const char *what) {
    if (status == dnnl_success) return;
    fprintf(stderr, "oneDNN refused %s (its status %d)\n", what, (int)status);
    exit(1);
}

static float *random_numbers(int64_t count) {
    float *numbers = aligned_alloc(64, (size_t)(count + 15) / 16 * 64);
    for (int64_t i = 0; i < count; i++) numbers[i] = (float)rand() / (float)RAND_MAX - .5f;
    return numbers;
}

/* One layer: images large [IMAGES, channels, size, size], small ones half as high and wide, and what each side makes. */
typedef struct layer {
    int64_t channels, size, large_count;
    float *large, *small, *d_large; /* given */
    float *own, *own_back, *other, *other_back;
    double *sum, *square;   /* [channels] */
    float *mean, *scale, *shift, *slope, *offset, *variance, *scale_shift, *d_scale_shift;
    unsigned char *workspace;
    dnnl_memory_desc_t large_md, small_md;
    dnnl_primitive_t forward, backward;
    dnnl_exec_arg_t forward_arguments[8], backward_arguments[10];
    int forward_count, backward_count;
} layer;

/* Beside no other channels. */
static image_shape nothing(const layer *l) { return (image_shape){l->size, l->size, 0}; }
static image_shape halved(const layer *l) { return (image_shape){l->size / 2, l->size / 2, l->channels}; }
static void own_double(layer *l) { join_forward(nothing(l), halved(l), GROUP, IMAGES, l->small, l->small, l->own); }
static void own_double_back(layer *l) {
    join_backward(nothing(l), halved(l), GROUP, IMAGES, l->d_large, 0, l->own_back, l->own_back);
}

static int64_t pixels(const layer *l) { return l->size * l->size; }
static int64_t piece_at(const layer *l, int64_t image, int64_t c) { return (image * l->channels + c) * pixels(l); }

/* As net/conv/norm.c: moments of each image, of the batch, then the images. */
static void own_norm(layer *l) {
    int64_t n = l->channels;
    for (int64_t i = 0; i < IMAGES; i++)
        for (int64_t c = 0; c < n; c += GROUP)
            elements_moments(pixels(l), GROUP, l->large + piece_at(l, i, c), l->sum + i * n + c, l->square + i * n + c);
    for (int64_t c = 0; c < n; c++) {
        double mean = 0, deviation = 0;
        for (int64_t i = 0; i < IMAGES; i++) mean += l->sum[i * n + c] / IMAGES;
        for (int64_t i = 0; i < IMAGES; i++)
            deviation += l->square[i * n + c] + (double)pixels(l) * (l->sum[i * n + c] - mean) * (l->sum[i * n + c] - mean);
        l->mean[c] = (float)mean;
        l->variance[c] = (float)(deviation / (double)(IMAGES * pixels(l)));
        l->scale[c] = l->scale_shift[c] / sqrtf(l->variance[c] + EPSILON);
        l->shift[c] = l->scale_shift[n + c];
    }
    for (int64_t i = 0; i < IMAGES; i++)
        for (int64_t c = 0; c < n; c += GROUP)
            elements_normalise(pixels(l), GROUP, l->mean + c, l->scale + c, l->shift + c, l->large + piece_at(l, i, c),
                               l->own + piece_at(l, i, c));
}

static void own_norm_back(layer *l) {
    int64_t n = l->channels;
    double count = (double)(IMAGES * pixels(l));
    for (int64_t i = 0; i < IMAGES; i++)
        for (int64_t c = 0; c < n; c += GROUP) {
            int64_t at = piece_at(l, i, c);
            elements_normalise_sums(pixels(l), GROUP, l->mean + c, l->large + at, l->own + at, l->d_large + at,
                                    l->sum + i * n + c, l->square + i * n + c);
        }
    for (int64_t c = 0; c < n; c++) {
        double sum = 0, product = 0, inverse = 1 / sqrt((double)l->variance[c] + (double)EPSILON);
        for (int64_t i = 0; i < IMAGES; i++) {
            sum += l->sum[i * n + c];
            product += l->square[i * n + c];
        }
        l->slope[c] = (float)(-(double)l->scale[c] * inverse * inverse * product / count);
        l->offset[c] = (float)(-(double)l->scale[c] * sum / count);
    }
    for (int64_t i = 0; i < IMAGES; i++)
        for (int64_t c = 0; c < n; c += GROUP) {
            int64_t at = piece_at(l, i, c);
            elements_normalise_backward(pixels(l), GROUP, l->mean + c, l->scale + c, l->slope + c, l->offset + c, l->large + at,
                                        l->own + at, l->d_large + at, l->own_back + at);
        }
}

static void other_forward(layer *l) {
    check(dnnl_primitive_execute(l->forward, stream, l->forward_count, l->forward_arguments), "a layer");
}
static void other_backward(layer *l) {
    check(dnnl_primitive_execute(l->backward, stream, l->backward_count, l->backward_arguments), "a layer's gradient");
}

static dnnl_exec_arg_t argument(int name, const dnnl_memory_desc_t *md, void *bytes) {
    dnnl_memory_t memory;
    check(dnnl_memory_create(&memory, md, engine, bytes), "memory");
    return (dnnl_exec_arg_t){name, memory};
}

/* desc -> primitive; forward_plan: the hint of a backward one. */
static dnnl_primitive_desc_t plan(const void *desc, const_dnnl_primitive_desc_t hint, dnnl_primitive_t *primitive) {
    dnnl_primitive_desc_t made;
    check(dnnl_primitive_desc_create(&made, desc, NULL, engine, hint), "a plan");
    check(dnnl_primitive_create(primitive, made), "a primitive");
    return made;
}

static void describe_workspace(layer *l, dnnl_primitive_desc_t forward) {
    const dnnl_memory_desc_t *md = dnnl_primitive_desc_query_md(forward, dnnl_query_workspace_md, 0);
    size_t bytes = md ? dnnl_memory_desc_get_size(md) : 0;
    if (bytes == 0) return;
    l->workspace = calloc(bytes, 1);
    l->forward_arguments[l->forward_count++] = argument(DNNL_ARG_WORKSPACE, md, l->workspace);
    l->backward_arguments[l->backward_count++] = argument(DNNL_ARG_WORKSPACE, md, l->workspace);
}

/* What a layer goes from and to, each way. */
static void bind(layer *l, const dnnl_memory_desc_t *from_md, float *from, const dnnl_memory_desc_t *to_md, float *d_to) {
    l->forward_arguments[l->forward_count++] = argument(DNNL_ARG_SRC, from_md, from);
    l->forward_arguments[l->forward_count++] = argument(DNNL_ARG_DST, to_md, l->other);
    l->backward_arguments[l->backward_count++] = argument(DNNL_ARG_DIFF_DST, to_md, d_to);
    l->backward_arguments[l->backward_count++] = argument(DNNL_ARG_DIFF_SRC, from_md, l->other_back);
}

static void plan_double(layer *l) {
    dnnl_resampling_desc_t forward, backward;
    check(dnnl_resampling_forward_desc_init(&forward, dnnl_forward_training, dnnl_resampling_linear, NULL, &l->small_md, &l->large_md),
          "resampling");
    check(dnnl_resampling_backward_desc_init(&backward, dnnl_resampling_linear, NULL, &l->small_md, &l->large_md), "resampling");
    dnnl_primitive_desc_t planned = plan(&forward, NULL, &l->forward);
    plan(&backward, planned, &l->backward);
    bind(l, &l->small_md, l->small, &l->large_md, l->d_large);
}

static void plan_norm(layer *l) {
    const unsigned flags = dnnl_use_scaleshift | dnnl_fuse_norm_relu;
    dnnl_batch_normalization_desc_t forward, backward;
    dnnl_memory_desc_t moments, scales;
    check(dnnl_memory_desc_init_by_tag(&moments, 1, (dnnl_dims_t){l->channels}, dnnl_f32, dnnl_a), "moments");
    check(dnnl_memory_desc_init_by_tag(&scales, 2, (dnnl_dims_t){2, l->channels}, dnnl_f32, dnnl_ab), "scales");
    check(dnnl_batch_normalization_forward_desc_init(&forward, dnnl_forward_training, &l->large_md, EPSILON, flags), "a norm");
    check(dnnl_batch_normalization_backward_desc_init(&backward, dnnl_backward, &l->large_md, &l->large_md, EPSILON, flags), "a norm");
    dnnl_primitive_desc_t planned = plan(&forward, NULL, &l->forward);
    plan(&backward, planned, &l->backward);
    float *mean = random_numbers(l->channels), *variance = random_numbers(l->channels);
    dnnl_exec_arg_t to[] = {argument(DNNL_ARG_SRC, &l->large_md, l->large), argument(DNNL_ARG_DST, &l->large_md, l->other),
                            argument(DNNL_ARG_MEAN, &moments, mean), argument(DNNL_ARG_VARIANCE, &moments, variance),
                            argument(DNNL_ARG_SCALE_SHIFT, &scales, l->scale_shift)};
    dnnl_exec_arg_t back[] = {to[0], to[2], to[3], to[4], argument(DNNL_ARG_DIFF_DST, &l->large_md, l->d_large),
                              argument(DNNL_ARG_DIFF_SRC, &l->large_md, l->other_back),
                              argument(DNNL_ARG_DIFF_SCALE_SHIFT, &scales, l->d_scale_shift)};
    memcpy(l->forward_arguments, to, sizeof to);
    memcpy(l->backward_arguments, back, sizeof back);
    l->forward_count = 5;
    l->backward_count = 7;
    describe_workspace(l, planned);
}

typedef struct kind {
    const char *name;
    void (*plan)(layer *);
    void (*passes[4])(layer *); /* own forward, oneDNN's, own backward, oneDNN's */
    int same;
} kind;

static const kind KINDS[] = {
    {"doubling", plan_double, {own_double, other_forward, own_double_back, other_backward}, 0},
    {"batch normalisation, ReLU", plan_norm, {own_norm, other_forward, own_norm_back, other_backward}, 1},
};

static layer create(int64_t channels, int64_t size) {
    layer l = {.channels = channels, .size = size, .large_count = IMAGES * channels * size * size};
    dnnl_dims_t large = {IMAGES, channels, size, size}, small = {IMAGES, channels, size / 2, size / 2};
    check(dnnl_memory_desc_init_by_tag(&l.large_md, 4, large, dnnl_f32, dnnl_nChw16c), "images");
    check(dnnl_memory_desc_init_by_tag(&l.small_md, 4, small, dnnl_f32, dnnl_nChw16c), "images");
    float **large_ones[] = {&l.large, &l.d_large, &l.own, &l.own_back, &l.other, &l.other_back};
    for (size_t i = 0; i < sizeof large_ones / sizeof *large_ones; i++) *large_ones[i] = random_numbers(l.large_count);
    l.small = random_numbers(l.large_count / 4);
    float **rows[] = {&l.mean, &l.scale, &l.shift, &l.slope, &l.offset, &l.variance};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) *rows[i] = random_numbers(channels);
    l.scale_shift = random_numbers(2 * channels);
    l.d_scale_shift = random_numbers(2 * channels);
    l.sum = calloc((size_t)(IMAGES * channels), sizeof *l.sum);
    l.square = calloc((size_t)(IMAGES * channels), sizeof *l.square);
    return l;
}

static double measure(void (*pass)(layer *), layer *l) {
    double started = clock_seconds();
    for (int call = 0; call < CALLS; call++) pass(l);
    return 1e3 * (clock_seconds() - started) / CALLS;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double apart(int64_t count, const float *a, const float *b) {
    double most = 0;
    for (int64_t i = 0; i < count; i++) most = fmax(most, fabs((double)a[i] - (double)b[i]));
    return most;
}

static void print_row(const kind *k, int64_t channels, int64_t size) {
    layer l = create(channels, size);
    double ms[4][ROUNDS];
    k->plan(&l);
    for (int round = 0; round < ROUNDS; round++)
        for (int pass = 0; pass < 4; pass++) ms[pass][round] = measure(k->passes[pass], &l);
    for (int pass = 0; pass < 4; pass++) qsort(ms[pass], ROUNDS, sizeof(double), compare);
    printf("| %s, %d x %d x %d | %.3f | %.3f | %.3f | %.3f | ", k->name, (int)size, (int)size, (int)channels, ms[0][ROUNDS / 2],
           ms[1][ROUNDS / 2], ms[2][ROUNDS / 2], ms[3][ROUNDS / 2]);
    if (k->same)
        printf("%.0e, %.0e |\n", apart(l.large_count, l.own, l.other), apart(l.large_count, l.own_back, l.other_back));
    else
        printf("not the same |\n");
}

int main(void) {
    check(dnnl_engine_create(&engine, dnnl_cpu, 0), "an engine");
    check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags), "a stream");
    printf("| %d images | there: own, ms | oneDNN, ms | back: own, ms | oneDNN, ms | results apart by |\n|---|---|---|---|---|---|\n", IMAGES);
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        print_row(&KINDS[i], 32, 32);
        print_row(&KINDS[i], 64, 16);
        print_row(&KINDS[i], 128, 8);
    }
    return 0;
}
