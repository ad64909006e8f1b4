/*
 * SOAP (Vyas et al. 2024): Adam in the eigenbases of the Shampoo statistics L = mean G G^T and R = mean G^T G of each weight
 * matrix. Formulas: docs/mathematics.md, "The optimisation". The first moment is kept in the bases, where it is the same linear
 * mean as outside, and is moved exactly when they change; so a gradient is turned into them and a direction back, no more.
 *
 * Tasks are panels of columns of a matrix: a panel goes through both turns and Adam without meeting the others.
 */
#include <string.h>

#include "core/memory.h"
#include "train/optimizers/orthogonal.h"
#include "train/optimizers/parts.h"

/* Every other gradient goes into the statistics, whose decay is .95 an update as published. */
static const double STATISTICS_DECAY = 0.95 * 0.95;
#define GATHER_EVERY 2

/*
 * Inputs of a network up to which its first layer takes the whole rate, and beyond which a part that falls as their number grows:
 * steps of one size in all of a unit's weights add up over its inputs.
 */
#define FULL_RATE_INPUTS 64

/* Of the rows or of the columns of a matrix, [length, length] each. */
typedef struct side {
    int64_t length;
    panels statistics, basis;
    panels product;
    real *scratch;
} side;

/* A weight matrix [rows, columns]. */
typedef struct matrix {
    int64_t rows, columns, at; /* at: of the first in the vectors of parameters */
    real rate;                 /* part of the learning rate */
    side left, right;
    panels gradient, flipped;  /* G [rows, columns]; G^T [columns, rows] */
    panels first, second;      /* [rows, columns]: on the way into the bases and back */
    panels turned;             /* right.basis^T */
} matrix;

typedef struct soap {
    matrix *matrices; /* by layer, from 1; vectors are left out */
    real *state; /* [state_count]: all statistics and bases */
    int64_t state_count;
    real *work;
} soap;

/* ---- memory ---- */

static void place_state(side *s, real **at) {
    s->statistics = panels_take(at, s->length, s->length);
    s->basis = panels_take(at, s->length, s->length);
}

static void place_scratch(side *s, real **at) {
    s->product = panels_take(at, s->length, s->length);
    s->scratch = *at;
    *at += orthogonal_scratch(s->length);
}

static void place_work(matrix *m, real **at) {
    place_scratch(&m->left, at);
    place_scratch(&m->right, at);
    m->gradient = panels_take(at, m->rows, m->columns);
    m->flipped = panels_take(at, m->columns, m->rows);
    m->first = panels_take(at, m->rows, m->columns);
    m->second = panels_take(at, m->rows, m->columns);
    m->turned = panels_take(at, m->columns, m->columns);
}

static int64_t state_size(const matrix *m) {
    return 2 * (panels_size(m->rows, m->rows) + panels_size(m->columns, m->columns));
}

static int64_t work_size(const matrix *m) {
    return panels_size(m->rows, m->rows) + 2 * panels_size(m->columns, m->columns) + orthogonal_scratch(m->rows) +
           orthogonal_scratch(m->columns) + 3 * panels_size(m->rows, m->columns) + panels_size(m->columns, m->rows);
}

static void set_identity(side *s) {
    for (int64_t i = 0; i < s->length; i++) panels_at(s->basis, i / PANEL)[i * PANEL + i % PANEL] = 1;
}

static void place_matrix(matrix *m, real **state, real **work) {
    place_state(&m->left, state);
    place_state(&m->right, state);
    place_work(m, work);
    set_identity(&m->left);
    set_identity(&m->right);
}

static real rate_of_layer(int64_t layer, int64_t inputs) {
    return layer == 1 && inputs > FULL_RATE_INPUTS ? FULL_RATE_INPUTS / (real)inputs : 1;
}

static enot_status soap_create(enot_context *context, const mlp *net, void *own) {
    soap *s = own;
    int64_t work_count = 0;
    TRY(MEMORY_NEW(context, net->layers + 1, "the optimiser", &s->matrices));
    for (int64_t l = 1; l <= net->layers; l++) {
        int64_t rows = net->width[l], columns = net->width[l - 1];
        if (!optimizer_takes_matrix(net, l)) continue;
        s->matrices[l] = (matrix){.rows = rows, .columns = columns, .at = net->weight_at[l], .rate = rate_of_layer(l, columns),
                                  .left.length = rows, .right.length = columns};
        s->state_count += state_size(&s->matrices[l]);
        work_count += work_size(&s->matrices[l]);
    }
    TRY(MEMORY_NEW(context, s->state_count, "the optimiser", &s->state));
    TRY(MEMORY_NEW(context, work_count, "the optimiser", &s->work));
    real *state = s->state, *work = s->work;
    for (int64_t l = 1; l <= net->layers; l++)
        if (optimizer_takes_matrix(net, l)) place_matrix(&s->matrices[l], &state, &work);
    return ENOT_OK;
}

static void soap_destroy(void *own) {
    soap *s = own;
    memory_destroy(s->matrices);
    memory_destroy(s->state);
    memory_destroy(s->work);
}

