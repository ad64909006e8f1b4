#include "core/memory.h"
#include "core/parallel.h"
#include "map/map.h"
#include "net/apply.h"

#define BLOCK_ROWS 16

/* Inner coordinates of both sides' points, T(x), and what is looked for among them. */
typedef struct search {
    const enot_map *map;
    int64_t n, m;
    real *x, *moved, *y;     /* [n, dim], [n, dim], [m, dim] */
    real *moved_g, *moved_c; /* [n]: g(T(x)), c(x, T(x)) */
    real *moved_ridge;       /* [n]: the ridge's part of c(x, T(x)) */
    real *g;                 /* [m] */
    real *repeated, *costs;  /* [threads, TRANSPORT_SEARCH_ROWS, dim], [threads, TRANSPORT_SEARCH_ROWS] */
    double *columns;         /* [threads, dim] */
    const double *source;    /* [n, dim], the user's units */
    double *out;
} search;

static void search_destroy(search *s) {
    real *all[] = {s->x, s->moved, s->y, s->moved_g, s->moved_c, s->moved_ridge, s->g, s->repeated, s->costs};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
    memory_destroy(s->columns);
}

static enot_status allocate(enot_context *context, search *s) {
    const char *purpose = "c-transforms";
    int64_t dim = s->map->t.dim;
    TRY(MEMORY_NEW(context, s->n * dim, purpose, &s->x));
    TRY(MEMORY_NEW(context, s->n * dim, purpose, &s->moved));
    TRY(MEMORY_NEW(context, s->m * dim, purpose, &s->y));
    TRY(MEMORY_NEW(context, s->n, purpose, &s->moved_g));
    TRY(MEMORY_NEW(context, s->n, purpose, &s->moved_c));
    TRY(MEMORY_NEW(context, s->n, purpose, &s->moved_ridge));
    TRY(MEMORY_NEW(context, s->m, purpose, &s->g));
    TRY(MEMORY_NEW(context, context->threads * TRANSPORT_SEARCH_ROWS * dim, purpose, &s->repeated));
    TRY(MEMORY_NEW(context, context->threads * dim, purpose, &s->columns));
    return MEMORY_NEW(context, context->threads * TRANSPORT_SEARCH_ROWS, purpose, &s->costs);
}

static enot_status enter(enot_context *context, const coordinates *c, coordinates_side side, const double *points, int64_t count,
                         real *inner) {
    double *wide;
    TRY(MEMORY_NEW(context, count * c->dim, "c-transforms", &wide));
    coordinates_enter(c, side, points, count, wide);
    for (int64_t i = 0; i < count * c->dim; i++) inner[i] = (real)wide[i];
    memory_destroy(wide);
    return ENOT_OK;
}

static void rows_task(void *user, int64_t index, int worker) {
    const search *s = user;
    const transport *t = &s->map->t;
    real *repeated = s->repeated + worker * TRANSPORT_SEARCH_ROWS * t->dim, *costs = s->costs + worker * TRANSPORT_SEARCH_ROWS;
    int64_t end = (index + 1) * BLOCK_ROWS < s->n ? (index + 1) * BLOCK_ROWS : s->n;
    for (int64_t i = index * BLOCK_ROWS; i < end; i++) {
        int64_t best;
        real found = transport_search(t, s->x + i * t->dim, s->m, s->y, s->g, repeated, costs, &best);
        real moved = s->moved_c[i] - s->moved_g[i], least = found < moved ? found : moved;
        s->out[i] = map_outer_potential(s->map, ENOT_FORWARD, s->source + i * t->dim, s->x + i * t->dim,
                                        (double)(least - s->moved_ridge[i]), s->columns + worker * t->dim);
    }
}

static enot_status find(enot_context *context, const double *source, const double *target, search *s) {
    const enot_map *map = s->map;
    const transport *t = &map->t;
    TRY(allocate(context, s));
    TRY(enter(context, map->coordinates, COORDINATES_SOURCE, source, s->n, s->x));
    TRY(enter(context, map->coordinates, COORDINATES_TARGET, target, s->m, s->y));
    TRY(map_apply_inner(context, map, ENOT_FORWARD, s->x, s->n, s->moved));
    TRY(apply_potential(context, t, &map->g, map->g_weights, s->moved, s->n, s->moved_g));
    TRY(apply_potential(context, t, &map->g, map->g_weights, s->y, s->m, s->g));
    transport_cost(t, s->n, s->x, s->moved, s->moved_c);
    t->cost.kind->value(&t->cost, s->n, s->x, s->moved, s->moved_ridge);
    for (int64_t i = 0; i < s->n; i++) s->moved_ridge[i] = s->moved_c[i] - s->moved_ridge[i];
    parallel_for(context, (s->n + BLOCK_ROWS - 1) / BLOCK_ROWS, rows_task, s);
    return ENOT_OK;
}

enot_status map_c_transform(enot_context *context, const enot_map *map, const double *source, int64_t n, const double *target,
                            int64_t m, double *out) {
    search s = {.map = map, .n = n, .m = m, .source = source, .out = out};
    enot_status status = find(context, source, target, &s);
    search_destroy(&s);
    return status;
}
