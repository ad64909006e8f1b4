#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/fingerprint.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/suggest.h"
#include "core/text.h"
#include "cost/cost.h"

/* What users choose from; cost_dot_product is internal to the form of that name. */
static const cost_kind *const KINDS[] = {
    &cost_sqeuclidean, &cost_euclidean,    &cost_pnorm,        &cost_sq_pnorm,        &cost_mahalanobis,      &cost_huber,
    &cost_concave,     &cost_elastic_l1,   &cost_elastic_stvs, &cost_elastic_overlap, &cost_elastic_subspace, &cost_periodic,
    &cost_cosine,      &cost_arccos,       &cost_geodesic,    &cost_mean_squared, &cost_projected};
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
    char most[40] = "";
    if (p->at_most < 1e300) snprintf(most, sizeof most, " and at most %g", p->at_most);
    return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s: %s is %g, but must be %s %g%s", kind->name, p->name, value,
                        p->may_equal_above ? "at least" : "greater than", p->above, most);
}

static enot_status refuse_parameter(enot_context *context, const cost_kind *kind, const char *key) {
    const char *names[COST_MAX_PARAMETERS + 1];
    int count = parameter_count(kind);
    for (int i = 0; i < count; i++) names[i] = kind->parameters[i].name;
    if (kind->array) names[count++] = kind->array;
    const char *near = suggest_nearest(key, names, count);
    return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s has no parameter '%s'%s%s%s: %s", kind->name, key,
                        near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "", kind->formula);
}

static enot_status read_array(enot_context *context, const cost_source *source, const char *name, cost *out) {
    if (!source || !source->read)
        return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s: files are not read here", out->kind->name);
    memory_destroy(out->array.values);
    out->array = (cost_array){0};
    return source->read(context, source->user, name, &out->array);
}

static enot_status read_parameter(enot_context *context, const cost_source *source, const char *key, const char *value, cost *out) {
    const cost_kind *kind = out->kind;
    if (kind->array && strcmp(key, kind->array) == 0 && *value) return read_array(context, source, value, out);
    for (int i = 0; i < parameter_count(kind); i++) {
        if (strcmp(key, kind->parameters[i].name) != 0) continue;
        double number;
        if (number_parse(value, strlen(value), &number) != NUMBER_FINITE)
            return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s: write %s=NUMBER instead of '%s%s%s'", kind->name, key, key,
                                *value ? "=" : "", value);
        out->parameters[i] = number;
        return check_range(context, kind, &kind->parameters[i], number);
    }
    return refuse_parameter(context, kind, key);
}

/* "key=value,..." */
static enot_status read_parameters(enot_context *context, const cost_source *source, const char *text, cost *out) {
    enum { CAPACITY = 4200 }; /* a path and its key */
    char item[CAPACITY];
    do {
        size_t length = strcspn(text, ",");
        if (length >= CAPACITY)
            return context_fail(context, ENOT_ERR_ARGUMENT, "cost %s: parameter '%.40s...' is too long", out->kind->name, text);
        memcpy(item, text, length);
        item[length] = 0;
        char *equals = strchr(item, '=');
        if (equals) *equals = 0;
        TRY(read_parameter(context, source, item, equals ? equals + 1 : "", out));
        text += length;
    } while (*text++);
    return ENOT_OK;
}

static enot_status begin(enot_context *context, const char *text, const cost_source *source, cost *c) {
    size_t name_length = strcspn(text, ":");
    if (source && source->callback) {
        c->kind = &cost_callback;
        size_t size = source->callback->size;
        memcpy(&c->callback, source->callback, size < sizeof c->callback ? size : sizeof c->callback);
    } else {
        TRY(find_kind(context, text, name_length, &c->kind));
    }
    for (int i = 0; i < parameter_count(c->kind); i++) c->parameters[i] = c->kind->parameters[i].fallback;
    if (text[name_length]) TRY(read_parameters(context, source, text + name_length + 1, c));
    return c->kind->prepare ? c->kind->prepare(context, c) : ENOT_OK;
}

enot_status cost_parse(enot_context *context, const char *text, int64_t dim, const cost_source *source, cost *out) {
    *out = (cost){.dim = dim, .unit = 1};
    return begin(context, text ? text : "sqeuclidean", source, out);
}