static real *soap_state(const void *own, int64_t *count) {
    const soap *s = own;
    *count = s->state_count;
    return s->state;
}

/* ---- turns: one panel of columns ---- */

/* Panel p of to = panel p of left^T from right, through the same panel of between. */
static void turn_in(const ops *ops, const matrix *m, panels from, int64_t p, panels between, panels to) {
    int64_t columns = panels_columns(m->columns, p);
    real *half = panels_at(between, p), *basis = panels_at(m->right.basis, p);
    ops->product(m->rows, columns, m->columns, from.at, panels_stride(from), basis, half, basis, 0);
    for (int64_t u = 0; u < panels_count(m->rows); u++) {
        const ops_pair pair = {panels_at(m->left.basis, u), half, half, 0};
        ops->product_transposed(panels_columns(m->rows, u), columns, m->rows, &pair, 1, 0,
                                panels_at(to, p) + u * PANEL * PANEL, PANEL);
    }
}

/* Panel p of to = left times the same panel of from. */
static void turn_back_left(const ops *ops, const matrix *m, panels from, int64_t p, panels to) {
    real *right = panels_at(from, p);
    ops->product(m->rows, panels_columns(m->columns, p), m->rows, m->left.basis.at, panels_stride(m->left.basis), right,
                 panels_at(to, p), right, 0);
}

/* Panel p of to = from right^T. */
static void turn_back_right(const ops *ops, const matrix *m, panels from, int64_t p, panels to) {
    int64_t columns = panels_columns(m->columns, p);
    real *turned = panels_at(m->turned, p);
    for (int64_t q = 0; q < panels_count(m->columns); q++)
        ops->transpose(columns, panels_columns(m->columns, q), panels_at(m->right.basis, q) + p * PANEL * PANEL, PANEL,
                       turned + q * PANEL * PANEL);
    ops->product(m->rows, columns, m->columns, from.at, panels_stride(from), turned, panels_at(to, p), turned, 0);
}

/* Panel p of the first moment, as a panel of to, and back. */
static void load_moment(const update *u, const matrix *m, int64_t p, panels to) {
    const real *from = u->n->moment1 + m->at + p * PANEL;
    size_t bytes = (size_t)panels_columns(m->columns, p) * sizeof(real);
    for (int64_t i = 0; i < m->rows; i++) memcpy(panels_at(to, p) + i * PANEL, from + i * m->columns, bytes);
}

static void store_moment(const update *u, const matrix *m, int64_t p, panels from) {
    real *to = u->n->moment1 + m->at + p * PANEL;
    size_t bytes = (size_t)panels_columns(m->columns, p) * sizeof(real);
    for (int64_t i = 0; i < m->rows; i++) memcpy(to + i * m->columns, panels_at(from, p) + i * PANEL, bytes);
}

/* ---- tasks ---- */

/* The gradient's rows of panel p of the transpose, in both layouts. */
static void load_gradient(const update *u, const matrix *m, int64_t p) {
    int64_t first = p * PANEL, count = panels_columns(m->rows, p);
    const real *rows = u->n->gradient + m->at + first * m->columns;
    panels_from_rows(rows, count, m->columns, NULL, (panels){m->gradient.at + first * PANEL, m->rows});
    u->ops->transpose(count, m->columns, rows, m->columns, panels_at(m->flipped, p));
}

/* first = left times Adam's direction in the bases. */
static void find_direction(const update *u, const matrix *m, int64_t p) {
    int64_t at = m->at + p * PANEL;
    turn_in(u->ops, m, m->gradient, p, m->first, m->second);
    u->ops->adam_direction(m->rows, panels_columns(m->columns, p), &u->constants, u->n->moment1 + at, u->n->moment2 + at,
                           m->columns, panels_at(m->second, p));
    turn_back_left(u->ops, m, m->second, p, m->first);
}

static void descend(const update *u, const matrix *m, int64_t p) {
    int64_t at = m->at + p * PANEL;
    turn_back_right(u->ops, m, m->first, p, m->second);
    u->ops->descend(m->rows, panels_columns(m->columns, p), m->rate * u->constants.learning_rate, u->constants.averaging,
                    panels_at(m->second, p), u->n->parameters + at, u->n->average + at, m->columns);
}

/* Rows of panel p of the statistics, up to the diagonal: the mean of columns^T columns, [rows, s->length]. */
static void gather_statistics(const update *u, const side *s, panels columns, int64_t p) {
    int64_t count = panels_columns(s->length, p);
    for (int64_t q = 0; q <= p; q++) {
        real square[PANEL * PANEL] __attribute__((aligned(64))) = {0};
        const ops_pair pair = {panels_at(columns, p), panels_at(columns, q), panels_at(columns, q), 0};
        u->ops->product_transposed(count, panels_columns(s->length, q), columns.rows, &pair, 1, 0, square, PANEL);
        u->ops->blend(count * PANEL, (real)(1 - STATISTICS_DECAY), square, panels_at(s->statistics, q) + p * PANEL * PANEL);
    }
}

