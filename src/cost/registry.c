#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "core/suggest.h"
#include "core/text.h"
#include "cost/cost.h"

/* What users choose from; cost_dot_product is internal to the form of that name. */
static const cost_kind *const KINDS[] = {&cost_sqeuclidean, &cost_euclidean, &cost_pnorm,  &cost_sq_pnorm,
                                         &cost_elastic_l1,  &cost_huber,     &cost_cosine, &cost_arccos};
#define KIND_COUNT ((int64_t)(sizeof KINDS / sizeof *KINDS))

static int parameter_count(const cost_kind *kind) {
    int count = 0;
    while (count < COST_MAX_PARAMETERS && kind->parameters[count].name) count++;
    return count;
}

static enot_status find_kind(enot_context *context, const char *name, size_t length, const cost_kind **kind) {
    const char *names[KIND_COUNT];
    for (int64_t i = 0; i < KIND_COUNT; i++) {
        names[i] = KINDS[i]->name;
        if (strlen(names[i]) == length && memcmp(name, names[i], length) == 0) {
            *kind = KINDS[i];
            return ENOT_OK;
        }
    }
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%.*s", (int)(length < 63 ? length : 63), name);
    const char *near = suggest_nearest(wanted, names, KIND_COUNT);
    return context_fail(context, ENOT_ERR_ARGUMENT, "unknown cost '%s'%s%s%s: use one of those that `enot costs` lists",
                        wanted, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static enot_status check_range(enot_context *context, const cost_kind *kind, const cost_parameter *p, double value) {
    int high_enough = value > p->above || (p->may_equal_above && value == p->above);
    if (high_enough && value <= p->at_most) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s: %s is %g, but must be %s %g%s", kind->name, p->name, value,
                        p->may_equal_above ? "at least" : "greater than", p->above, p->at_most < 1e300 ? " and finite" : "");
}

/* One "key=value" of length bytes. */
static enot_status read_parameter(enot_context *context, const char *item, size_t length, cost *out) {
    char text[64];
    if (length >= sizeof text)
        return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s: parameter '%.40s...' is too long", out->kind->name, item);
    memcpy(text, item, length);
    text[length] = 0;
    char *equals = strchr(text, '=');
    if (equals) *equals = 0;
    const char *names[COST_MAX_PARAMETERS];
    int count = parameter_count(out->kind);
    for (int i = 0; i < count; i++) {
        names[i] = out->kind->parameters[i].name;
        if (strcmp(text, names[i]) != 0) continue;
        double value;
        if (!equals || number_parse(equals + 1, strlen(equals + 1), &value) != NUMBER_FINITE)
            return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s: write %s=NUMBER instead of '%.*s'", out->kind->name,
                                text, (int)length, item);
        out->parameters[i] = value;
        return check_range(context, out->kind, &out->kind->parameters[i], value);
    }
    const char *near = suggest_nearest(text, names, count);
    return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s has no parameter '%s'%s%s%s: %s", out->kind->name, text,
                        near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "", out->kind->formula);
}

enot_status cost_parse(enot_context *context, const char *text, int64_t dim, cost *out) {
    if (!text) text = "sqeuclidean";
    size_t name_length = strcspn(text, ":");
    cost parsed = {.dim = dim};
    TRY(find_kind(context, text, name_length, &parsed.kind));
    for (int i = 0; i < parameter_count(parsed.kind); i++) parsed.parameters[i] = parsed.kind->parameters[i].fallback;
    const char *rest = text + name_length;
    while (*rest) {
        rest++; /* ':' or ',' */
        size_t length = strcspn(rest, ",");
        TRY(read_parameter(context, rest, length, &parsed));
        rest += length;
    }
    *out = parsed;
    return ENOT_OK;
}

cost cost_rescaled(const cost *c, double unit, double *factor) {
    cost scaled = *c;
    if (c->kind->rescale) c->kind->rescale(scaled.parameters, unit);
    *factor = pow(unit, c->kind->degree(c));
    return scaled;
}

int cost_print(const cost *c, char *text, size_t capacity) {
    int length = snprintf(text, capacity, "%s", c->kind->name);
    for (int i = 0; i < parameter_count(c->kind); i++) {
        size_t used = (size_t)length < capacity ? (size_t)length : capacity;
        length += snprintf(text + used, capacity - used, "%c%s=%.17g", i ? ',' : ':', c->kind->parameters[i].name,
                           c->parameters[i]);
    }
    return length;
}

static void append_kind(text *list, const cost_kind *kind) {
    text_append(list, "%-12s %s", kind->name, kind->formula);
    for (int i = 0; i < parameter_count(kind); i++) {
        const cost_parameter *p = &kind->parameters[i];
        text_append(list, "%s%s %s %g, default %g", i ? "; " : "   with ", p->name, p->may_equal_above ? ">=" : ">", p->above,
                    p->fallback);
    }
    text_append(list, "\n");
}

enot_status enot_costs_describe(enot_context *context, char **out) {
    text list = {0};
    for (int64_t i = 0; i < KIND_COUNT; i++) append_kind(&list, KINDS[i]);
    return text_take(context, &list, "the list of costs", out);
}
