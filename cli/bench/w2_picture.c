#include "bench/w2_picture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/text.h"
#include "bench/w2_published.h"
#include "bench/w2_results.h"
#include "drawing/plot_curves.h"

#define PUBLISHED_COUNT 4
#define LABEL_CAPACITY 96

typedef struct label {
    char text[LABEL_CAPACITY];
} label;

/* The curves of so many results, and the published values of their dimensions. */
typedef struct drawing {
    size_t count, mark_count, kind_count;
    curve *curves;
    label *labels, *kinds; /* kind: what a curve is of, without the dimension */
    double **points;
    curve_mark *marks; /* room for PUBLISHED_COUNT a result */
    label *mark_labels;
} drawing;

int w2_picture_begin(const session *session, w2_picture *picture) {
    if (picture->path == NULL && picture->compared.count > 0)
        return usage_error(session->command, "--compare draws earlier results: give --plot OUT.png too");
    if (picture->path == NULL) return EXIT_SUCCESS;
    if (!text_ends_with(picture->path, ".png"))
        return usage_error(session->command, "--plot: %s: the name must end in .png", picture->path);
    enot_status status = enot_path_writable(session->context, picture->path);
    int exit_code = status == ENOT_OK ? EXIT_SUCCESS : session_fail(session, status);
    picture->earlier = json_array();
    for (size_t i = 0; i < picture->compared.count && exit_code == EXIT_SUCCESS; i++)
        exit_code = w2_results_read(session, picture->compared.text[i], picture->earlier);
    return exit_code;
}

void w2_picture_end(w2_picture *picture) { json_decref(picture->earlier); }

static int64_t dim_of(const json_t *result) { return json_integer_value(json_object_get(result, "dim")); }

/* Dark enough for text; neighbouring dimensions of the benchmark, which are powers of two, are far apart. */
static draw_color color_of(int64_t dim) {
    static const draw_color colors[] = {{.20, .20, .20, 1}, {.00, .45, .70, 1}, {.85, .42, .00, 1}, {.55, .30, .65, 1},
                                        {.00, .55, .40, 1}, {.60, .50, .00, 1}, {.80, .12, .20, 1}, {.20, .60, .80, 1}};
    return colors[lrint(log2((double)dim)) % (long)COUNT_OF(colors)];
}

/* "enot", "enot, paper (earlier)", "OTT-JAX" */
static label kind_of(const json_t *result) {
    const char *method = json_string_value(json_object_get(result, "method"));
    const char *recipe = json_string_value(json_object_get(result, "recipe"));
    const char *from = json_string_value(json_object_get(result, "from"));
    int special = recipe && strcmp(recipe, "auto") != 0;
    label kind;
    size_t used = (size_t)snprintf(kind.text, sizeof kind.text, "%.20s%s%.16s", method ? method : "enot",
                                   special ? ", " : "", special ? recipe : "");
    if (from && !method) snprintf(kind.text + used, sizeof kind.text - used, " (%s)", from);
    return kind;
}

/* The same for one kind in every dimension. */
static draw_dashes dashes_of(drawing *d, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(d->kinds[i].text, d->kinds[index].text) == 0) return d->curves[i].dashes;
    return (draw_dashes)(d->kind_count++ % DRAW_DASHES_COUNT);
}

/* Seconds and error of each score, to be freed. */
static double *points_of(const json_t *history) {
    double *xy = calloc(2 * json_array_size(history) + 1, sizeof *xy);
    const json_t *score;
    size_t i;
    if (xy == NULL) return NULL;
    json_array_foreach(history, i, score) {
        xy[2 * i] = json_number_value(json_object_get(score, "seconds"));
        xy[2 * i + 1] = json_number_value(json_object_get(score, "uvp_forward"));
    }
    return xy;
}

