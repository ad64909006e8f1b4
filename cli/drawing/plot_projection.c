#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drawing/pca.h"
#include "drawing/plot.h"
#include "session/inputs.h"

#define PANEL_WIDTH 460.0
#define PANEL_HEIGHT 400.0
#define GAP 80.0
#define LEFT 70.0
#define HEADER 100.0
#define TAIL 0.001
#define MARGINAL_LIMIT 12
#define MARGINAL_COLUMNS 4
#define MARGINAL_HEIGHT 110.0
#define MARGINAL_GAP 54.0
#define PAGE_WIDTH (LEFT + 2 * PANEL_WIDTH + GAP + 30)

/* Source, target and moved in the plane of two principal components of source and target together. */
typedef struct projection {
    pca pca;
    plot_cloud clouds[3];
    char x_label[64], y_label[64];
} projection;

static void projection_destroy(projection *projection) {
    for (int c = 0; c < 3; c++) free(projection->clouds[c].rows);
    pca_destroy(&projection->pca);
}

static int find_axes(const plot_data *data, pca *pca) {
    size_t source_size = (size_t)(data->source.count * data->dim),
           target_size = (size_t)(data->target.count * data->dim);
    double *pooled = rows_alloc(data->source.count + data->target.count, data->dim);
    if (pooled == NULL) return -1;
    memcpy(pooled, data->source.rows, source_size * sizeof *pooled);
    memcpy(pooled + source_size, data->target.rows, target_size * sizeof *pooled);
    int result = pca_create(pooled, data->source.count + data->target.count, data->dim, data->standardize, pca);
    free(pooled);
    return result;
}

static int project(const plot_data *data, projection *projection) {
    const plot_cloud *clouds[3] = {&data->source, &data->target, &data->moved};
    memset(projection, 0, sizeof *projection);
    if (find_axes(data, &projection->pca) != 0) return -1;
    for (int c = 0; c < 3; c++) {
        projection->clouds[c].count = clouds[c]->count;
        projection->clouds[c].rows = rows_alloc(clouds[c]->count, 2);
        if (projection->clouds[c].rows == NULL) return -1;
        pca_project(&projection->pca, clouds[c]->rows, clouds[c]->count, projection->clouds[c].rows);
    }
    const char *kind = data->standardize ? "component of the standardised columns" : "component";
    snprintf(projection->x_label, sizeof projection->x_label, "first %s (%.0f %%)", kind,
             100 * projection->pca.share[0]);
    snprintf(projection->y_label, sizeof projection->y_label, "second %s (%.0f %%)", kind,
             100 * projection->pca.share[1]);
    return 0;
}

static int draw_scatters(draw_page *page, const projection *projection) {
    draw_panel panel = {.left = LEFT, .top = HEADER, .width = PANEL_WIDTH, .height = PANEL_HEIGHT};
    const plot_cloud *clouds = projection->clouds;
    if (plot_range(clouds, 3, 2, 0, TAIL, &panel.x_low, &panel.x_high) != 0) return -1;
    if (plot_range(clouds, 3, 2, 1, TAIL, &panel.y_low, &panel.y_high) != 0) return -1;
    for (int after = 0; after < 2; after++) {
        const plot_cloud *front = &clouds[after ? 2 : 0], *back = &clouds[1];
        const char *title = after ? "after: T(source) and target" : "before: source and target";
        draw_frame(page, &panel, (draw_labels){title, projection->x_label, projection->y_label}, 1);
        draw_points(page, &panel, back->rows, (size_t)back->count, 2.0, draw_faded(plot_legend[1].color, 0.40));
        draw_points(page, &panel, front->rows, (size_t)front->count, 2.0,
                    draw_faded(plot_legend[after ? 2 : 0].color, 0.40));
        panel.left += PANEL_WIDTH + GAP;
    }
    return 0;
}

static double mean_of(const plot_cloud *cloud, int64_t dim, int64_t column, double *variance) {
    double mean = 0;
    *variance = 0;
    for (int64_t i = 0; i < cloud->count; i++) mean += cloud->rows[i * dim + column] / (double)cloud->count;
    for (int64_t i = 0; i < cloud->count; i++)
        *variance += pow(cloud->rows[i * dim + column] - mean, 2) / (double)cloud->count;
    return mean;
}

/* How far apart source and target are along a column, in standard deviations. */
static double separation(const plot_data *data, int64_t column) {
    double source_variance, target_variance;
    double difference = mean_of(&data->source, data->dim, column, &source_variance) -
                        mean_of(&data->target, data->dim, column, &target_variance);
    double variance = source_variance + target_variance;
    return variance > 0 ? fabs(difference) / sqrt(variance) : 0;
}

/* The columns to show, in their own order: all, or those along which the samples differ most. */
static int64_t choose_columns(const plot_data *data, int64_t chosen[MARGINAL_LIMIT]) {
    int64_t count = 0;
    double kept[MARGINAL_LIMIT];
    for (int64_t j = 0; j < data->dim; j++) {
        double value = separation(data, j);
        int64_t place = count;
        if (count == MARGINAL_LIMIT) {
            place = 0;
            for (int64_t k = 1; k < count; k++)
                if (kept[k] < kept[place]) place = k;
            if (value <= kept[place]) continue;
            memmove(kept + place, kept + place + 1, (size_t)(count - 1 - place) * sizeof *kept);
            memmove(chosen + place, chosen + place + 1, (size_t)(count - 1 - place) * sizeof *chosen);
            place = --count;
        }
        kept[place] = value;
        chosen[place] = j;
        count++;
    }
    return count;
}

static int draw_marginals(draw_page *page, const plot_data *data, const int64_t *columns, int64_t count, double top) {
    const double gap = 26, width = (PAGE_WIDTH - LEFT - 30 - (MARGINAL_COLUMNS - 1) * gap) / MARGINAL_COLUMNS;
    for (int64_t i = 0; i < count; i++) {
        draw_panel panel = {.left = LEFT + (double)(i % MARGINAL_COLUMNS) * (width + gap),
                            .top = top + (double)(i / MARGINAL_COLUMNS) * (MARGINAL_HEIGHT + MARGINAL_GAP),
                            .width = width,
                            .height = MARGINAL_HEIGHT};
        if (plot_marginal(page, data, panel, columns[i]) != 0) return -1;
    }
    return 0;
}

static draw_page *draw_all(const plot_data *data, const projection *projection) {
    int64_t columns[MARGINAL_LIMIT];
    int64_t count = choose_columns(data, columns);
    double rows = ceil((double)count / MARGINAL_COLUMNS);
    double marginal_top = HEADER + PANEL_HEIGHT + 110;
    draw_page *page = draw_page_create(PAGE_WIDTH, marginal_top + rows * (MARGINAL_HEIGHT + MARGINAL_GAP));
    if (page == NULL) return NULL;
    draw_text(page, LEFT, 30, DRAW_LEFT, 16, 1, draw_black, data->title);
    draw_legend(page, LEFT, 58, plot_legend, COUNT_OF(plot_legend));
    draw_text(page, LEFT, marginal_top - 38, DRAW_LEFT, 13, 1, draw_black,
              count < data->dim ? "Densities along the columns that differ most" : "Densities along the columns");
    if (draw_scatters(page, projection) == 0 && draw_marginals(page, data, columns, count, marginal_top) == 0)
        return page;
    draw_page_destroy(page);
    return NULL;
}

draw_page *plot_projection(const plot_data *data) {
    projection projection;
    draw_page *page = project(data, &projection) == 0 ? draw_all(data, &projection) : NULL;
    projection_destroy(&projection);
    return page;
}
