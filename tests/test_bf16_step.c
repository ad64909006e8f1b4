/* Training steps whose products are of bf16, and a fit of them, beside the same in f32. */
#include "numeric.h"
#include "train/step/step.h"

static enot_context *context;
static int warnings;

static void count_warning(void *user, const char *line) {
    warnings++;
    assert_non_null(strstr(line, "emulated, slower than f32"));
}

static int setup(void **state) {
    context = context_new(1);
    enot_context_set_warning(context, count_warning, NULL);
    return 0;
}

static int teardown(void **state) {
    enot_context_destroy(context);
    return 0;
}

enum { DIM = 3, BATCH = 333 };
static const int64_t NARROW[] = {40, 33, 18, 16}, WIDE[] = {200, 170, 144}; /* gradients summed in parts, and in tiles of a layer */

typedef struct subject {
    transport t;
    real scale[DIM], *x, *y;
    mlp net[2]; /* mapper, critic */
    real *parameters[2], *gradient[2];
    const char *precision;
} subject;

static void subject_create(enot_form form, int wide, subject *s) {
    *s = (subject){.scale = {.5, 2, 1.25}, .t = {.form = form, .dim = DIM}};
    s->t.scale = s->scale;
    require(context, cost_parse(context, "sqeuclidean", DIM, NULL, &s->t.cost));
    if (form == ENOT_FORM_DOT_PRODUCT) s->t.cost.kind = &cost_dot_product;
    for (int n = 0; n < 2; n++) {
        int64_t output = form == ENOT_FORM_VECTOR_FIELD && n == 0 ? DIM : 1;
        require(context, mlp_create(context, ACTIVATION_ELU, DIM, wide ? WIDE : NARROW, wide ? 3 : 4, output, &s->net[n]));
        s->parameters[n] = random_reals(20 + (uint64_t)n, s->net[n].parameter_count, .2);
        s->gradient[n] = random_reals(22, s->net[n].parameter_count, 1);
    }
    s->x = random_reals(24, BATCH * DIM, 1);
    s->y = random_reals(25, BATCH * DIM, 1);
}

static void subject_destroy(subject *s) {
    for (int n = 0; n < 2; n++) {
        mlp_destroy(&s->net[n]);
        free(s->parameters[n]);
        free(s->gradient[n]);
    }
    free(s->x);
    free(s->y);
}

static void fill(void *user, int64_t first, int64_t count, real *x, real *y) {
    const subject *s = user;
    memcpy(x, s->x + first * DIM, (size_t)(count * DIM) * sizeof *x);
    memcpy(y, s->y + first * DIM, (size_t)(count * DIM) * sizeof *y);
}

static void run(subject *s, int directions, enot_precision precision, int threads) {
    step *made;
    step_losses losses;
    require(context, enot_context_set_threads(context, threads));
    require(context, step_create(context, &s->t, &s->net[0], &s->net[1], BATCH, .9, .7, directions == 2, precision,
                                 0, &made));
    step_gradients(made, &(step_batch){fill, NULL, s}, &(step_network){&s->net[0], s->parameters[0], s->gradient[0]},
                   &(step_network){&s->net[1], s->parameters[1], s->gradient[1]}, &losses);
    s->precision = step_precision(made);
    step_destroy(made);
}

/* |a - b| / |b| of Euclidean norms; |a| where b is zero, as the gradient of a bias that no map depends on */
static double distance(const real *a, const real *b, int64_t count) {
    double square = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        square += pow((double)a[i] - (double)b[i], 2);
        size += pow((double)b[i], 2);
    }
    return size > 0 ? sqrt(square / size) : sqrt(square);
}

/*
 * Of every layer's weights: as large as roundings to eight bits make it, and no larger. Of the biases, whose gradients are sums
 * that mostly cancel, somewhat larger.
 */
static void gradients_are_those_of_f32_but_for_the_rounding(void **state) {
    for (int wide = 0; wide < 2; wide++)
        for (int form = 0; form < 3; form++) {
            int directions = form == ENOT_FORM_DOT_PRODUCT ? 2 : 1;
            subject exact, low;
            subject_create((enot_form)form, wide, &exact);
            subject_create((enot_form)form, wide, &low);
            run(&exact, directions, ENOT_PRECISION_F32, 1);
            run(&low, directions, ENOT_PRECISION_BF16, 1);
            for (int n = 0; n < 2; n++)
                for (int64_t l = 1; l <= low.net[n].layers; l++) {
                    const mlp *net = &low.net[n];
                    int64_t at = net->weight_at[l], count = net->bias_at[l] - at;
                    double error = distance(low.gradient[n] + at, exact.gradient[n] + at, count);
                    if (!(error > 1e-4 && error < 0.02)) fail_msg("form %d, layer %d: %g", form, (int)l, error);
                    error = distance(low.gradient[n] + at + count, exact.gradient[n] + at + count, net->width[l]);
                    if (!(error < 0.1)) fail_msg("form %d, biases of layer %d: %g", form, (int)l, error);
                }
            subject_destroy(&exact);
            subject_destroy(&low);
        }
}

