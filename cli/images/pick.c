#include "images/pick.h"

#include <stdlib.h>
#include <string.h>

#include "arguments/choose.h"

/* A set of the same kind with room for count images. */
static int make_room(const image_set *set, int64_t count, image_set *made) {
    *made = (image_set)IMAGE_SET_INIT;
    made->pixels = malloc((size_t)(count * image_set_dim(set)) * sizeof *made->pixels);
    if (made->pixels == NULL) return -1;
    made->count = count;
    made->height = set->height;
    made->width = set->width;
    made->channels = set->channels;
    return 0;
}

int image_set_pick(const image_set *set, int64_t count, uint64_t seed, image_set *picked) {
    int64_t dim = image_set_dim(set);
    if (count > set->count) count = set->count;
    size_t *index = malloc((size_t)set->count * sizeof *index);
    if (index == NULL || make_room(set, count, picked) != 0) {
        free(index);
        return -1;
    }
    choose(index, (size_t)set->count, (size_t)count, seed);
    for (int64_t i = 0; i < count; i++)
        memcpy(picked->pixels + i * dim, set->pixels + (int64_t)index[i] * dim, (size_t)dim * sizeof *picked->pixels);
    free(index);
    return 0;
}

int image_set_copy(const image_set *set, image_set *copy) {
    if (make_room(set, set->count, copy) != 0) return -1;
    memcpy(copy->pixels, set->pixels, (size_t)(set->count * image_set_dim(set)) * sizeof *copy->pixels);
    return 0;
}
