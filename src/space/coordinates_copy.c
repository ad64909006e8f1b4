#include <string.h>

#include "core/memory.h"
#include "space/coordinates.h"

static void copy(double *to, const double *from, int64_t count) {
    if (from) memcpy(to, from, (size_t)count * sizeof *to);
}

enot_status coordinates_copy(enot_context *context, const coordinates *c, coordinates **out) {
    int64_t dim = c->dim, cells = dim * dim;
    coordinates *made;
    TRY(c->forward[0] ? coordinates_create(context, dim, &made) : coordinates_images(context, c->image, &made));
    if (c->metric && MEMORY_NEW(context, cells, "coordinates", &made->metric)) {
        coordinates_destroy(made);
        return ENOT_ERR_MEMORY;
    }
    copy(made->column, c->column, dim);
    copy(made->spread, c->spread, dim);
    copy(made->metric, c->metric, cells);
    for (int side = 0; side < 2; side++) {
        copy(made->mean[side], c->mean[side], dim);
        copy(made->forward[side], c->forward[side], cells);
        copy(made->backward[side], c->backward[side], cells);
    }
    made->unit = c->unit;
    made->image = c->image;
    made->gaussian = c->gaussian;
    *out = made;
    return ENOT_OK;
}
