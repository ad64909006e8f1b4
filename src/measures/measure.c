#include "measures/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "core/suggest.h"
#include "measures/kind.h"
#include "measures/normals.h"
#include "measures/w2bench.h"

#define TOKEN_CAPACITY 64
#define NAMES_MAX 32

static const char SOURCE_PREFIX[] = "w2bench:", TARGET_PREFIX[] = "w2bench_target:";

struct measure {
    const ops *ops;
    int64_t dim;
    const measure_kind *kind; /* NULL for w2bench */
    double values[MEASURE_PARAMETERS_MAX];
    w2bench *bench;
    int is_target;
};

static int starts_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

static const measure_kind *find_kind(const char *name) {
    for (size_t i = 0; measure_kinds[i]; i++)
        if (strcmp(measure_kinds[i]->name, name) == 0) return measure_kinds[i];
    return NULL;
}

static int find_parameter(const measure_kind *kind, const char *name) {
    for (int i = 0; kind->parameters[i].name; i++)
        if (strcmp(kind->parameters[i].name, name) == 0) return i;
    return -1;
}

static enot_status fail_name(enot_context *context, const char *spec, const char *name) {
    const char *names[NAMES_MAX] = {"w2bench", "w2bench_target"};
    size_t count = 2;
    for (size_t i = 0; measure_kinds[i] && count < NAMES_MAX; i++) names[count++] = measure_kinds[i]->name;
    if (strcmp(name, "w2bench") == 0 || strcmp(name, "w2bench_target") == 0)
        return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%s: give the file of the benchmark: measure:%s:FILE",
                            spec, name);
    const char *nearest = suggest_nearest(name, names, count);
    return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%s: there is no measure \"%s\"%s%s%s", spec, name,
                        nearest ? ", did you mean " : ": gaussian, moons and others are known", nearest ? nearest : "",
                        nearest ? "?" : "");
}

static enot_status fail_parameter(enot_context *context, const char *spec, const measure_kind *kind, const char *name) {
    const char *names[MEASURE_PARAMETERS_MAX] = {0};
    size_t count = 0;
    for (; kind->parameters[count].name; count++) names[count] = kind->parameters[count].name;
    const char *nearest = suggest_nearest(name, names, count);
    if (nearest)
        return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%s: %s has no parameter \"%s\", did you mean %s?",
                            spec, kind->name, name, nearest);
    return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%s: %s has no parameter \"%s\": its first one is %s", spec,
                        kind->name, name, names[0]);
}

static enot_status set_parameter(enot_context *context, const char *spec, measure *m, const char *name,
                                 const char *text) {
    int index = find_parameter(m->kind, name);
    if (index < 0) return fail_parameter(context, spec, m->kind, name);
    const measure_parameter *p = &m->kind->parameters[index];
    double value;
    if (number_parse(text, strlen(text), &value) != NUMBER_FINITE)
        return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%s: %s=%s is not a number", spec, name, text);
    if (value < p->least || value > p->most || (p->whole && value != floor(value)))
        return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%s: %s is %s: give %s from %g to %g", spec, name, text,
                            p->whole ? "a whole number" : "a number", p->least, p->most);
    m->values[index] = value;
    return ENOT_OK;
}

/* Copies the text before the first of the stop characters to token and moves *text onto that character. */
static enot_status take_token(enot_context *context, const char *spec, const char **text, const char *stops,
                              char *token) {
    size_t size = strcspn(*text, stops);
    if (size >= TOKEN_CAPACITY)
        return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%.200s: a name or number is longer than %d characters",
                            spec, TOKEN_CAPACITY - 1);
    memcpy(token, *text, size);
    token[size] = 0;
    *text += size;
    return ENOT_OK;
}

/* text: key=value,... */
static enot_status read_parameters(enot_context *context, const char *spec, const char *text, measure *m) {
    char name[TOKEN_CAPACITY], number[TOKEN_CAPACITY];
    for (;;) {
        TRY(take_token(context, spec, &text, "=,", name));
        if (*text != '=')
            return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%s: \"%s\" is not of the form key=value", spec,
                                name);
        text++;
        TRY(take_token(context, spec, &text, ",", number));
        TRY(set_parameter(context, spec, m, name, number));
        if (!*text) return ENOT_OK;
        text++;
    }
}

static enot_status open_bench(enot_context *context, const char *path, int is_target, measure *m) {
    TRY(w2bench_open(context, path, &m->bench));
    m->is_target = is_target;
    m->dim = w2bench_dim(m->bench);
    return ENOT_OK;
}

static enot_status open_kind(enot_context *context, const char *spec, measure *m) {
    const char *text = spec;
    char name[TOKEN_CAPACITY];
    TRY(take_token(context, spec, &text, ":", name));
    m->kind = find_kind(name);
    if (!m->kind) return fail_name(context, spec, name);
    for (int i = 0; m->kind->parameters[i].name; i++) m->values[i] = m->kind->parameters[i].initial;
    if (*text == ':') TRY(read_parameters(context, spec, text + 1, m));
    m->dim = m->kind->dim ? m->kind->dim : (int64_t)m->values[0];
    return ENOT_OK;
}

enot_status measure_open(enot_context *context, const char *spec, measure **out) {
    measure *m;
    TRY(MEMORY_NEW(context, 1, "a measure", &m));
    m->ops = ops_select();
    enot_status status;
    size_t source = strlen(SOURCE_PREFIX), target = strlen(TARGET_PREFIX);
    if (starts_with(spec, SOURCE_PREFIX) && spec[source])
        status = open_bench(context, spec + source, 0, m);
    else if (starts_with(spec, TARGET_PREFIX) && spec[target])
        status = open_bench(context, spec + target, 1, m);
    else
        status = open_kind(context, spec, m);
    if (status == ENOT_OK)
        *out = m;
    else
        measure_close(m);
    return status;
}

void measure_close(measure *m) {
    if (!m) return;
    w2bench_close(m->bench);
    memory_destroy(m);
}

int64_t measure_dim(const measure *m) { return m->dim; }

/* Rows that share a call of the generator, on the stack. */
#define NORMALS_AT_ONCE (2 * MEASURE_DIM_MAX)

static void draw_kind(const measure *m, uint64_t seed, int64_t first, int64_t count, double *rows) {
    real normals[NORMALS_AT_ONCE];
    int64_t at_once = NORMALS_AT_ONCE / m->dim;
    for (int64_t i = 0; i < count; i++) {
        int64_t place = i % at_once, left = count - i, drawn = left < at_once ? left : at_once;
        if (place == 0)
            normals_rows(m->ops, seed, RANDOM_STREAM_MEASURE_NORMALS, (uint64_t)(first + i), drawn, m->dim, normals);
        random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)(first + i));
        m->kind->draw(m->values, m->dim, &row, normals + place * m->dim, rows + i * m->dim);
    }
}

void measure_draw(const measure *m, uint64_t seed, int64_t first, int64_t count, double *rows) {
    if (m->kind)
        draw_kind(m, seed, first, count, rows);
    else
        w2bench_draw_source(m->bench, seed, first, count, rows);
    if (m->is_target) w2bench_map(m->bench, rows, count, rows);
}
