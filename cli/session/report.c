#include "session/report.h"

#include <math.h>
#include <stdio.h>

#include "session/session.h"

const char *report_verdict(const enot_report *report) {
    if (!isfinite(report->mismatch_after)) return "nothing can be said: the mismatch is not a finite number";
    if (report->mismatch_after <= report->mismatch_floor) {
        if (report->mismatch_before <= report->mismatch_floor)
            return "T(source) cannot be told from the target at this sample size, but neither can the source itself";
        return "T(source) cannot be told from the target at this sample size";
    }
    if (report->mismatch_after >= report->mismatch_before)
        return "no closer to the target than before: do not use this map";
    if (report->mismatch_after > report->mismatch_gaussian)
        return "closer than before, but no better than the Gaussian map";
    return "closer than before, but still distinguishable from the target";
}

static void print_mismatch(const enot_report *report) {
    char after[64], error[32] = "-", gaussian[32] = "-";
    snprintf(after, sizeof after, "%.3g", report->mismatch_after);
    if (isfinite(report->mismatch_after_error)) snprintf(error, sizeof error, "%.2g", report->mismatch_after_error);
    if (isfinite(report->mismatch_gaussian)) snprintf(gaussian, sizeof gaussian, "%.3g", report->mismatch_gaussian);
    printf("%-16s %-10s %-10s %-11s %-14s %s\n", "mismatch", "before", "after", "± error", "Gaussian map",
           "noise floor");
    printf("%-16s %-10.3g %-10s %-10s %-14s %.3g\n", "", report->mismatch_before, after, error, gaussian,
           report->mismatch_floor);
}

static void print_number(const char *label, double value, const char *meaning) {
    if (isfinite(value)) printf("%-16s %-10.4g %s\n", label, value, meaning);
}

/* Frechet distances beside each other, and how far images move. */
static void print_images(const enot_report *report) {
    printf("%-16s %-10s %-10s %s\n", "Frechet", "before", "after", "noise floor");
    printf("%-16s %-10.3g %-10.3g %.3g\n", "", report->frechet_before, report->frechet_after, report->frechet_floor);
    print_number("squared change", report->squared_change, "mean (T(x) - x)^2, values in [-1, 1]");
}

void report_print(const enot_report *report) {
    print_mismatch(report);
    if (isfinite(report->squared_change)) print_images(report);
    printf("%-16s %s\n\n", "verdict", report_verdict(report));
    print_number("cost of the map", report->cost_map, "mean c(x, T(x))");
    print_number("dual estimate", report->cost_dual, "of the transport cost");
    print_number("cycle error", report->cycle_error, "mean |T_inverse(T(x)) - x|");
    if (report->smoothing > 0)
        print_number("smoothing", report->smoothing, "standard deviations added to the samples while training");
    printf("%-16s %-10lld %s\n", "steps", (long long)report->steps, "of training in the map");
    printf("%-16s %.1f\n", "seconds", report->seconds);
    printf("%-16s %lld of the source, %lld of the target, %s\n", "rows", (long long)report->source_rows,
           (long long)report->target_rows, report->held_out ? "never used by the fit" : "which the fit may have used");
}

static json_t *image_scores(const enot_report *report) {
    return json_pack("{so so so so}", "frechet_before", json_number(report->frechet_before), "frechet_after",
                     json_number(report->frechet_after), "frechet_floor", json_number(report->frechet_floor), "squared_change",
                     json_number(report->squared_change));
}

json_t *report_json(const enot_report *report) {
    json_t *object = json_pack(
        "{sI so so so so so so so so so so so sI sI sb}", "steps", (json_int_t)report->steps, "seconds",
        json_number(report->seconds), "cost_dual", json_number(report->cost_dual), "cost_map",
        json_number(report->cost_map), "mismatch_before", json_number(report->mismatch_before), "mismatch_after",
        json_number(report->mismatch_after), "mismatch_after_error", json_number(report->mismatch_after_error),
        "mismatch_gaussian", json_number(report->mismatch_gaussian), "mismatch_floor",
        json_number(report->mismatch_floor), "mismatch_floor_mean", json_number(report->mismatch_floor_mean),
        "cycle_error", json_number(report->cycle_error), "smoothing", json_number(report->smoothing), "source_rows",
        (json_int_t)report->source_rows, "target_rows", (json_int_t)report->target_rows, "held_out", report->held_out);
    json_t *images = isfinite(report->squared_change) ? image_scores(report) : NULL;
    if (object != NULL && images != NULL) json_object_update(object, images);
    json_decref(images);
    return object;
}
