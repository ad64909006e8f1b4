#include "images/nearest.h"

#include <float.h>
#include <stdlib.h>

#define TILE_VALUES 65536 /* of the set, that stay in the second-level cache while all images pass by */

static float squared_distance(const float *a, const float *b, int64_t dim) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < dim; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum;
}

static void search_tile(const float *image, const image_set *set, int64_t first, int64_t end, float *least, int64_t *nearest) {
    int64_t dim = image_set_dim(set);
    for (int64_t j = first; j < end; j++) {
        float distance = squared_distance(image, set->pixels + j * dim, dim);
        if (distance >= *least) continue;
        *least = distance;
        *nearest = j;
    }
}

int image_set_nearest(const image_set *images, int64_t count, const image_set *set, int64_t *nearest) {
    int64_t dim = image_set_dim(set), tile = TILE_VALUES / dim + 1;
    float *least = malloc((size_t)count * sizeof *least);
    if (least == NULL) return -1;
    for (int64_t i = 0; i < count; i++) least[i] = FLT_MAX, nearest[i] = 0;
    for (int64_t first = 0; first < set->count; first += tile) {
        int64_t end = first + tile < set->count ? first + tile : set->count;
        for (int64_t i = 0; i < count; i++)
            search_tile(images->pixels + i * dim, set, first, end, &least[i], &nearest[i]);
    }
    free(least);
    return 0;
}