/* What is beyond the diagonal's squares mirrors what is before them. */
static void mirror_statistics(const ops *ops, const side *s) {
    for (int64_t p = 0; p < panels_count(s->length); p++)
        for (int64_t q = 0; q < p; q++)
            ops->transpose(panels_columns(s->length, p), PANEL, panels_at(s->statistics, q) + p * PANEL * PANEL, PANEL,
                           panels_at(s->statistics, p) + q * PANEL * PANEL);
}

/* Divided by the trace of the statistics, so that no square of an element is too small for a float. */
static void normalise(const side *s) {
    double trace = 0;
    for (int64_t i = 0; i < s->length; i++) trace += panels_at(s->statistics, i / PANEL)[i * PANEL + i % PANEL];
    real factor = trace > 0 ? (real)(1 / trace) : 0;
    for (int64_t i = 0; i < panels_size(s->length, s->length); i++) s->product.at[i] *= factor;
}

/* One step of the power iteration: basis = Q of statistics basis. */
static void renew_basis(const update *u, const side *s) {
    mirror_statistics(u->ops, s);
    for (int64_t p = 0; p < panels_count(s->length); p++) {
        const real *right = panels_at(s->basis, p);
        u->ops->product(s->length, panels_columns(s->length, p), s->length, s->statistics.at, panels_stride(s->statistics),
                        right, panels_at(s->product, p), right, 0);
    }
    normalise(s);
    orthogonal_factor(u->ops, s->length, s->product, s->basis, s->scratch);
}

/* ---- the tasks in their order ---- */

static int64_t turn_and_gather_tasks(int64_t rows, int64_t columns) { return panels_count(rows) + 2 * panels_count(columns); }

static int64_t side_tasks(int64_t rows, int64_t columns) { return 2; }

static const matrix *matrix_of(const update *u, tasks_of_matrix *tasks, int64_t *index) {
    const soap *s = u->n->own;
    return &s->matrices[tasks_layer(&u->n->net.mlp, tasks, index)];
}

static void load_task(void *user, int64_t index, int worker) {
    const update *u = user;
    int64_t layers = u->n->net.mlp.layers;
    if (index < layers) {
        adam_vectors(u, index + 1);
        return;
    }
    index -= layers;
    const matrix *m = matrix_of(u, tasks_row_panels, &index);
    load_gradient(u, m, index);
}

static int gathers(const update *u) { return u->n->updates % GATHER_EVERY == 0; }

static tasks_of_matrix *turn_tasks(const update *u) { return gathers(u) ? turn_and_gather_tasks : tasks_column_panels; }

static void turn_task(void *user, int64_t index, int worker) {
    const update *u = user;
    const matrix *m = matrix_of(u, turn_tasks(u), &index);
    int64_t columns = panels_count(m->columns);
    if (index < columns)
        find_direction(u, m, index);
    else if (index < 2 * columns)
        gather_statistics(u, &m->right, m->gradient, index - columns);
    else
        gather_statistics(u, &m->left, m->flipped, index - 2 * columns);
}

static void descend_task(void *user, int64_t index, int worker) {
    const matrix *m = matrix_of(user, tasks_column_panels, &index);
    descend(user, m, index);
}

/* second = the first moment out of the bases: both halves of the way. */
static void moment_left_task(void *user, int64_t index, int worker) {
    const update *u = user;
    const matrix *m = matrix_of(u, tasks_column_panels, &index);
    load_moment(u, m, index, m->second);
    turn_back_left(u->ops, m, m->second, index, m->first);
}

static void moment_right_task(void *user, int64_t index, int worker) {
    const update *u = user;
    const matrix *m = matrix_of(u, tasks_column_panels, &index);
    turn_back_right(u->ops, m, m->first, index, m->second);
}

static void basis_task(void *user, int64_t index, int worker) {
    const matrix *m = matrix_of(user, side_tasks, &index);
    renew_basis(user, index ? &m->right : &m->left);
}

static void moment_in_task(void *user, int64_t index, int worker) {
    const update *u = user;
    const matrix *m = matrix_of(u, tasks_column_panels, &index);
    turn_in(u->ops, m, m->second, index, m->first, m->gradient);
    store_moment(u, m, index, m->gradient);
}

/* Bases begin as those of the coordinates and are far from the statistics' at first: they are renewed sooner. */
static int renews(const update *u) {
    int64_t done = u->n->updates, every = u->o->refresh;
    return done % every == 0 || (done > GATHER_EVERY && done < every && (done & (done - 1)) == 0);
}

static void renew_bases(update *u) {
    tasks_run(u, tasks_column_panels, moment_left_task);
    tasks_run(u, tasks_column_panels, moment_right_task);
    tasks_run(u, side_tasks, basis_task);
    tasks_run(u, tasks_column_panels, moment_in_task);
}

static void soap_update(update *u) {
    const mlp *net = &u->n->net.mlp;
    parallel_for(u->context, net->layers + tasks_count(net, tasks_row_panels), load_task, u);
    tasks_run(u, turn_tasks(u), turn_task);
    tasks_run(u, tasks_column_panels, descend_task);
    if (renews(u)) renew_bases(u);
}

const optimizer_method optimizer_soap = {sizeof(soap), soap_create, soap_destroy, soap_update, soap_state};
