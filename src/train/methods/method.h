/*
 * Training steps, one file each: ENOT's, and those of the methods that it is compared with on the same networks, kernels and data
 * (docs/mathematics.md, "Other methods"). f maps the source; g, where a method has a critic, judges what f makes, and its gradient is
 * the way back.
 */
#ifndef ENOT_TRAIN_METHODS_METHOD_H
#define ENOT_TRAIN_METHODS_METHOD_H

#include "train/batches/feed.h"
#include "train/settings.h"
#include "train/step/step.h"

/* What a method is given; all by reference. */
typedef struct method_problem {
    const settings *settings;
    const transport *t;
    const feed *source, *target;
    network *f, *g;
} method_problem;

typedef struct method {
    const char *name;
    int forms;          /* 1 << form of every form it can train */
    double coefficient; /* usual lambda, or METHOD_HAS_NONE */
    double rate;        /* part of ENOT's usual learning rate that it bears */
    int64_t inner;      /* usual number of what a step repeats, or METHOD_HAS_NONE */
    int64_t inner_most;
    int critic;         /* whether g is trained */
    size_t size;        /* of a training, which is zero before create */
    enot_status (*create)(enot_context *context, const method_problem *problem, void *training);
    void (*destroy)(void *training); /* what it holds, after a create that failed too */
    /*
     * Step number `number`: updates the networks, unless a loss is not finite. losses->dual comes in as the running
     * estimate and stays if the step has none of its own. *operations: of the arithmetic in the step, about.
     */
    enot_status (*step)(void *training, int64_t number, step_losses *losses, double *operations);
    /* What it keeps from step to step beside the networks, *count numbers; NULL: nothing. */
    real *(*state)(const void *training, int64_t *count);
} method;

#define METHOD_HAS_NONE (-1)
#define METHOD_FORM(form) (1 << (form))
#define METHOD_EVERY_FORM \
    (METHOD_FORM(ENOT_FORM_POTENTIAL) | METHOD_FORM(ENOT_FORM_DOT_PRODUCT) | METHOD_FORM(ENOT_FORM_VECTOR_FIELD))

extern const method method_maxmin, method_w2ot, method_monge_gap, method_w2gn;

/* What the trainer runs. */
const method *method_for(const settings *s);

/* One that ENOT is compared with; NULL for ENOT itself. */
const method *method_of(enot_method kind);
const char *method_name(enot_method kind);

/* That there is such a method. */
enot_status method_check(enot_context *context, const enot_fit_options *options);

/* The method and its inner number, of settings whose form is chosen; refuses options that the method has no use for. */
enot_status method_resolve(enot_context *context, const enot_fit_options *options, settings *s);

/* The form that a cost is usually learned in, or a vector field if the method knows nothing else. */
enot_form method_prefer_form(enot_method kind, enot_form usual);

enot_status method_begin(enot_context *context, const method *m, const method_problem *problem, void **training);
/* Accepts NULL for the training. */
void method_end(const method *m, void *training);

/* Whether g is trained by the method of that name. */
int method_has_critic(const char *name);

#endif
