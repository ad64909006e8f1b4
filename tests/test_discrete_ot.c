/*
 * Fits with nothing but the cost set, against exact discrete optimal transport: the values are means over 4 to 24 draws of 4,000 rows of each
 * side, solved by the network simplex of POT (bench/any_cost.py). Their standard errors are below half a per cent.
 */
#include "fits.h"

typedef struct known {
    const char *cost, *source, *target;
    double value;
} known;

#define CAPS "measure:sphere_mixture:layout="

static const known KNOWN[] = {
    {"euclidean", "measure:square_five", "measure:square_four", 4.5939},
    {"huber", "measure:moons", "measure:s_curve", 1.901},
    {"geodesic", CAPS "1", CAPS "2", .4300},
};

static enot_samples *open(const fixture *at, const char *spec, uint64_t seed) {
    enot_read_options options = ENOT_READ_OPTIONS_INIT;
    enot_samples *samples;
    options.seed = seed;
    require(at, enot_samples_open(at->context, spec, &options, &samples));
    return samples;
}

/* On rows that nothing else has seen. */
static enot_report report_of(const fixture *at, const known *k) {
    enot_samples *sides[4] = {open(at, k->source, 0), open(at, k->target, 0), open(at, k->source, 77), open(at, k->target, 77)};
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    enot_evaluate_options rows = ENOT_EVALUATE_OPTIONS_INIT;
    enot_report report = ENOT_REPORT_INIT;
    enot_map *map;
    options.cost = k->cost;
    rows.rows = 8192;
    require(at, enot_fit(at->context, sides[0], sides[1], &options, &map, NULL));
    require(at, enot_evaluate(at->context, map, sides[2], sides[3], &rows, &report));
    enot_map_destroy(map);
    for (int i = 0; i < 4; i++) enot_samples_destroy(sides[i]);
    return report;
}

static void fits_reach_the_discrete_optimum(void **state) {
    fixture *at = *state;
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        const known *k = &KNOWN[i];
        enot_report r = report_of(at, k);
        if (!(fabs(r.cost_dual / k->value - 1) < .02)) fail_msg("%s: dual estimate %g, not %g", k->cost, r.cost_dual, k->value);
        if (!(fabs(r.cost_map / k->value - 1) < .03)) fail_msg("%s: cost of the map %g, not %g", k->cost, r.cost_map, k->value);
        if (!(r.mismatch_after < 2 * r.mismatch_floor))
            fail_msg("%s: mismatch %g, the floor is %g", k->cost, r.mismatch_after, r.mismatch_floor);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(fits_reach_the_discrete_optimum)};
    return cmocka_run_group_tests(tests, fixture_create, fixture_destroy);
}
