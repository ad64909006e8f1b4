#include "train/usual.h"

#include <math.h>

typedef enum problem {
    PROBLEM_QUADRATIC, /* squared-Euclidean cost, whatever the form, and what becomes it in other coordinates */
    PROBLEM_CONVEX,    /* form potential, another cost */
    PROBLEM_FIELD,     /* form vector_field, another cost: held by no convexity, it learns slower */
    PROBLEM_SMOOTH,    /* quadratic, on rows that never run out and get no noise: the map is taken to be smooth */
    PROBLEM_WIDE,      /* quadratic, tables of many columns */
    PROBLEM_IMAGES,    /* networks of convolutions; their rows are always a table */
    PROBLEM_COUNT
} problem;

/*
 * Rows that never run out: precision is the limit, and it comes with samples. Lambda of the quadratic kind is still to be divided by the
 * dimension, with which its costs grow.
 */
static const usual ENDLESS[PROBLEM_COUNT] = {
    [PROBLEM_QUADRATIC] = {1, 20, 64, 512, 20000, 5e-3, 0.998, 0.2, 0.005, ENOT_OPTIMIZER_ADAM},
    [PROBLEM_CONVEX] = {0.99, 1, 64, 512, 16000, 3e-3, 0.998, 0.2, 0.005, ENOT_OPTIMIZER_ADAM},
    [PROBLEM_FIELD] = {0.99, 1, 64, 512, 16000, 2.5e-3, 0.998, 0.2, 0.005, ENOT_OPTIMIZER_ADAM},
    [PROBLEM_SMOOTH] = {1, 20, 0, 1024, 20000, 0, 0.998, 0, 0, ENOT_OPTIMIZER_SOAP},
};

/* Tables: over-fitting is the limit; smoothing falls until the held-out mismatch says stop. */
static const usual FINITE[PROBLEM_COUNT] = {
    [PROBLEM_QUADRATIC] = {1, 20, 128, 256, 2800, 4e-3, 0.995, 0.7, 0.05, ENOT_OPTIMIZER_ADAM},
    [PROBLEM_CONVEX] = {0.99, 1, 128, 256, 2800, 4e-3, 0.995, 0.7, 0.05, ENOT_OPTIMIZER_ADAM},
    [PROBLEM_FIELD] = {0.9, 1, 128, 256, 12000, 5e-4, 0.995, 0.2, 0.05, ENOT_OPTIMIZER_ADAM},
    [PROBLEM_WIDE] = {1, 20, 128, 1024, 3000, 3.7e-3, 0.995, 0.5, 0.3, ENOT_OPTIMIZER_SOAP},
    [PROBLEM_IMAGES] = {0.99, 1, 0, 32, 2000, 4e-4, 0.995, 0, 0, ENOT_OPTIMIZER_ADAMW},
};

int usual_is_endless(const settings_facts *facts) { return facts->source_rows < 0 && facts->target_rows < 0; }

/* Tables of this many rows on both sides over-fit late: they are worth twice the steps, and less noise at the end. */
#define LARGE_TABLE 8000
#define LARGE_SMOOTHING_LAST 0.02

static int reaches(int64_t rows, int64_t least) { return rows < 0 || rows >= least; }

static int both_reach(const settings_facts *facts, int64_t least) {
    return reaches(facts->source_rows, least) && reaches(facts->target_rows, least);
}

static int are_large_tables(const settings_facts *facts) { return !usual_is_endless(facts) && both_reach(facts, LARGE_TABLE); }

/*
 * From so many columns on Adam's steps diverge, or find nothing better than the start (docs/method.md, "Tables of many columns"); of fewer
 * rows nothing much is learned.
 */
#define WIDE_COLUMNS 97
#define WIDE_ROWS 1000

static int are_wide_tables(const settings_facts *facts) { return facts->dim >= WIDE_COLUMNS && both_reach(facts, WIDE_ROWS); }

static problem quadratic_kind(const settings_facts *facts, const settings *s) {
    if (usual_is_endless(facts)) return s->smoothing_first == 0 ? PROBLEM_SMOOTH : PROBLEM_QUADRATIC;
    return are_wide_tables(facts) ? PROBLEM_WIDE : PROBLEM_QUADRATIC;
}

static problem problem_of(const settings_facts *facts, const settings *s) {
    if (settings_for_images(s)) return PROBLEM_IMAGES;
    if (s->cost.kind == &cost_sqeuclidean || s->form == ENOT_FORM_DOT_PRODUCT) return quadratic_kind(facts, s);
    return s->form == ENOT_FORM_VECTOR_FIELD ? PROBLEM_FIELD : PROBLEM_CONVEX;
}

static int is_quadratic(problem p) { return p == PROBLEM_QUADRATIC || p == PROBLEM_SMOOTH || p == PROBLEM_WIDE; }

/*
 * In few columns measures that never run out show every point that a map leaves between the pieces of what it tears apart: candidates
 * and depth make the tears sharp (docs/costs.md).
 */
#define FEW_COLUMNS 8

static int is_endless_plane(const settings_facts *facts) { return usual_is_endless(facts) && facts->dim < FEW_COLUMNS; }

#define LAYERS 3
#define LAYERS_SHARP 6
#define CANDIDATES 256

/* Updates that SOAP's usual rate bears: the weights' walk in directions without a gradient grows as rate sqrt(steps). */
#define SOAP_STEPS 2000

/*
 * What the table leaves open for smooth maps: in few columns rows are the limit, and narrow deep networks learn most from each; in
 * many the optimisation is. Networks of SiLU learn fastest there, but with yet more columns they diverge where those of ELU do not
 * (docs/benchmark.md, "Many columns").
 */