static void gradients_do_not_depend_on_the_threads_to_the_bit(void **state) {
    for (int wide = 0; wide < 2; wide++) {
        subject one, other;
        subject_create(ENOT_FORM_POTENTIAL, wide, &one);
        subject_create(ENOT_FORM_POTENTIAL, wide, &other);
        run(&one, 2, ENOT_PRECISION_BF16, 1);
        for (int threads = 2; threads <= 3; threads++) {
            run(&other, 2, ENOT_PRECISION_BF16, threads);
            for (int n = 0; n < 2; n++)
                assert_memory_equal(one.gradient[n], other.gradient[n], (size_t)one.net[n].parameter_count * sizeof(real));
        }
        subject_destroy(&one);
        subject_destroy(&other);
    }
}

/* A warning comes with emulated products, and only then. */
static void step_says_what_computes_its_products(void **state) {
    subject s;
    subject_create(ENOT_FORM_DOT_PRODUCT, 0, &s);
    warnings = 0;
    run(&s, 1, ENOT_PRECISION_F32, 1);
    assert_string_equal(s.precision, "f32");
    assert_int_equal(warnings, 0);
    run(&s, 1, ENOT_PRECISION_BF16, 1);
    const bf16_ops *fast = bf16_fast();
    assert_string_equal(s.precision, fast ? fast->name : "bf16-emulated");
    assert_int_equal(warnings, !fast);
    setenv("ENOT_ISA", "portable", 1);
    run(&s, 1, ENOT_PRECISION_BF16, 1);
    unsetenv("ENOT_ISA");
    assert_string_equal(s.precision, "bf16-emulated");
    subject_destroy(&s);
}

enum { ROWS = 1500 };

static enot_samples *rows_of(const char *measure) {
    enot_samples *endless, *table;
    double *rows = malloc(ROWS * 2 * sizeof *rows);
    require(context, enot_samples_open(context, measure, NULL, &endless));
    require(context, enot_samples_rows(context, endless, 0, ROWS, rows));
    require(context, enot_samples_from_rows(context, rows, ROWS, 2, &table));
    enot_samples_destroy(endless);
    free(rows);
    return table;
}

static enot_report fit(enot_optimizer optimizer, enot_form form, enot_precision precision, const char *recorded) {
    static const int64_t hidden[] = {48, 48};
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    enot_report report = ENOT_REPORT_INIT;
    enot_samples *source = rows_of("measure:moons"), *target = rows_of("measure:s_curve");
    enot_map *map;
    char *text;
    options.hidden = hidden;
    options.hidden_count = 2;
    options.batch = 128;
    options.steps = 400;
    options.optimizer = optimizer;
    options.form = form;
    options.precision = precision;
    require(context, enot_fit(context, source, target, &options, &map, &report));
    require(context, enot_map_describe(context, map, &text));
    assert_non_null(strstr(text, recorded));
    enot_text_free(text);
    enot_map_destroy(map);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return report;
}

static void fit_ends_as_near_to_the_target_as_in_f32(void **state) {
    enot_report full = fit(ENOT_OPTIMIZER_AUTO, ENOT_FORM_AUTO, ENOT_PRECISION_F32, "\"precision\": \"f32\"");
    enot_report low = fit(ENOT_OPTIMIZER_AUTO, ENOT_FORM_AUTO, ENOT_PRECISION_BF16, "\"precision\": \"bf16\"");
    assert_true(full.mismatch_after < full.mismatch_before / 4);
    assert_true(low.mismatch_after < 2 * full.mismatch_after && full.mismatch_after < 2 * low.mismatch_after);
    print_message("mismatch %.4g in f32, %.4g in bf16\n", full.mismatch_after, low.mismatch_after);
    assert_true(low.mismatch_after != full.mismatch_after);
}

/* Where the processor is fast at bf16 potentials by Adam take it in few columns, but neither vector fields nor what SOAP and Muon train. */
static void precision_in_few_columns_follows_optimizer_and_form(void **state) {
    const char *fast = bf16_fast() ? "\"precision\": \"bf16\"" : "\"precision\": \"f32\"";
    fit(ENOT_OPTIMIZER_AUTO, ENOT_FORM_AUTO, ENOT_PRECISION_AUTO, fast);
    fit(ENOT_OPTIMIZER_AUTO, ENOT_FORM_POTENTIAL, ENOT_PRECISION_AUTO, fast);
    fit(ENOT_OPTIMIZER_AUTO, ENOT_FORM_VECTOR_FIELD, ENOT_PRECISION_AUTO, "\"precision\": \"f32\"");
    fit(ENOT_OPTIMIZER_SOAP, ENOT_FORM_AUTO, ENOT_PRECISION_AUTO, "\"precision\": \"f32\"");
    fit(ENOT_OPTIMIZER_MUON, ENOT_FORM_AUTO, ENOT_PRECISION_AUTO, "\"precision\": \"f32\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_those_of_f32_but_for_the_rounding),
        cmocka_unit_test(gradients_do_not_depend_on_the_threads_to_the_bit),
        cmocka_unit_test(step_says_what_computes_its_products),
        cmocka_unit_test(fit_ends_as_near_to_the_target_as_in_f32),
        cmocka_unit_test(precision_in_few_columns_follows_optimizer_and_form),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