static int add_curve(drawing *d, size_t index, const json_t *result) {
    const json_t *history = json_object_get(result, "history");
    d->kinds[index] = kind_of(result);
    snprintf(d->labels[index].text, LABEL_CAPACITY, "D %lld, %.80s", (long long)dim_of(result), d->kinds[index].text);
    d->points[index] = points_of(history);
    d->curves[index] = (curve){d->labels[index].text, color_of(dim_of(result)), dashes_of(d, index), d->points[index],
                               json_array_size(history)};
    return d->points[index] ? 0 : -1;
}

static void add_mark(drawing *d, const char *name, double value, int64_t dim) {
    if (isnan(value)) return;
    label *label = &d->mark_labels[d->mark_count];
    snprintf(label->text, sizeof label->text, "D %lld %s %.3g", (long long)dim, name, value);
    d->marks[d->mark_count++] = (curve_mark){label->text, color_of(dim), value};
}

static void add_published(drawing *d, int64_t dim) {
    const w2_published *p = w2_published_for(dim);
    if (p == NULL) return;
    add_mark(d, "linear map", p->linear, dim);
    add_mark(d, "MM:R", p->maxmin, dim);
    add_mark(d, "W2OT", p->w2ot, dim);
    add_mark(d, "ENOT", p->enot, dim);
}

/* Results whose dimension comes first at index. */
static int is_new_dim(const json_t *results, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (dim_of(json_array_get(results, i)) == dim_of(json_array_get(results, index))) return 0;
    return 1;
}

static int drawing_allocate(drawing *d, size_t count) {
    *d = (drawing){.count = count};
    d->curves = calloc(count + 1, sizeof *d->curves);
    d->labels = calloc(count + 1, sizeof *d->labels);
    d->kinds = calloc(count + 1, sizeof *d->kinds);
    d->points = calloc(count + 1, sizeof *d->points);
    d->marks = calloc(PUBLISHED_COUNT * count + 1, sizeof *d->marks);
    d->mark_labels = calloc(PUBLISHED_COUNT * count + 1, sizeof *d->mark_labels);
    return d->curves && d->labels && d->kinds && d->points && d->marks && d->mark_labels ? 0 : -1;
}

static void drawing_release(drawing *d) {
    for (size_t i = 0; d->points && i < d->count; i++) free(d->points[i]);
    free(d->curves);
    free(d->labels);
    free(d->kinds);
    free(d->points);
    free(d->marks);
    free(d->mark_labels);
}

static int fill(drawing *d, const json_t *results) {
    for (size_t i = 0; i < d->count; i++) {
        const json_t *result = json_array_get(results, i);
        if (add_curve(d, i, result) != 0) return -1;
        if (is_new_dim(results, i)) add_published(d, dim_of(result));
    }
    return 0;
}

/* NULL without memory. */
static draw_page *draw(const json_t *results) {
    drawing d;
    draw_page *page = NULL;
    if (drawing_allocate(&d, json_array_size(results)) == 0 && fill(&d, results) == 0)
        page = plot_curves(&(curve_plot){"Wasserstein-2 benchmark: error of the map while it is learned", "training time, seconds",
                                         "L2-UVP of the forward map, per cent", "published", d.curves, d.count, d.marks,
                                         d.mark_count});
    drawing_release(&d);
    return page;
}

int w2_picture_draw(const session *session, const w2_picture *picture, const json_t *results) {
    if (picture->path == NULL) return EXIT_SUCCESS;
    json_t *all = json_copy((json_t *)results);
    json_array_extend(all, picture->earlier);
    draw_page *page = draw(all);
    json_decref(all);
    if (page == NULL) return session_error(session, "out of memory");
    int failed = draw_page_write(page, picture->path), reason = errno;
    draw_page_destroy(page);
    if (failed) return session_error(session, "%s: cannot write it: %s", picture->path, strerror(reason));
    if (!session->json && !session->quiet) printf("picture in %s\n", picture->path);
    return EXIT_SUCCESS;
}
