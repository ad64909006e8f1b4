#include "train/settings.h"

#include <math.h>

#include "data/cost_file.h"
#include "ops/bf16.h"
#include "train/batches/features.h"
#include "train/batches/growth.h"
#include "train/methods/method.h"
#include "train/settings_images.h"
#include "train/usual.h"

int settings_for_images(const settings *s) { return image_shape_is_set(s->images.shape); }

network_sizes settings_sizes(const settings *s) { return (network_sizes){s->activation, s->hidden, s->hidden_count, s->images}; }

int settings_both_at_once(const settings *s) {
    return s->method == ENOT_METHOD_ENOT && s->form != ENOT_FORM_VECTOR_FIELD && s->directions == ENOT_DIRECTIONS_BOTH;
}

int settings_reversed(const settings *s, int64_t step) {
    return s->form != ENOT_FORM_VECTOR_FIELD && s->directions == ENOT_DIRECTIONS_ALTERNATE && step % 2 == 1;
}

/* From first at the first step to last at the last one. */
static double geometric(const settings *s, int64_t step, double first, double last) {
    if (first <= 0) return 0;
    double done = s->optimizer.steps > 1 ? (double)step / (double)(s->optimizer.steps - 1) : 0;
    return first * pow(last / first, done);
}

double settings_smoothing(const settings *s, int64_t step) { return geometric(s, step, s->smoothing_first, s->smoothing_last); }

double settings_ridge(const settings *s, int64_t step) { return s->ridge_unit * geometric(s, step, s->ridge_first, s->ridge_last); }

/* *out = the option, or fallback if it is automatic; refused outside its range. */
static enot_status real_option(enot_context *context, const char *name, double option, double fallback, int valid,
                               const char *range, double *out) {
    *out = option == ENOT_AUTO ? fallback : option;
    if (option == ENOT_AUTO || (isfinite(option) && valid)) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "%s is %g, but must be %s", name, option, range);
}

static enot_status count_option(enot_context *context, const char *name, int64_t option, int64_t fallback, int64_t least,
                                int64_t most, int64_t *out) {
    *out = option == ENOT_AUTO ? fallback : option;
    if (option == ENOT_AUTO || (option >= least && option <= most)) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "%s is %lld, but must be %lld to %lld", name, (long long)option,
                        (long long)least, (long long)most);
}

static enot_status parse_cost(enot_context *context, const enot_fit_options *o, const settings_facts *facts, cost *out) {
    const char *name = o->cost;
    const enot_cost *callback = o->cost_callback;
    if (callback && (!callback->value || !callback->gradient))
        return context_fail(context, ENOT_ERR_ARGUMENT, "a cost by callback needs both its value and its gradient");
    if (callback && o->cost)
        return context_fail(context, ENOT_ERR_ARGUMENT, "both a cost by name and one by callback are given: leave one out");
    if (!name && !callback && image_shape_is_set(facts->image)) name = SETTINGS_IMAGE_COST;
    return cost_parse(context, name, facts->dim, &(cost_source){cost_file_read, NULL, callback}, out);
}

static enot_status resolve_problem(enot_context *context, const enot_fit_options *o, const settings_facts *facts,
                                   settings *s) {
    TRY(parse_cost(context, o, facts, &s->cost));
    int has_conjugate = s->cost.kind->conjugate != NULL;
    s->scale = o->scale;
    if (s->scale == ENOT_SCALE_COLUMN && s->cost.kind->manifold)
        return context_fail(context, ENOT_ERR_ARGUMENT, "scale column moves points off where the cost %s puts them: use scale global",
                            s->cost.kind->name);
    s->form = o->form;
    if (o->form == ENOT_FORM_AUTO)
        s->form = image_shape_is_set(facts->image) ? ENOT_FORM_VECTOR_FIELD : method_prefer_form(o->method, usual_form(s->cost.kind));
    if (s->form == ENOT_FORM_DOT_PRODUCT && !cost_is_quadratic(s->cost.kind))
        return context_fail(context, ENOT_ERR_ARGUMENT,
                            "form dot_product is for squared distances, the cost is %s: use form %s", s->cost.kind->name,
                            has_conjugate ? "potential" : "vector_field");
    if (s->form == ENOT_FORM_POTENTIAL && !has_conjugate)
        return context_fail(context, ENOT_ERR_ARGUMENT,
                            "form potential needs a cost h(x - y) with strictly convex h, which %s is not: use form vector_field",
                            s->cost.kind->name);
    return ENOT_OK;
}

