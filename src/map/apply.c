#include <math.h>

#include "core/memory.h"
#include "map/map.h"
#include "net/apply.h"
#include "space/metric.h"

/* Coordinates handled at once: the memory that a call needs does not grow with its number of points. */
#define BLOCK_NUMBERS 262144

/* Buffers of one block. */
typedef struct block {
    int64_t rows;
    double *wide;            /* [rows, dim] inner coordinates as double */
    real *inner, *moved;     /* [rows, dim] */
    real *values, *costs;    /* [rows] */
} block;

static void block_destroy(block *b) {
    memory_destroy(b->wide);
    memory_destroy(b->inner);
    memory_destroy(b->moved);
    memory_destroy(b->values);
    memory_destroy(b->costs);
}

static enot_status block_create(enot_context *context, int64_t dim, int64_t count, block *b) {
    int64_t most = BLOCK_NUMBERS / dim + 1, rows = count < most ? count : most;
    *b = (block){.rows = rows};
    enot_status status = MEMORY_NEW(context, rows * dim, "a block of points", &b->wide);
    if (!status) status = MEMORY_NEW(context, rows * dim, "a block of points", &b->inner);
    if (!status) status = MEMORY_NEW(context, rows * dim, "a block of points", &b->moved);
    if (!status) status = MEMORY_NEW(context, rows, "a block of points", &b->values);
    if (!status) status = MEMORY_NEW(context, rows, "a block of points", &b->costs);
    if (status) block_destroy(b);
    return status;
}

static coordinates_side side_of(enot_direction direction) {
    return direction == ENOT_FORWARD ? COORDINATES_SOURCE : COORDINATES_TARGET;
}

static void enter(const enot_map *map, enot_direction direction, const double *points, int64_t count, block *b) {
    coordinates_enter(map->coordinates, side_of(direction), points, count, b->wide);
    for (int64_t i = 0; i < count * map->t.dim; i++) b->inner[i] = (real)b->wide[i];
}

static enot_status check_direction(enot_context *context, const enot_map *map, enot_direction direction) {
    if (direction == ENOT_FORWARD || map_has_inverse(map)) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT,
                        "this map of form vector_field has no reverse: fit with --both (reverse in the options), or from the target to "
                        "the source");
}

enot_status map_apply_inner(enot_context *context, const enot_map *map, enot_direction direction, const real *inner,
                            int64_t count, real *moved) {
    TRY(check_direction(context, map, direction));
    if (direction == ENOT_INVERSE && map->reverse_f)
        return apply_map(context, &map->t, &map->f, map->reverse_f, inner, count, moved);
    const architecture *net = direction == ENOT_FORWARD ? &map->f : &map->g;
    const real *weights = direction == ENOT_FORWARD ? map->f_weights : map->g_weights;
    return apply_map(context, &map->t, net, weights, inner, count, moved);
}

/* Potentials in coordinates that both sides have in common: a column that T does not move, as under the elastic costs, stays to the bit. */
static int moves_by_displacement(const enot_map *map) { return map->t.form == ENOT_FORM_POTENTIAL && !map->coordinates->gaussian; }

static void displace(const coordinates *c, const double *points, int64_t count, const block *b, double *moved) {
    for (int64_t i = 0; i < count * c->dim; i++)
        moved[i] = points[i] + ((double)b->moved[i] - (double)b->inner[i]) * c->unit * c->column[i % c->dim];
}

static enot_status apply_block(enot_context *context, const enot_map *map, enot_direction direction, const double *points,
                               int64_t count, block *b, double *moved) {
    enter(map, direction, points, count, b);
    TRY(map_apply_inner(context, map, direction, b->inner, count, b->moved));
    if (moves_by_displacement(map)) {
        displace(map->coordinates, points, count, b, moved);
        return ENOT_OK;
    }
    for (int64_t i = 0; i < count * map->t.dim; i++) b->wide[i] = b->moved[i];
    coordinates_leave(map->coordinates, side_of(direction == ENOT_FORWARD ? ENOT_INVERSE : ENOT_FORWARD), b->wide, count, moved);
    return ENOT_OK;
}

