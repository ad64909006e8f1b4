/*
 * Muon (Jordan et al. 2024): a weight matrix goes along its momentum with all singular values made nearly equal, by five steps of
 * a Newton-Schulz iteration. Formulas: docs/mathematics.md, "The optimisation". The iteration is that of a matrix at least as
 * long as it is wide: a wide one is transposed.
 */
#include <math.h>

#include "core/memory.h"
#include "train/optimizers/parts.h"

enum { ITERATIONS = 5 };

/* Y (A + B Y^T Y + C (Y^T Y)^2), Jordan's coefficients. */
static const real A = (real)3.4445, B = (real)-4.7750, C = (real)2.0315;

/* An update of Muon's is so large beside one of Adam's with the same learning rate (Liu et al. 2025). */
static const double SIZE = 0.2;

/* The weights [rows, columns] of a layer. */
typedef struct matrix {
    int64_t rows, columns, at;     /* at: of the first in the vectors of parameters */
    int64_t length, width;         /* of the iteration: the larger and the smaller of the two */
    panels iterate, next;          /* [length, width] */
    panels gram, polynomial;       /* [width, width] */
    panels direction;              /* [rows, columns], if those are width and length */
    double *squares;               /* [panels of rows]: what they add to the square of the norm */
} matrix;

typedef struct muon {
    matrix *matrices; /* by layer, from 1; vectors are left out */
    real *work;
    double *squares;
} muon;

/* ---- memory ---- */

static int is_wide(const matrix *m) { return m->columns > m->rows; }

static matrix matrix_for(const mlp *net, int64_t l) {
    int64_t rows = net->width[l], columns = net->width[l - 1];
    matrix m = {.rows = rows, .columns = columns, .at = net->weight_at[l], .length = rows, .width = columns};
    if (is_wide(&m)) m.length = columns, m.width = rows;
    return m;
}

static int64_t work_size(const matrix *m) {
    return 2 * panels_size(m->length, m->width) + 2 * panels_size(m->width, m->width) + panels_size(m->rows, m->columns);
}

static void place_matrix(matrix *m, real **work, double **squares) {
    m->iterate = panels_take(work, m->length, m->width);
    m->next = panels_take(work, m->length, m->width);
    m->gram = panels_take(work, m->width, m->width);
    m->polynomial = panels_take(work, m->width, m->width);
    m->direction = panels_take(work, m->rows, m->columns);
    m->squares = *squares;
    *squares += panels_count(m->rows);
}

static enot_status muon_create(enot_context *context, const mlp *net, void *own) {
    muon *s = own;
    int64_t count = 0;
    TRY(MEMORY_NEW(context, net->layers + 1, "the optimiser", &s->matrices));
    for (int64_t l = 1; l <= net->layers; l++) {
        s->matrices[l] = matrix_for(net, l);
        if (optimizer_takes_matrix(net, l)) count += work_size(&s->matrices[l]);
    }
    TRY(MEMORY_NEW(context, count, "the optimiser", &s->work));
    TRY(MEMORY_NEW(context, tasks_count(net, tasks_row_panels), "the optimiser", &s->squares));
    real *work = s->work;
    double *squares = s->squares;
    for (int64_t l = 1; l <= net->layers; l++)
        if (optimizer_takes_matrix(net, l)) place_matrix(&s->matrices[l], &work, &squares);
    return ENOT_OK;
}

static void muon_destroy(void *own) {
    muon *s = own;
    memory_destroy(s->matrices);
    memory_destroy(s->work);
    memory_destroy(s->squares);
}

/* ---- what the tasks do ---- */

/* Rows of panel p: the momentum, and Nesterov's look ahead along it, which takes the place of the second moment. */
static void add_momentum(const update *u, const matrix *m, int64_t p) {
    int64_t at = m->at + p * PANEL * m->columns, count = panels_columns(m->rows, p) * m->columns;
    const real *gradient = u->n->gradient + at;
    real *momentum = u->n->moment1 + at, *ahead = u->n->moment2 + at;
    u->ops->blend(count, 1 - u->constants.beta1, gradient, momentum);
    double square = 0;
    for (int64_t i = 0; i < count; i++) {
        ahead[i] = gradient[i] + u->constants.beta1 * (momentum[i] - gradient[i]);
        square += (double)ahead[i] * (double)ahead[i];
    }
    m->squares[p] = square;
}

/* The same rows into the iteration, divided by the norm of the whole. */
static void load_ahead(const update *u, const matrix *m, int64_t p) {
    int64_t first = p * PANEL, rows = panels_columns(m->rows, p);
    double square = 0;
    for (int64_t q = 0; q < panels_count(m->rows); q++) square += m->squares[q];
    real *ahead = u->n->moment2 + m->at + first * m->columns, scale = square > 0 ? (real)(1 / sqrt(square)) : 0;
    for (int64_t i = 0; i < rows * m->columns; i++) ahead[i] *= scale;
    if (is_wide(m))
        u->ops->transpose(rows, m->columns, ahead, m->columns, panels_at(m->iterate, p));
    else
        panels_from_rows(ahead, rows, m->columns, NULL, (panels){m->iterate.at + first * PANEL, m->rows});
}

