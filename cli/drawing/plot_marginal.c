#include <math.h>
#include <stdlib.h>

#include "drawing/plot.h"

#define GRID 160
#define TAIL 0.002
#define HEADROOM 1.12

/* Gaussian kernel density at GRID equally spaced values; Silverman's bandwidth, never finer than the grid. */
static double estimate_density(const plot_cloud *cloud, int64_t dim, int64_t column, double low, double high,
                               double *density) {
    double mean = 0, variance = 0, peak = 0, count = (double)cloud->count, cell = (high - low) / (GRID - 1);
    for (int64_t i = 0; i < cloud->count; i++) mean += cloud->rows[i * dim + column] / count;
    for (int64_t i = 0; i < cloud->count; i++) variance += pow(cloud->rows[i * dim + column] - mean, 2) / count;
    double width = fmax(0.7 * 1.06 * sqrt(variance) * pow(count, -0.2), cell);
    for (int g = 0; g < GRID; g++) {
        double sum = 0, at = low + g * cell;
        for (int64_t i = 0; i < cloud->count; i++) {
            double z = (cloud->rows[i * dim + column] - at) / width;
            sum += fabs(z) < 6 ? exp(-0.5 * z * z) : 0;
        }
        density[g] = sum / (count * width);
        peak = fmax(peak, density[g]);
    }
    return peak;
}

int plot_marginal(draw_page *page, const plot_data *data, draw_panel panel, int64_t column) {
    const plot_cloud clouds[3] = {data->source, data->target, data->moved};
    double density[3][GRID];
    char text[32];
    if (plot_range(clouds, 3, data->dim, column, TAIL, &panel.x_low, &panel.x_high) != 0) return -1;
    panel.y_low = panel.y_high = 0;
    for (int c = 0; c < 3; c++)
        panel.y_high = fmax(panel.y_high, HEADROOM * estimate_density(&clouds[c], data->dim, column, panel.x_low,
                                                                      panel.x_high, density[c]));
    draw_frame(page, &panel, (draw_labels){plot_column(data, column, text), NULL, NULL}, 0);
    for (int c = 0; c < 3; c++) draw_curve(page, &panel, density[c], GRID, plot_legend[c].color);
    return 0;
}
