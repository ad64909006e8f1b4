/* A map file being read, and what its metadata says; map/load.c fills it. */
#ifndef ENOT_MAP_SOURCE_H
#define ENOT_MAP_SOURCE_H

#include "files/safetensors.h"
#include "map/file.h"

#define SOURCE_MAX_HIDDEN 64

typedef struct source {
    enot_context *context;
    const char *path;
    safetensors_file *file;
    int64_t dim, hidden[SOURCE_MAX_HIDDEN], hidden_count;
    image_networks images; /* instead of hidden */
    enot_form form;
    enot_scale scale;
    activation kind;
    cost cost;
    double unit;
    int gaussian, reverse;
} source;

/* Fails, naming what is missing or wrong: "metadata", "dim". */
enot_status source_malformed(const source *s, const char *what, const char *name);

/* values[count] of the tensor of that shape, all of which must be finite. */
enot_status source_read(const source *s, const char *name, int rank, const int64_t *shape, double *values);

/* Sizes of the networks; s->dim is there. */
enot_status source_read_sizes(source *s);
network_sizes source_sizes(const source *s);

/* Whether the file holds as much as its sizes claim, to be asked before memory for them is. */
enot_status source_check_size(const source *s);

/* The weights of all networks of the map, whose shapes are there. */
enot_status source_read_networks(const source *s, enot_map *map);

#endif
