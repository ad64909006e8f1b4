#include "drawing/curve_marks.h"

#include <math.h>
#include <stdlib.h>

#define LABEL_TEXT 9.5
#define LABEL_SPACING 12.5
#define MARK_LENGTH 20.0
#define LEADER_LENGTH 16.0 /* from the panel to the label */

/* A mark, where it is and where its label goes: distances from the top of the page. */
typedef struct place {
    const curve_mark *mark;
    double at, label;
} place;

double curve_marks_height(size_t count) { return LABEL_SPACING * (double)count; }

static int compare(const void *a, const void *b) {
    double x = ((const place *)a)->at, y = ((const place *)b)->at;
    return (x > y) - (x < y);
}

static double mean_offset(const place *places, size_t first, size_t last) {
    double sum = 0;
    for (size_t i = first; i <= last; i++) sum += places[i].at - LABEL_SPACING * (double)i;
    return sum / (double)(last - first + 1);
}

/*
 * Labels LABEL_SPACING apart, in the order of the marks and with the least sum of squared distances to them: the offsets
 * label - LABEL_SPACING i are the isotonic regression of at - LABEL_SPACING i, by its max-min formula.
 */
static double label_offset(const place *places, size_t count, size_t i) {
    double most = -INFINITY;
    for (size_t first = 0; first <= i; first++) {
        double least = INFINITY;
        for (size_t last = i; last < count; last++) least = fmin(least, mean_offset(places, first, last));
        most = fmax(most, least);
    }
    return most;
}

static void place_labels(const draw_panel *panel, place *places, size_t count) {
    double lowest = panel->top + panel->height - LABEL_SPACING * ((double)count - 1);
    for (size_t i = 0; i < count; i++)
        places[i].label =
            fmax(fmin(label_offset(places, count, i), lowest), panel->top) + LABEL_SPACING * (double)i;
}

static void draw_place(draw_page *page, const draw_panel *whole, const draw_panel *panel, const place *place) {
    double edge = panel->left + panel->width, label = edge + LEADER_LENGTH;
    const double mark[] = {edge - MARK_LENGTH, place->at, edge, place->at}, leader[] = {edge, place->at, label - 2, place->label};
    draw_line(page, whole, mark, 2, 2.2, DRAW_SOLID, place->mark->color);
    draw_line(page, whole, leader, 2, 0.6, DRAW_SOLID, draw_faded(place->mark->color, 0.6));
    draw_text(page, label, place->label + 3.5, DRAW_LEFT, LABEL_TEXT, 0, place->mark->color, place->mark->label);
}

int curve_marks_draw(draw_page *page, const draw_panel *whole, const draw_panel *panel, const curve_plot *plot) {
    size_t count = plot->mark_count;
    place *places = calloc(count + 1, sizeof *places);
    if (places == NULL) return -1;
    for (size_t i = 0; i < count; i++) {
        double part = (panel->y_high - log10(plot->marks[i].y)) / (panel->y_high - panel->y_low);
        places[i] = (place){&plot->marks[i], panel->top + part * panel->height, 0};
    }
    qsort(places, count, sizeof *places, compare);
    place_labels(panel, places, count);
    for (size_t i = 0; i < count; i++) draw_place(page, whole, panel, &places[i]);
    free(places);
    return 0;
}