static enot_status resolve_networks(enot_context *context, const enot_fit_options *o, const usual *u, settings *s) {
    if (settings_for_images(s)) return ENOT_OK;
    s->hidden_count = o->hidden ? (int64_t)o->hidden_count : u->layers;
    if (s->hidden_count < 1 || s->hidden_count > SETTINGS_MAX_HIDDEN)
        return context_fail(context, ENOT_ERR_ARGUMENT, "%lld hidden layers: give 1 to %d", (long long)s->hidden_count,
                            SETTINGS_MAX_HIDDEN);
    for (int64_t i = 0; i < s->hidden_count; i++)
        TRY(count_option(context, "the width of a hidden layer", o->hidden ? o->hidden[i] : u->width, 0, 1, 65536,
                         &s->hidden[i]));
    s->activation = u->activation;
    if (o->activation) TRY(activation_parse(context, o->activation, &s->activation));
    if (s->form != ENOT_FORM_VECTOR_FIELD && !activation_has_curvature(s->activation))
        return context_fail(context, ENOT_ERR_ARGUMENT,
                            "activation %s has no second derivative, so a map that is the gradient of such a network cannot "
                            "learn: use elu, celu, silu, gelu, softplus or tanh, or form vector_field",
                            activation_name(s->activation));
    return ENOT_OK;
}

/* lambda, where the option says nothing. */
static double usual_coefficient(const usual *u, const settings *s) {
    const method *m = method_of(s->method);
    if (!m) return u->coefficient;
    return m->coefficient == METHOD_HAS_NONE ? 0 : m->coefficient;
}

static enot_status resolve_loss(enot_context *context, const enot_fit_options *o, const usual *u, settings *s) {
    s->directions = o->directions;
    s->reverse = o->reverse && s->form == ENOT_FORM_VECTOR_FIELD;
    TRY(real_option(context, "the expectile tau", o->expectile, u->expectile, o->expectile > 0.5 && o->expectile <= 1,
                    "greater than 0.5 and at most 1", &s->expectile));
    return real_option(context, "the expectile coefficient lambda", o->expectile_coefficient,
                       usual_coefficient(u, s), o->expectile_coefficient >= 0, "at least 0", &s->coefficient);
}

/* Of one training: batch and steps, which a budget in rows gives; those of one in minutes were planned before. */
static enot_status resolve_length(enot_context *context, const enot_fit_options *o, const usual *u, settings *s) {
    int64_t budget, *steps = &s->optimizer.steps;
    TRY(count_option(context, "batch", o->batch, u->batch, 1, INT64_C(1) << 24, &s->batch));
    TRY(count_option(context, "steps", o->steps, u->steps, 0, INT64_C(1) << 40, steps));
    TRY(real_option(context, "the time in minutes", o->minutes, 0, o->minutes > 0, "greater than 0", &s->minutes));
    TRY(count_option(context, "the budget of rows", o->budget, 0, s->batch, INT64_C(1) << 40, &budget));
    s->growing = u->growing && o->batch == ENOT_AUTO && s->method == ENOT_METHOD_ENOT;
    if (o->budget != ENOT_AUTO) *steps = growth_steps_of(s, budget);
    s->evaluations = u->evaluations;
    s->evaluate_every = *steps > s->evaluations ? *steps / s->evaluations : 1;
    return ENOT_OK;
}

static enot_status resolve_optimizer(enot_context *context, const enot_fit_options *o, const usual *u, settings *s) {
    optimizer *out = &s->optimizer;
    out->kind = o->optimizer == ENOT_OPTIMIZER_AUTO ? u->optimizer : o->optimizer;
    const usual_habits *h = usual_habits_of(s, out->kind);
    out->schedule = o->schedule;
    TRY(count_option(context, "refresh", o->refresh, usual_refresh(s), 1, INT64_C(1) << 40, &out->refresh));
    TRY(count_option(context, "warmup steps", o->warmup_steps, 0, 0, INT64_C(1) << 40, &out->warmup_steps));
    double rate = usual_rate(u, h, out) * (method_of(s->method) ? method_of(s->method)->rate : 1);
    TRY(real_option(context, "the learning rate", o->learning_rate, rate, o->learning_rate > 0, "greater than 0", &out->learning_rate));
    TRY(real_option(context, "beta1", o->beta1, h->beta1, o->beta1 >= 0 && o->beta1 < 1, "at least 0 and less than 1", &out->beta1));
    TRY(real_option(context, "beta2", o->beta2, h->beta2, o->beta2 >= 0 && o->beta2 < 1, "at least 0 and less than 1",
                    &out->beta2));
    TRY(real_option(context, "epsilon", o->epsilon, 1e-8, o->epsilon > 0, "greater than 0", &out->epsilon));
    TRY(real_option(context, "the weight decay", o->weight_decay, 1e-4, o->weight_decay >= 0, "at least 0", &out->weight_decay));
    TRY(real_option(context, "the schedule's final fraction", o->schedule_final, 0.01,
                    o->schedule_final >= 0 && o->schedule_final <= 1, "at least 0 and at most 1", &out->schedule_final));
    return real_option(context, "the averaging decay", o->averaging, u->averaging, o->averaging >= 0 && o->averaging < 1,
                       "at least 0 and less than 1", &out->averaging);
}

