/* The pictures of a map: which one is drawn depends on the dimension, and on whether its points are those of a sphere. */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include "drawing/draw.h"
#include "session/session.h"

typedef struct plot_cloud {
    int64_t count;
    double *rows; /* [count, dim] */
} plot_cloud;

typedef struct plot_data {
    enot_context *context;
    const enot_map *map;
    const enot_samples *names; /* whose column names are used */
    const char *title;
    int64_t dim;
    int standardize; /* the map's cost is that of standardised columns */
    int on_sphere;   /* the map's points are those of the unit sphere in three dimensions */
    plot_cloud source, target, moved;
} plot_data;

#define PLOT_ROWS 2500 /* of each side, that a picture shows well */

/* Fills data, all zero before, but for the title: at most so many rows of each side, moved by the map. Release in every case. */
enot_status plot_collect(enot_context *context, const enot_map *map, const enot_samples *source,
                         const enot_samples *target, int64_t rows, plot_data *data);
void plot_release(plot_data *data);

/* Draws and writes it as PNG; returns the exit code, having said what is wrong. */
int plot_write(const session *session, const plot_data *data, const char *path);

/* Name of a column, "x3" if it has none. */
const char *plot_column(const plot_data *data, int64_t column, char text[32]);

/* Range of column of clouds whose rows have stride values; tail: part of the values left out at each end. 0, or -1. */
int plot_range(const plot_cloud *clouds, size_t count, int64_t stride, int64_t column, double tail, double *low,
               double *high);

/* Each returns the page, NULL without memory. */
draw_page *plot_plane(const plot_data *data);      /* dim = 2: samples, displacements, level lines of the potential */
draw_page *plot_projection(const plot_data *data); /* dim > 2: two principal components, and the marginals */
draw_page *plot_line(const plot_data *data);       /* dim = 1: the marginal */
draw_page *plot_globe(const plot_data *data);      /* on the sphere: what plot_plane shows, seen from where most is in front */

/* Densities of source, target and moved along one column. 0, or -1 without memory. */
int plot_marginal(draw_page *page, const plot_data *data, draw_panel panel, int64_t column);

extern const draw_entry plot_legend[3]; /* source, target, moved */

#endif