/* gram = Y^T Y: what panel p makes with those up to it. */
static void multiply_columns(const update *u, const matrix *m, int64_t p) {
    int64_t rows = panels_columns(m->width, p);
    for (int64_t q = 0; q <= p; q++) {
        int64_t columns = panels_columns(m->width, q);
        const ops_pair pair = {panels_at(m->iterate, p), panels_at(m->iterate, q), panels_at(m->iterate, q), 0};
        real *square = panels_at(m->gram, q) + p * PANEL * PANEL;
        u->ops->product_transposed(rows, columns, m->length, &pair, 1, 0, square, PANEL);
        if (q < p) u->ops->transpose(rows, columns, square, PANEL, panels_at(m->gram, p) + q * PANEL * PANEL);
    }
}

/* Panel p of A + B gram + C gram^2. */
static void find_polynomial(const update *u, const matrix *m, int64_t p) {
    const real *gram = panels_at(m->gram, p);
    real *out = panels_at(m->polynomial, p);
    int64_t columns = panels_columns(m->width, p);
    u->ops->product(m->width, columns, m->width, m->gram.at, panels_stride(m->gram), gram, out, gram, 0);
    for (int64_t i = 0; i < m->width * PANEL; i++) out[i] = B * gram[i] + C * out[i];
    for (int64_t i = 0; i < columns; i++) out[(p * PANEL + i) * PANEL + i] += A;
}

static void iterate(const update *u, const matrix *m, int64_t p) {
    const real *right = panels_at(m->polynomial, p);
    u->ops->product(m->length, panels_columns(m->width, p), m->width, m->iterate.at, panels_stride(m->iterate), right,
                    panels_at(m->next, p), right, 0);
}

/* Panel p of the iterate as it lies in the weights. */
static const real *turn_back(const ops *ops, const matrix *m, int64_t p) {
    if (!is_wide(m)) return panels_at(m->iterate, p);
    for (int64_t q = 0; q < panels_count(m->rows); q++)
        ops->transpose(panels_columns(m->columns, p), panels_columns(m->rows, q),
                       panels_at(m->iterate, q) + p * PANEL * PANEL, PANEL, panels_at(m->direction, p) + q * PANEL * PANEL);
    return panels_at(m->direction, p);
}

static void descend(const update *u, const matrix *m, int64_t p) {
    int64_t at = m->at + p * PANEL;
    real rate = u->constants.learning_rate * (real)(SIZE * sqrt((double)m->length));
    u->ops->descend(m->rows, panels_columns(m->columns, p), rate, u->constants.averaging, turn_back(u->ops, m, p),
                    u->n->parameters + at, u->n->average + at, m->columns);
}

/* ---- the tasks in their order ---- */

static int64_t width_panels(int64_t rows, int64_t columns) { return panels_count(rows < columns ? rows : columns); }

static const matrix *matrix_of(const update *u, tasks_of_matrix *tasks, int64_t *index) {
    const muon *s = u->n->own;
    return &s->matrices[tasks_layer(&u->n->net.mlp, tasks, index)];
}

static void momentum_task(void *user, int64_t index, int worker) {
    const update *u = user;
    int64_t layers = u->n->net.mlp.layers;
    if (index < layers) {
        adam_vectors(u, index + 1);
        return;
    }
    index -= layers;
    const matrix *m = matrix_of(u, tasks_row_panels, &index);
    add_momentum(u, m, index);
}

static void load_task(void *user, int64_t index, int worker) {
    const matrix *m = matrix_of(user, tasks_row_panels, &index);
    load_ahead(user, m, index);
}

static void gram_task(void *user, int64_t index, int worker) {
    const matrix *m = matrix_of(user, width_panels, &index);
    multiply_columns(user, m, index);
}

static void polynomial_task(void *user, int64_t index, int worker) {
    const matrix *m = matrix_of(user, width_panels, &index);
    find_polynomial(user, m, index);
}

static void iterate_task(void *user, int64_t index, int worker) {
    const matrix *m = matrix_of(user, width_panels, &index);
    iterate(user, m, index);
}

static void descend_task(void *user, int64_t index, int worker) {
    const matrix *m = matrix_of(user, tasks_column_panels, &index);
    descend(user, m, index);
}

static void exchange_iterates(const update *u) {
    const muon *s = u->n->own;
    for (int64_t l = 1; l <= u->n->net.mlp.layers; l++) {
        matrix *m = &s->matrices[l];
        panels before = m->iterate;
        m->iterate = m->next;
        m->next = before;
    }
}

static void muon_update(update *u) {
    const mlp *net = &u->n->net.mlp;
    parallel_for(u->context, net->layers + tasks_count(net, tasks_row_panels), momentum_task, u);
    tasks_run(u, tasks_row_panels, load_task);
    for (int i = 0; i < ITERATIONS; i++) {
        tasks_run(u, width_panels, gram_task);
        tasks_run(u, width_panels, polynomial_task);
        tasks_run(u, width_panels, iterate_task);
        exchange_iterates(u);
    }
    tasks_run(u, tasks_column_panels, descend_task);
}

const optimizer_method optimizer_muon = {.size = sizeof(muon), .create = muon_create, .destroy = muon_destroy, .update = muon_update};