/* In fewer columns rounding shows in vector fields, and what SOAP trains does not bear it (docs/performance.md, "Mixed precision"). */
#define BF16_COLUMNS 16

static int bears_bf16(const settings_facts *facts, const settings *s) {
    if (settings_for_images(s)) return 0;
    int is_adam = s->optimizer.kind == ENOT_OPTIMIZER_ADAM || s->optimizer.kind == ENOT_OPTIMIZER_ADAMW;
    return facts->dim >= BF16_COLUMNS || (is_adam && s->form != ENOT_FORM_VECTOR_FIELD);
}

static enot_precision resolve_precision(const enot_fit_options *o, const settings_facts *facts, const settings *s) {
    if (o->precision != ENOT_PRECISION_AUTO) return o->precision;
    return bf16_fast() && bears_bf16(facts, s) ? ENOT_PRECISION_BF16 : ENOT_PRECISION_F32;
}

static int resolve_calibration(const enot_fit_options *o, const settings_facts *facts, const settings *s) {
    if (settings_for_images(s) || s->method != ENOT_METHOD_ENOT || features_choose_count(facts->dim, s->batch) == 0) return 0;
    return o->calibration == ENOT_CALIBRATION_AUTO ? usual_is_endless(facts) && s->smoothing_first == 0 : o->calibration == ENOT_CALIBRATION_ON;
}

static enot_status resolve_candidates(enot_context *context, const enot_fit_options *o, const usual *u, settings *s) {
    TRY(count_option(context, "the number of candidates", o->candidates, u->candidates, 0, INT64_C(1) << 24, &s->candidates));
    if (s->candidates > s->batch) s->candidates = s->batch;
    return ENOT_OK;
}

static enot_status resolve_ridge(enot_context *context, const enot_fit_options *o, const usual *u, settings *s) {
    TRY(real_option(context, "the ridge", o->ridge, u->ridge_last, o->ridge >= 0, "at least 0", &s->ridge_last));
    s->ridge_first = o->ridge == 0 || u->ridge_first < s->ridge_last ? s->ridge_last : u->ridge_first;
    return ENOT_OK;
}

static enot_status resolve_data(enot_context *context, const enot_fit_options *o, const usual *u, settings *s) {
    TRY(real_option(context, "the validation fraction", o->validation, u->validation, o->validation >= 0 && o->validation <= 0.5,
                    "at least 0 and at most 0.5", &s->validation));
    TRY(count_option(context, "patience", o->patience, u->patience, 0, INT64_C(1) << 40, &s->patience));
    s->smoothing_last = s->smoothing_first;
    if (s->smoothing_first == ENOT_AUTO) {
        s->smoothing_first = u->smoothing_first;
        s->smoothing_last = u->smoothing_last;
    }
    s->seed = o->seed;
    return ENOT_OK;
}

static enot_status resolve(enot_context *context, const enot_fit_options *options, const settings_facts *facts, settings *s) {
    TRY(method_check(context, options));
    TRY(settings_check_images(context, options, facts));
    TRY(resolve_problem(context, options, facts, s));
    TRY(settings_resolve_images(context, options, facts, s));
    TRY(method_resolve(context, options, s));
    TRY(real_option(context, "smoothing", options->smoothing, ENOT_AUTO, options->smoothing >= 0, "at least 0", &s->smoothing_first));
    const usual u = usual_for(facts, s);
    TRY(resolve_networks(context, options, &u, s));
    TRY(resolve_loss(context, options, &u, s));
    TRY(resolve_length(context, options, &u, s));
    TRY(resolve_optimizer(context, options, &u, s));
    TRY(resolve_data(context, options, &u, s));
    TRY(resolve_candidates(context, options, &u, s));
    TRY(resolve_ridge(context, options, &u, s));
    s->precision = resolve_precision(options, facts, s);
    s->calibrated = resolve_calibration(options, facts, s);
    return ENOT_OK;
}

enot_status settings_resolve(enot_context *context, const enot_fit_options *options, const settings_facts *facts,
                             settings *out) {
    settings s = {0};
    enot_status status = resolve(context, options, facts, &s);
    if (status)
        cost_destroy(&s.cost);
    else
        *out = s;
    return status;
}
