/*
 * Procedural images with edges and contrasts like those of photographs: dead leaves (Lee, Mumford and Huang 2001),
 * discs and rectangles that lie over each other, of one colour each, whose sizes have the density r^-3, so that their
 * statistics do not change with scale.
 */
#ifndef ENOT_TESTS_DEAD_LEAVES_H
#define ENOT_TESTS_DEAD_LEAVES_H

#include "numeric.h"

enum {
    LEAVES_SIDE = 32,
    LEAVES_FINE = 2 * LEAVES_SIDE,
    LEAVES_MOST = 2000,
    LEAVES_IMAGE = LEAVES_SIDE * LEAVES_SIDE * 3
};

/* Radii, in pixels of the finer image that is drawn and then halved. */
#define LEAVES_SMALLEST 5.0
#define LEAVES_LARGEST 96.0
#define LEAVES_CHROMA 0.25 /* deviation of each colour from the leaf's grey */

typedef struct leaf {
    double x, y, radius, cosine, sine, aspect;
    int disc;
    double colour[3];
} leaf;

static inline leaf leaf_draw(random_row *draw) {
    leaf l = {0};
    double share = random_uniform(draw);
    l.radius = 1 / sqrt((1 - share) / (LEAVES_SMALLEST * LEAVES_SMALLEST) + share / (LEAVES_LARGEST * LEAVES_LARGEST));
    l.x = random_uniform(draw) * (LEAVES_FINE + 2 * l.radius) - l.radius;
    l.y = random_uniform(draw) * (LEAVES_FINE + 2 * l.radius) - l.radius;
    double angle = M_PI * random_uniform(draw);
    l.cosine = cos(angle);
    l.sine = sin(angle);
    l.aspect = .3 + .7 * random_uniform(draw);
    l.disc = random_uniform(draw) < .5;
    double grey = 2 * random_uniform(draw) - 1;
    for (int c = 0; c < 3; c++) l.colour[c] = fmin(fmax(grey + LEAVES_CHROMA * random_normal(draw), -1), 1);
    return l;
}

static inline int leaf_covers(const leaf *l, double x, double y) {
    double dx = x - l->x, dy = y - l->y;
    if (l->disc) return dx * dx + dy * dy < l->radius * l->radius;
    return fabs(dx * l->cosine + dy * l->sine) < l->radius &&
           fabs(dy * l->cosine - dx * l->sine) < l->aspect * l->radius;
}

/* Leaf after leaf below those drawn before, until nothing shows through. Returns the pixels that it newly covers. */
static inline int leaf_paint(const leaf *l, char *covered, double *fine) {
    int painted = 0, reach = (int)ceil(1.5 * l->radius);
    for (int y = (int)fmax(l->y - reach, 0); y < LEAVES_FINE && y < l->y + reach; y++)
        for (int x = (int)fmax(l->x - reach, 0); x < LEAVES_FINE && x < l->x + reach; x++) {
            int at = y * LEAVES_FINE + x;
            if (covered[at] || !leaf_covers(l, x + .5, y + .5)) continue;
            covered[at] = 1;
            painted++;
            memcpy(fine + 3 * at, l->colour, sizeof l->colour);
        }
    return painted;
}

/* Image number index of a seed: [LEAVES_SIDE, LEAVES_SIDE, 3], values in [-1, 1]. */
static inline void dead_leaves(uint64_t seed, int64_t index, double *image) {
    static const int quarter[4] = {0, 1, LEAVES_FINE, LEAVES_FINE + 1};
    char *covered = calloc(LEAVES_FINE * LEAVES_FINE, 1);
    double *fine = calloc(LEAVES_FINE * LEAVES_FINE * 3, sizeof *fine);
    random_row draw = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)index);
    for (int drawn = 0, painted = 0; drawn < LEAVES_MOST && painted < LEAVES_FINE * LEAVES_FINE; drawn++) {
        leaf l = leaf_draw(&draw);
        painted += leaf_paint(&l, covered, fine);
    }
    for (int i = 0; i < LEAVES_IMAGE; i++) {
        int pixel = i / 3, corner = 2 * (pixel / LEAVES_SIDE) * LEAVES_FINE + 2 * (pixel % LEAVES_SIDE);
        image[i] = 0;
        for (int k = 0; k < 4; k++) image[i] += fine[3 * (corner + quarter[k]) + i % 3] / 4;
    }
    free(covered);
    free(fine);
}

#endif
