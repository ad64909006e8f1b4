/* enot bench conv: how fast are training steps of images, and how much of that is convolutions? */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "session/session.h"

#define MILLISECONDS 1e3
#define MILLIONS 1e-6

static const char about[] =
    "Trains a UNet and a ResNet critic on random images in memory and computes the convolutions of such a step alone,\n"
    "turn by turn, and compares the two speeds. A step updates both networks once.\n";
static const char example[] = "  enot bench conv --image-size 32 --width 32 --batch 64\n";

typedef struct conv_command {
    session session;
    enot_conv_speed_options options;
} conv_command;

static json_t *result_json(const enot_conv_speed_options *o, const enot_conv_speed *s) {
    return json_pack(
        "{so so so so so so so so so so so so so so so so si ss sI sI sI sI sI sI sI}", "steps_per_second",
        json_number(s->steps_per_second), "step_ms", json_number(MILLISECONDS * s->step_seconds), "step_ms_least",
        json_number(MILLISECONDS * s->step_seconds_least), "step_ms_most",
        json_number(MILLISECONDS * s->step_seconds_most), "convolution_ms",
        json_number(MILLISECONDS * s->convolution_seconds), "operations", json_number(s->operations), "step_gflops",
        json_number(s->step_gflops), "convolution_gflops", json_number(s->convolution_gflops), "fraction",
        json_number(s->fraction), "fraction_least", json_number(s->fraction_least), "fraction_most",
        json_number(s->fraction_most), "in_parts", json_number(s->in_parts), "plain", json_number(s->plain),
        "winograd", json_number(s->winograd),
        "mapper_weights", json_number(s->mapper_weights), "critic_weights", json_number(s->critic_weights), "threads",
        s->threads, "isa", s->isa, "image_size", (json_int_t)o->image_size, "channels", (json_int_t)o->channels,
        "width", (json_int_t)o->width, "depth", (json_int_t)o->depth, "filters", (json_int_t)o->filters, "halvings",
        (json_int_t)o->halvings, "batch", (json_int_t)o->batch);
}

static void print_result(const enot_conv_speed_options *o, const enot_conv_speed *s) {
    printf("%-16s %lld x %lld pixels, %lld channel%s, %lld of each side\n", "images", (long long)o->image_size,
           (long long)o->image_size, (long long)o->channels, o->channels > 1 ? "s" : "", (long long)o->batch);
    printf("%-16s UNet of width %lld, %lld halvings, %.3g million weights\n", "map", (long long)o->width,
           (long long)o->depth, MILLIONS * s->mapper_weights);
    printf("%-16s ResNet of %lld filters, %lld halvings, %.3g million weights\n", "critic", (long long)o->filters,
           (long long)o->halvings, MILLIONS * s->critic_weights);
    printf("%-16s %s, %d thread%s\n\n", "kernels", s->isa, s->threads, s->threads > 1 ? "s" : "");
    printf("%-16s %-10.4g ms (%.4g to %.4g)\n", "a step takes", MILLISECONDS * s->step_seconds,
           MILLISECONDS * s->step_seconds_least, MILLISECONDS * s->step_seconds_most);
    printf("%-16s %-10.4g a second\n", "steps", s->steps_per_second);
    printf("%-16s %-10.4g GF/s of convolutions\n", "in a step", s->step_gflops);
    printf("%-16s %-10.4g GF/s by oneDNN alone, %.0f %% by Winograd's algorithm, %.0f %% in parts of the batch\n",
           "convolutions", s->convolution_gflops, 100 * s->winograd, 100 * s->in_parts);
    printf("%-16s %-10.3f the convolutions' time alone over a step's (%.3f to %.3f)\n", "fraction", s->fraction,
           s->fraction_least, s->fraction_most);
}

static int run(conv_command *conv) {
    session *session = &conv->session;
    enot_conv_speed speed = ENOT_CONV_SPEED_INIT;
    enot_status status = enot_measure_conv(session->context, &conv->options, &speed);
    if (status != ENOT_OK) return session_fail(session, status);
    if (session->json) return session_print_json(session, result_json(&conv->options, &speed));
    if (!session->quiet) print_result(&conv->options, &speed);
    return EXIT_SUCCESS;
}

int bench_conv(int argc, char **argv) {
    conv_command conv = {SESSION_INIT("bench conv"), ENOT_CONV_SPEED_OPTIONS_INIT};
    enot_conv_speed_options *o = &conv.options;
    const option_spec own[] = {
        {"image-size", OPTION_COUNT, &o->image_size, "N", "pixels a side", "32", 0, NULL, NULL},
        {"channels", OPTION_COUNT, &o->channels, "N", "numbers a pixel", "3", 0, NULL, NULL},
        {"width", OPTION_COUNT, &o->width, "N", "channels of the map's first level", "32", 0, NULL, NULL},
        {"depth", OPTION_COUNT, &o->depth, "N", "halvings in the map", "3", 0, NULL, NULL},
        {"filters", OPTION_COUNT, &o->filters, "N", "channels of the critic's first level", "32", 0, NULL, NULL},
        {"halvings", OPTION_COUNT, &o->halvings, "N", "halvings in the critic", "3", 0, NULL, NULL},
        {"batch", OPTION_COUNT, &o->batch, "N", "images of each side a step", "64", 0, NULL, NULL},
        {"seconds", OPTION_REAL, &o->seconds, "S", "how long to measure", "10", 0, NULL, NULL},
    };
    option_spec common[SESSION_OPTION_COUNT];
    const option_group groups[] = {{"Step", own, COUNT_OF(own)}, session_options(&conv.session, common)};
    const command_syntax syntax = {"bench conv", "[OPTIONS]", about, example, NULL, 0, 0, groups, COUNT_OF(groups)};
    int exit_code;
    if (session_begin(&conv.session, &syntax, argc, argv, NULL, &exit_code) != OPTIONS_RUN) return exit_code;
    exit_code = run(&conv);
    session_end(&conv.session);
    return exit_code;
}
