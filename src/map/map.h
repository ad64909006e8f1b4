/* The trained map: networks, coordinates, cost, and the record of how it was made. */
#ifndef ENOT_MAP_MAP_H
#define ENOT_MAP_MAP_H

#include "net/architecture.h"
#include "net/transport.h"
#include "space/coordinates.h"

/* Where the map comes from; enough for an evaluation on the same tables to find the rows that were set aside. */
typedef struct map_origin {
    uint64_t seed, fingerprint[2]; /* by coordinates_side */
    double validation;
    int64_t steps;    /* after which the weights were taken */
    double smoothing; /* at that step */
} map_origin;

struct enot_map {
    enot_scale scale;
    coordinates *coordinates;
    cost cost;            /* user's (column) units */
    double cost_factor;   /* inner cost values times this are in column units */
    transport t;          /* inner; its ridge is that of the step the weights were taken at */
    real *input_scale;    /* [dim], what t.scale points to */
    architecture f, g;
    image_networks images; /* the sizes of f and g where they are of convolutions */
    real *f_weights, *g_weights;
    real *reverse_f, *reverse_g; /* form vector_field: a pair of these shapes from target to source, NULL if there is none */
    map_origin origin;
    char *options;        /* JSON object: every training option as it was resolved */
    char *report;         /* JSON object: the report of the fit, without times */
};

/* Everything zero but the coordinates, which are taken over, also on failure. */
enot_status map_create(enot_context *context, coordinates *c, enot_map **map);

/* Fills t, the networks' shapes and zero weights from form, cost and sizes. */
enot_status map_set_networks(enot_context *context, enot_map *map, enot_form form, const cost *c, const network_sizes *sizes);

/* Room for the reverse pair, zero. */
enot_status map_add_reverse(enot_context *context, enot_map *map);

int map_has_inverse(const enot_map *map);

/* The networks of a map, with the names they go by in files. Returns how many. */
#define MAP_NETWORKS 4
typedef struct map_network {
    const char *name;
    const architecture *net;
    real *weights;
} map_network;
int map_networks(const enot_map *map, map_network networks[MAP_NETWORKS]);

/*
 * Moves points [count,dim] given in column units' inner coordinates of their side: inner -> inner of the other side.
 * ENOT_ERR_ARGUMENT if the map has no such direction.
 */
enot_status map_apply_inner(enot_context *context, const enot_map *map, enot_direction direction, const real *inner,
                            int64_t count, real *moved);

/*
 * out[n], user's units: the c-transform of g at rows of the source, the least of c(x, y) - g(y) over T(x) and the target's rows; with the mean of
 * g it bounds the transport cost between the two sets of rows from below. c is the cost that g was trained on: of a ridge in it its
 * value at T(x) is taken off again, which is what it adds to the transport cost to first order.
 */
enot_status map_c_transform(enot_context *context, const enot_map *map, const double *source, int64_t n, const double *target,
                            int64_t m, double *out);

/*
 * A potential's inner value at a point [dim] in the user's units, inner[dim] in the inner ones, as a potential of the cost in column units. In
 * common coordinates the two differ by a factor; in Gaussian ones by what completes unit^2 <x', y'> = <x - mx, y - my> to |x - y|^2
 * (docs/mathematics.md, "Coordinates"). scratch: [dim].
 */
double map_outer_potential(const enot_map *map, enot_direction direction, const double *point, const real *inner, double value,
                           double *scratch);

/* c(a, b) of rows in the user's units, in the units that costs are reported in. a, b, out: [count, dim], [count]. */
enot_status map_cost(enot_context *context, const enot_map *map, const double *a, const double *b, int64_t count, double *out);

#endif
