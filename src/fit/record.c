#include "fit/record.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "map/file.h"
#include "train/methods/method.h"

static const char *const DIRECTIONS[] = {"both", "alternate"};
static const char *const OPTIMIZERS[] = {"adam", "adamw", "soap", "muon"};
static const char *const PRECISIONS[] = {"f32", "bf16"};
static const char *const SCHEDULES[] = {"cosine", "linear", "constant"};

static enot_status print(enot_context *context, json_t *object, char **json) {
    *json = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    return *json ? ENOT_OK : context_fail_memory(context, 0, "the record of a fit");
}

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static json_t *hidden_of(const settings *s) {
    if (settings_for_images(s)) return NULL;
    json_t *hidden = json_array();
    for (int64_t i = 0; i < s->hidden_count; i++) json_array_append_new(hidden, json_integer(s->hidden[i]));
    return hidden;
}

static json_t *images_of(const settings *s) {
    if (!settings_for_images(s)) return NULL;
    const image_networks *i = &s->images;
    return json_pack("{s:I, s:I, s:I, s:I, s:b}", "unet_width", (json_int_t)i->width, "unet_depth", (json_int_t)i->depth, "critic_filters",
                     (json_int_t)i->filters, "critic_halvings", (json_int_t)i->halvings, "flip", s->flip);
}

static json_t *optimizer_of(const optimizer *o) {
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:s, s:f, s:I, s:I, s:f, s:I}", "optimizer", OPTIMIZERS[o->kind],
                     "learning_rate", o->learning_rate, "beta1", o->beta1, "beta2", o->beta2, "epsilon", o->epsilon,
                     "weight_decay", o->weight_decay, "schedule", SCHEDULES[o->schedule], "schedule_final", o->schedule_final,
                     "warmup_steps", (json_int_t)o->warmup_steps, "steps", (json_int_t)o->steps, "averaging", o->averaging,
                     "refresh", (json_int_t)o->refresh);
}

/* What only some methods have is NULL, and left out, where the method has no use for it. */
static json_t *if_used(int used, double value) { return used ? json_real(value) : NULL; }

enot_status record_settings(enot_context *context, const settings *s, char **json) {
    char cost[256], seed[24];
    cost_print(&s->cost, cost, sizeof cost);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
    const method *m = method_of(s->method);
    json_t *object = json_pack("{s:s, s:s, s:s, s:s*, s:o*, s:o*, s:o*, s:s*, s:I, s:f, s:f, s:f, s:I, s:I, s:s, s:b, s:I, s:f, s:f, s:b, s:s, s:o*}", "cost", cost, "form",
                               map_form_name(s->form), "scale", map_scale_name(s->scale), "activation",
                               settings_for_images(s) ? NULL : activation_name(s->activation), "hidden", hidden_of(s), "expectile", if_used(!m, s->expectile),
                               "expectile_coefficient", if_used(!m || m->coefficient != METHOD_HAS_NONE, s->coefficient),
                               "directions", m ? NULL : DIRECTIONS[s->directions], "batch", (json_int_t)s->batch, "smoothing_first",
                               s->smoothing_first, "smoothing_last", s->smoothing_last, "validation", s->validation, "patience",
                               (json_int_t)s->patience, "evaluate_every", (json_int_t)s->evaluate_every, "seed", seed,
                               "calibrated", s->calibrated, "candidates", (json_int_t)s->candidates, "ridge_first", s->ridge_first, "ridge_last", s->ridge_last, "reverse", s->reverse, "method", method_name(s->method), "inner",
                               s->inner > 0 ? json_integer(s->inner) : NULL);
    json_t *optimizer = optimizer_of(&s->optimizer);
    if (object && optimizer) json_object_update(object, optimizer);
    json_t *images = images_of(s);
    if (object && images) json_object_update(object, images);
    json_decref(images);
    json_object_set_new(object, "precision", json_string(PRECISIONS[s->precision])); /* follows the optimizer: of what differs the first is named */
    if (s->growing) json_object_set_new(object, "growing", json_true());
    if (s->minutes > 0) json_object_set_new(object, "minutes", json_real(s->minutes));
    json_decref(optimizer);
    return print(context, object, json);
}

static json_t *image_scores_of(const enot_report *r) {
    return json_pack("{s:o, s:o, s:o, s:o}", "frechet_before", number(r->frechet_before), "frechet_after", number(r->frechet_after),
                     "frechet_floor", number(r->frechet_floor), "squared_change", number(r->squared_change));
}

enot_status record_report(enot_context *context, const enot_report *r, char **json) {
    json_t *object = json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:b}", "steps", (json_int_t)r->steps, "cost_dual",
        number(r->cost_dual), "cost_map", number(r->cost_map), "mismatch_before", number(r->mismatch_before), "mismatch_after",
        number(r->mismatch_after), "mismatch_after_error", number(r->mismatch_after_error), "mismatch_gaussian",
        number(r->mismatch_gaussian), "mismatch_floor", number(r->mismatch_floor), "mismatch_floor_mean",
        number(r->mismatch_floor_mean), "cycle_error", number(r->cycle_error), "smoothing", number(r->smoothing), "source_rows",
        (json_int_t)r->source_rows, "target_rows", (json_int_t)r->target_rows, "held_out", r->held_out);
    json_t *images = isfinite(r->squared_change) ? image_scores_of(r) : NULL;
    if (object && images) json_object_update(object, images);
    json_decref(images);
    return print(context, object, json);
}

int64_t record_steps(const char *settings) {
    json_t *object = json_loads(settings, 0, NULL), *steps = json_object_get(object, "steps");
    int64_t found = json_is_integer(steps) ? json_integer_value(steps) : -1;
    json_decref(object);
    return found;
}

int record_has_critic(const char *settings) {
    json_t *object = json_loads(settings, 0, NULL), *method = json_object_get(object, "method");
    int has = !json_is_string(method) || method_has_critic(json_string_value(method));
    json_decref(object);
    return has;
}

/* The value without quotes, "" if there is none. */
static void print_value(const json_t *value, char *text, size_t capacity) {
    char *dumped = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    snprintf(text, capacity, "%s", dumped ? dumped : "nothing");
    free(dumped);
}

int record_difference(const char *there, const char *here, char *text, size_t capacity) {
    json_t *old = json_loads(there, 0, NULL), *new = json_loads(here, 0, NULL), *value;
    const char *key;
    int differs = 0;
    json_object_foreach(new, key, value) {
        if (json_equal(value, json_object_get(old, key))) continue;
        char before[128], now[128];
        print_value(json_object_get(old, key), before, sizeof before);
        print_value(value, now, sizeof now);
        snprintf(text, capacity, "%s (%s there, %s here)", key, before, now);
        differs = 1;
        break;
    }
    json_decref(old);
    json_decref(new);
    return differs;
}
