#include "train/methods/method.h"

#include <string.h>

#include "core/memory.h"
#include "train/methods/enot.h"

static const method *const METHODS[] = {
    [ENOT_METHOD_ENOT] = NULL,
    [ENOT_METHOD_MAXMIN] = &method_maxmin,
    [ENOT_METHOD_W2GN] = &method_w2gn,
    [ENOT_METHOD_MONGE_GAP] = &method_monge_gap,
    [ENOT_METHOD_W2OT] = &method_w2ot,
};

#define METHOD_COUNT (sizeof METHODS / sizeof *METHODS)

const method *method_of(enot_method kind) { return METHODS[kind]; }

const method *method_for(const settings *s) {
    if (METHODS[s->method]) return METHODS[s->method];
    return settings_for_images(s) ? &method_enot_images : &method_enot;
}

const char *method_name(enot_method kind) { return METHODS[kind] ? METHODS[kind]->name : "enot"; }

static int has_form(const method *m, enot_form form) { return (m->forms & METHOD_FORM(form)) != 0; }

enot_form method_prefer_form(enot_method kind, enot_form usual) {
    const method *m = METHODS[kind];
    return m && has_form(m, ENOT_FORM_VECTOR_FIELD) && !has_form(m, usual) ? ENOT_FORM_VECTOR_FIELD : usual;
}

enot_status method_begin(enot_context *context, const method *m, const method_problem *problem, void **training) {
    TRY(memory_create(context, 1, m->size, "a training step", training));
    enot_status status = m->create(context, problem, *training);
    if (!status) return ENOT_OK;
    method_end(m, *training);
    *training = NULL;
    return status;
}

void method_end(const method *m, void *training) {
    if (training) m->destroy(training);
    memory_destroy(training);
}

int method_has_critic(const char *name) {
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (METHODS[i] && strcmp(METHODS[i]->name, name) == 0) return METHODS[i]->critic;
    return 1;
}

/* What of the options is ENOT's alone. */
static const char *foreign_option(const enot_fit_options *o) {
    if (o->expectile != ENOT_AUTO) return "the expectile tau";
    if (o->directions != ENOT_DIRECTIONS_BOTH) return "directions";
    if (o->candidates > 0) return "candidates";
    if (o->ridge > 0) return "a ridge";
    return o->calibration == ENOT_CALIBRATION_ON ? "calibration" : NULL;
}

static enot_status refuse(enot_context *context, const char *what, enot_method kind) {
    return context_fail(context, ENOT_ERR_ARGUMENT, "method %s has no use for %s: leave it out", method_name(kind), what);
}

static enot_status check_form(enot_context *context, const method *m, const settings *s) {
    if (has_form(m, s->form)) return ENOT_OK;
    if (m->forms == METHOD_FORM(ENOT_FORM_DOT_PRODUCT))
        return context_fail(context, ENOT_ERR_ARGUMENT, "method %s needs form dot_product, and so a quadratic cost such as sqeuclidean", m->name);
    return context_fail(context, ENOT_ERR_ARGUMENT, "method %s learns a vector field: use form vector_field", m->name);
}

static enot_status resolve_inner(enot_context *context, const enot_fit_options *o, const method *m, settings *s) {
    s->inner = o->inner;
    if (o->inner == ENOT_AUTO) s->inner = m->inner;
    if (m->inner == METHOD_HAS_NONE)
        return o->inner == ENOT_AUTO ? ENOT_OK : refuse(context, "the inner number", s->method);
    if (s->inner >= 1 && s->inner <= m->inner_most) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "the inner number is %lld, but method %s takes 1 to %lld",
                        (long long)o->inner, m->name, (long long)m->inner_most);
}

enot_status method_check(enot_context *context, const enot_fit_options *o) {
    if ((int)o->method >= 0 && (size_t)o->method < METHOD_COUNT) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "method number %d does not exist: enot_method lists them", (int)o->method);
}

enot_status method_resolve(enot_context *context, const enot_fit_options *o, settings *s) {
    const method *m = METHODS[o->method];
    s->method = o->method;
    s->inner = METHOD_HAS_NONE;
    if (!m) return o->inner == ENOT_AUTO ? ENOT_OK : refuse(context, "the inner number", s->method);
    TRY(check_form(context, m, s));
    if (foreign_option(o)) return refuse(context, foreign_option(o), s->method);
    if (m->coefficient == METHOD_HAS_NONE && o->expectile_coefficient != ENOT_AUTO)
        return refuse(context, "lambda", s->method);
    return resolve_inner(context, o, m, s);
}