typedef struct smooth_network {
    int64_t below, width, layers; /* below: so many columns */
    activation activation;
    double learning_rate;
    int64_t soap_steps;
} smooth_network;

static const smooth_network SMOOTH_NETWORKS[] = {{FEW_COLUMNS, 64, 8, ACTIVATION_ELU, 5e-3, SOAP_STEPS},
                                                 {32, 128, 4, ACTIVATION_ELU, 5e-3, SOAP_STEPS},
                                                 {65, 256, 3, ACTIVATION_SILU, 3.5e-3, 4000},
                                                 {INT64_MAX, 256, 3, ACTIVATION_ELU, 5e-3, SOAP_STEPS}};

/* Columns up to which these rates hold; beyond, they fall as the columns grow (docs/benchmark.md, "Many columns"). */
#define RATE_COLUMNS 128

static double rate_of_columns(int64_t dim) { return dim > RATE_COLUMNS ? RATE_COLUMNS / (double)dim : 1; }

static void choose_network(const settings_facts *facts, problem p, usual *u) {
    u->layers = is_endless_plane(facts) ? LAYERS_SHARP : LAYERS;
    u->activation = ACTIVATION_ELU;
    u->soap_steps = SOAP_STEPS;
    if (p != PROBLEM_SMOOTH) return;
    const smooth_network *n = SMOOTH_NETWORKS;
    while (facts->dim >= n->below) n++;
    u->width = n->width;
    u->layers = n->layers;
    u->activation = n->activation;
    u->learning_rate = n->learning_rate * rate_of_columns(facts->dim);
    u->soap_steps = n->soap_steps;
}

/* Potentials of quadratic costs leave the map no wrong place to stay in, and with many columns a search costs more than it brings. */
static int64_t candidates_for(const settings_facts *facts, const settings *s) {
    if (s->method != ENOT_METHOD_ENOT || settings_for_images(s)) return 0;
    problem p = problem_of(facts, s);
    return is_quadratic(p) && (p == PROBLEM_SMOOTH || !is_endless_plane(facts)) ? 0 : CANDIDATES;
}

/* What makes the map unique where the cost does not, in the end too little to change its cost (docs/mathematics.md, "Degenerate costs"). */
#define RIDGE_FIRST 0.5
#define RIDGE_LAST 0.02

/* Part of the rows for the report. Images to train on are dear, and few of them tell two maps apart. */
#define VALIDATION 0.1
#define VALIDATION_IMAGES 0.05

#define EVALUATIONS 80
#define EVALUATIONS_IMAGES 20

#define PATIENCE 32
#define PATIENCE_WIDE 48 /* maps of many columns get worse than the start before they get better */

usual usual_for(const settings_facts *facts, const settings *s) {
    int endless = usual_is_endless(facts);
    problem p = problem_of(facts, s);
    usual u = (endless ? ENDLESS : FINITE)[p];
    if (is_quadratic(p)) u.coefficient /= (double)facts->dim;
    int images = settings_for_images(s);
    u.validation = images ? VALIDATION_IMAGES : VALIDATION;
    u.evaluations = images ? EVALUATIONS_IMAGES : EVALUATIONS;
    u.patience = p == PROBLEM_WIDE ? PATIENCE_WIDE : PATIENCE;
    if (p != PROBLEM_IMAGES && p != PROBLEM_WIDE && are_large_tables(facts)) {
        u.steps *= 2;
        u.smoothing_last = LARGE_SMOOTHING_LAST;
    }
    choose_network(facts, p, &u);
    u.candidates = candidates_for(facts, s);
    u.growing = p == PROBLEM_SMOOTH;
    if (s->cost.kind->degenerate && s->method == ENOT_METHOD_ENOT) u.ridge_first = RIDGE_FIRST, u.ridge_last = RIDGE_LAST;
    return u;
}

enot_form usual_form(const cost_kind *kind) {
    if (cost_allows(kind, ENOT_FORM_DOT_PRODUCT)) return ENOT_FORM_DOT_PRODUCT;
    return kind->conjugate && !kind->prefers_field ? ENOT_FORM_POTENTIAL : ENOT_FORM_VECTOR_FIELD;
}

static const usual_habits HABITS[] = {
    [ENOT_OPTIMIZER_ADAM] = {1, 0.9, 0.99},
    [ENOT_OPTIMIZER_ADAMW] = {1, 0.9, 0.99},
    [ENOT_OPTIMIZER_SOAP] = {2, 0.5, 0.95},
    [ENOT_OPTIMIZER_MUON] = {2, 0.9, 0.95},
};

/* As published for images: with a memory so short Adam follows a critic that moves. */
static const usual_habits IMAGE_HABITS = {1, 0.5, 0.9};

const usual_habits *usual_habits_of(const settings *s, enot_optimizer kind) {
    return settings_for_images(s) ? &IMAGE_HABITS : &HABITS[kind];
}

double usual_rate(const usual *u, const usual_habits *h, const optimizer *o) {
    double rate = h->rate * u->learning_rate;
    if (o->kind == ENOT_OPTIMIZER_SOAP && o->steps > u->soap_steps) rate *= sqrt((double)u->soap_steps / (double)o->steps);
    return rate;
}

/* New bases cost SOAP as much as two of its updates with narrow layers, more with wide ones. */
int64_t usual_refresh(const settings *s) {
    const int64_t wide = 256;
    for (int64_t i = 0; i < s->hidden_count; i++)
        if (s->hidden[i] > wide) return 20;
    return 10;
}