enot_status cost_copy(enot_context *context, const cost *c, cost *out) {
    int64_t count = c->array.rows * c->array.columns;
    *out = *c;
    out->array.values = NULL;
    out->numbers = NULL;
    if (c->array.values) {
        TRY(MEMORY_NEW(context, count, "a cost", &out->array.values));
        memcpy(out->array.values, c->array.values, (size_t)count * sizeof *out->array.values);
    }
    return out->kind->prepare ? out->kind->prepare(context, out) : ENOT_OK;
}

void cost_destroy(cost *c) {
    memory_destroy(c->array.values);
    memory_destroy(c->numbers);
    *c = (cost){0};
}

int cost_settles(const cost *c) { return c->kind->manifold && c->kind->manifold->settle; }

void cost_settle(const cost *c, int64_t rows, double *points) {
    if (cost_settles(c)) c->kind->manifold->settle(c, rows, points);
}

int cost_is_quadratic(const cost_kind *kind) { return kind == &cost_sqeuclidean || kind->metric; }

enot_status cost_create_metric(enot_context *context, const cost *c, double **metric) {
    *metric = NULL;
    if (!c->kind->metric) return ENOT_OK;
    TRY(MEMORY_NEW(context, c->dim * c->dim, "the matrix of a cost", metric));
    c->kind->metric(c, *metric);
    return ENOT_OK;
}

int cost_allows(const cost_kind *kind, enot_form form) {
    if (form == ENOT_FORM_DOT_PRODUCT) return cost_is_quadratic(kind);
    return form == ENOT_FORM_VECTOR_FIELD || kind->conjugate;
}

cost cost_rescaled(const cost *c, double unit, double *factor) {
    cost scaled = *c;
    scaled.unit *= unit;
    if (c->kind->rescale) c->kind->rescale(scaled.parameters, unit);
    *factor = pow(unit, c->kind->degree(c)) * (c->kind->size ? c->kind->size(c) : 1);
    return scaled;
}

static unsigned long long array_fingerprint(const cost_array *a) {
    fingerprint mark = fingerprint_start();
    fingerprint_add(&mark, &a->columns, sizeof a->columns);
    fingerprint_add(&mark, a->values, (size_t)(a->rows * a->columns) * sizeof *a->values);
    return fingerprint_value(&mark);
}

int cost_print(const cost *c, char *text, size_t capacity) {
    int length = snprintf(text, capacity, "%s", c->kind->name), count = 0;
    for (int i = 0; i < parameter_count(c->kind); i++) {
        size_t used = (size_t)length < capacity ? (size_t)length : capacity;
        length += snprintf(text + used, capacity - used, "%c%s=%.17g", count++ ? ',' : ':', c->kind->parameters[i].name,
                           c->parameters[i]);
    }
    size_t used = (size_t)length < capacity ? (size_t)length : capacity;
    if (c->array.values)
        length += snprintf(text + used, capacity - used, "%c%s=%016llx", count ? ',' : ':', c->kind->array, array_fingerprint(&c->array));
    return length;
}

static void append_forms(text *list, const cost_kind *kind) {
    static const char *const NAMES[] = {[ENOT_FORM_POTENTIAL] = "potential", [ENOT_FORM_DOT_PRODUCT] = "dot_product",
                                        [ENOT_FORM_VECTOR_FIELD] = "vector_field"};
    const char *before = "; forms ";
    for (int form = 0; form < 3; form++) {
        if (!cost_allows(kind, (enot_form)form)) continue;
        text_append(list, "%s%s", before, NAMES[form]);
        before = ", ";
    }
}

static void append_kind(text *list, const cost_kind *kind) {
    const char *before = "   with ";
    text_append(list, "%-16s %s", kind->name, kind->formula);
    for (int i = 0; i < parameter_count(kind); i++, before = "; ") {
        const cost_parameter *p = &kind->parameters[i];
        text_append(list, "%s%s %s %g", before, p->name, p->may_equal_above ? ">=" : ">", p->above);
        if (p->at_most < 1e9) text_append(list, ", <= %g", p->at_most);
        text_append(list, ", default %g", p->fallback);
    }
    if (kind->array) text_append(list, "%s%s=FILE: %s", before, kind->array, kind->array_meaning);
    append_forms(list, kind);
    text_append(list, "\n");
}

enot_status enot_costs_describe(enot_context *context, char **out) {
    text list = {0};
    for (int64_t i = 0; i < KIND_COUNT; i++) append_kind(&list, KINDS[i]);
    return text_take(context, &list, "the list of costs", out);
}