enot_status enot_map_apply(enot_context *context, const enot_map *map, enot_direction direction, const double *points,
                           int64_t count, double *moved) {
    int64_t dim = map->t.dim;
    block b;
    TRY(block_create(context, dim, count, &b));
    enot_status status = ENOT_OK;
    for (int64_t first = 0; first < count && !status; first += b.rows) {
        int64_t rows = count - first < b.rows ? count - first : b.rows;
        status = apply_block(context, map, direction, points + first * dim, rows, &b, moved + first * dim);
    }
    block_destroy(&b);
    return status;
}

static double square_length(int64_t dim, const real *x) {
    double sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += (double)x[j] * (double)x[j];
    return sum;
}

double map_outer_potential(const enot_map *map, enot_direction direction, const double *point, const real *inner, double value,
                           double *scratch) {
    const coordinates *c = map->coordinates;
    double square = c->unit * c->unit;
    int dot = map->t.form == ENOT_FORM_DOT_PRODUCT;
    if (!dot && !c->gaussian) return map->cost_factor * value;
    const double *other = c->mean[1 - side_of(direction)];
    double between = metric_square(c->metric, c->dim, c->mean[COORDINATES_SOURCE], c->mean[COORDINATES_TARGET]);
    double completed = coordinates_square(c, point, other, scratch) - between / 2;
    return completed + (dot ? 2 * square * value : square * (value - square_length(c->dim, inner)));
}

/* Inner potentials: g itself, or the approximate c-transform c(x, T(x)) - g(T(x)). */
static enot_status inner_potential(enot_context *context, const enot_map *map, enot_direction direction, int64_t count,
                                   block *b) {
    if (direction == ENOT_INVERSE) return apply_potential(context, &map->t, &map->g, map->g_weights, b->inner, count, b->values);
    TRY(map_apply_inner(context, map, ENOT_FORWARD, b->inner, count, b->moved));
    TRY(apply_potential(context, &map->t, &map->g, map->g_weights, b->moved, count, b->values));
    map->t.cost.kind->value(&map->t.cost, count, b->inner, b->moved, b->costs);
    for (int64_t i = 0; i < count; i++) b->values[i] = b->costs[i] - b->values[i];
    return ENOT_OK;
}

enot_status enot_map_potential(enot_context *context, const enot_map *map, enot_direction direction, const double *points,
                               int64_t count, double *values) {
    int64_t dim = map->t.dim;
    block b;
    TRY(block_create(context, dim, count, &b));
    enot_status status = ENOT_OK;
    for (int64_t first = 0; first < count && !status; first += b.rows) {
        int64_t rows = count - first < b.rows ? count - first : b.rows;
        enter(map, direction, points + first * dim, rows, &b);
        status = inner_potential(context, map, direction, rows, &b);
        for (int64_t i = 0; i < rows && !status; i++)
            values[first + i] =
                map_outer_potential(map, direction, points + (first + i) * dim, b.inner + i * dim, b.values[i], b.wide);
    }
    block_destroy(&b);
    return status;
}

enot_status map_cost(enot_context *context, const enot_map *map, const double *x, const double *y, int64_t count, double *out) {
    const coordinates *c = map->coordinates;
    real *rows;
    TRY(MEMORY_NEW(context, 2 * c->dim, "costs", &rows));
    for (int64_t i = 0; i < count; i++) {
        for (int64_t j = 0; j < c->dim; j++) {
            double shift = map->cost.kind->translation_invariant ? c->mean[COORDINATES_SOURCE][j] : 0;
            rows[j] = (real)((x[i * c->dim + j] / c->column[j] - shift) / c->unit);
            rows[c->dim + j] = (real)((y[i * c->dim + j] / c->column[j] - shift) / c->unit);
        }
        double factor;
        cost inner = cost_rescaled(&map->cost, c->unit, &factor);
        real value;
        inner.kind->value(&inner, 1, rows, rows + c->dim, &value);
        out[i] = factor * (double)value;
    }
    memory_destroy(rows);
    return ENOT_OK;
}
