/* The pictures of enot plot: which one is drawn depends on the dimension. */
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
    plot_cloud source, target, moved;
} plot_data;

/* Name of a column, "x3" if it has none. */
const char *plot_column(const plot_data *data, int64_t column, char text[32]);

/* Range of column of clouds whose rows have stride values; tail: part of the values left out at each end. 0, or -1. */
int plot_range(const plot_cloud *clouds, size_t count, int64_t stride, int64_t column, double tail, double *low,
               double *high);

/* Each returns the page, NULL without memory. */
draw_page *plot_plane(const plot_data *data);      /* dim = 2: samples, displacements, level lines of the potential */
draw_page *plot_projection(const plot_data *data); /* dim > 2: two principal components, and the marginals */
draw_page *plot_line(const plot_data *data);       /* dim = 1: the marginal */

/* Densities of source, target and moved along one column. 0, or -1 without memory. */
int plot_marginal(draw_page *page, const plot_data *data, draw_panel panel, int64_t column);

extern const draw_entry plot_legend[3]; /* source, target, moved */

#endif
