#include "drawing/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MARGIN 0.05

const draw_entry plot_legend[3] = {
    {"source", {0.00, 0.45, 0.70, 1}}, {"target", {0.90, 0.45, 0.00, 1}}, {"T(source)", {0.00, 0.55, 0.40, 1}}};

const char *plot_column(const plot_data *data, int64_t column, char text[32]) {
    const char *name = enot_samples_column(data->names, column);
    if (name != NULL) return name;
    snprintf(text, 32, "x%lld", (long long)column + 1);
    return text;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int plot_range(const plot_cloud *clouds, size_t count, int64_t stride, int64_t column, double tail, double *low,
               double *high) {
    size_t total = 0, used = 0;
    for (size_t c = 0; c < count; c++) total += (size_t)clouds[c].count;
    double *values = malloc((total + 1) * sizeof *values);
    if (values == NULL) return -1;
    for (size_t c = 0; c < count; c++)
        for (int64_t i = 0; i < clouds[c].count; i++) values[used++] = clouds[c].rows[i * stride + column];
    qsort(values, total, sizeof *values, compare);
    size_t cut = (size_t)(tail * (double)total);
    *low = values[cut];
    *high = values[total - 1 - cut];
    free(values);
    double margin = MARGIN * (*high - *low);
    if (!(margin > 0)) margin = *low != 0 ? 0.1 * fabs(*low) : 1;
    *low -= margin;
    *high += margin;
    return 0;
}

draw_page *plot_line(const plot_data *data) {
    draw_page *page = draw_page_create(620, 460);
    if (page == NULL) return NULL;
    draw_panel panel = {.left = 40, .top = 80, .width = 540, .height = 320};
    draw_text(page, 40, 28, DRAW_LEFT, 15, 1, draw_black, data->title);
    draw_legend(page, 40, 52, plot_legend, COUNT_OF(plot_legend));
    if (plot_marginal(page, data, panel, 0) == 0) return page;
    draw_page_destroy(page);
    return NULL;
}
