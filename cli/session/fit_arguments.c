#include "session/fit_arguments.h"

#include <stdlib.h>
#include <string.h>

#include "session/interrupt.h"

const option_choice fit_forms[] = {{"potential", ENOT_FORM_POTENTIAL},
                                   {"dot_product", ENOT_FORM_DOT_PRODUCT},
                                   {"vector_field", ENOT_FORM_VECTOR_FIELD},
                                   {"auto", ENOT_FORM_AUTO},
                                   {NULL, 0}};
const option_choice fit_precisions[] = {
    {"f32", ENOT_PRECISION_F32}, {"bf16", ENOT_PRECISION_BF16}, {"auto", ENOT_PRECISION_AUTO}, {NULL, 0}};
static const option_choice calibrations[] = {
    {"on", ENOT_CALIBRATION_ON}, {"off", ENOT_CALIBRATION_OFF}, {"auto", ENOT_CALIBRATION_AUTO}, {NULL, 0}};
const option_choice fit_methods[] = {[ENOT_METHOD_ENOT] = {"enot", ENOT_METHOD_ENOT},
                                     [ENOT_METHOD_MAXMIN] = {"maxmin", ENOT_METHOD_MAXMIN},
                                     [ENOT_METHOD_W2GN] = {"w2gn", ENOT_METHOD_W2GN},
                                     [ENOT_METHOD_MONGE_GAP] = {"monge-gap", ENOT_METHOD_MONGE_GAP},
                                     [ENOT_METHOD_W2OT] = {"w2ot", ENOT_METHOD_W2OT},
                                     {NULL, 0}};
static const option_choice scales[] = {
    {"global", ENOT_SCALE_GLOBAL}, {"column", ENOT_SCALE_COLUMN}, {"none", ENOT_SCALE_NONE}, {NULL, 0}};
const option_choice fit_directions[] = {
    {"both", ENOT_DIRECTIONS_BOTH}, {"alternate", ENOT_DIRECTIONS_ALTERNATE}, {NULL, 0}};
const option_choice fit_optimizers[] = {{"auto", ENOT_OPTIMIZER_AUTO},
                                        {"adam", ENOT_OPTIMIZER_ADAM},
                                        {"adamw", ENOT_OPTIMIZER_ADAMW},
                                        {"soap", ENOT_OPTIMIZER_SOAP},
                                        {"muon", ENOT_OPTIMIZER_MUON},
                                        {NULL, 0}};
static const option_choice schedules[] = {{"cosine", ENOT_SCHEDULE_COSINE},
                                          {"linear", ENOT_SCHEDULE_LINEAR},
                                          {"constant", ENOT_SCHEDULE_CONSTANT},
                                          {NULL, 0}};

void fit_arguments_init(fit_arguments *arguments) {
    arguments->options = (enot_fit_options)ENOT_FIT_OPTIONS_INIT;
    arguments->hidden.count = 0;
    arguments->form = ENOT_FORM_AUTO;
    arguments->scale = ENOT_SCALE_GLOBAL;
    arguments->directions = ENOT_DIRECTIONS_BOTH;
    arguments->optimizer = ENOT_OPTIMIZER_AUTO;
    arguments->schedule = ENOT_SCHEDULE_COSINE;
    arguments->precision = ENOT_PRECISION_AUTO;
    arguments->calibration = ENOT_CALIBRATION_AUTO;
    arguments->method = ENOT_METHOD_ENOT;
}

option_group fit_arguments_options(fit_arguments *a, option_spec specs[FIT_OPTION_CAPACITY]) {
    enot_fit_options *o = &a->options;
    const char *automatic = "automatic";
    const option_spec training[] = {
        {"cost", OPTION_TEXT, &o->cost, "NAME", "ground cost NAME[:p=..]; \"enot costs\" lists them", "sqeuclidean, of images mean_squared", 0,
         NULL, NULL},
        {"form", OPTION_CHOICE, &a->form, "FORM", "potential, dot_product or vector_field", automatic, 0, NULL, fit_forms},
        {"scale", OPTION_CHOICE, &a->scale, "HOW", "global, column (changes the cost) or none", "global", 0, NULL,
         scales},
        {"hidden", OPTION_WIDTHS, &a->hidden, "WIDTHS", "widths of the hidden layers, as 128,128,128", automatic, 0,
         NULL, NULL},
        {"activation", OPTION_TEXT, &o->activation, "NAME", "elu celu silu gelu softplus tanh relu leaky_relu",
         automatic, 0, NULL, NULL},
        {"tau", OPTION_REAL, &o->expectile, "TAU", "expectile, in (.5, 1]", automatic, 0, "expectile", NULL},
        {"lambda", OPTION_REAL, &o->expectile_coefficient, "LAMBDA", "weight of the expectile loss; of w2gn's cycles, of monge-gap's gap", automatic, 0,
         "expectile-coefficient", NULL},
        {"directions", OPTION_CHOICE, &a->directions, "WHICH", "both in every step, or alternate, as published", "both", 0,
         NULL, fit_directions},
        {"both", OPTION_FLAG, &o->reverse, NULL, "learn the way back too where the form is vector_field; the others always do", NULL, 0,
         NULL, NULL},
        {"steps", OPTION_COUNT, &o->steps, "N", "updates at most; 0: the Gaussian map alone", automatic, 0, NULL, NULL},
        {"minutes", OPTION_REAL, &o->minutes, "M", "instead: as many updates as fit into M minutes", "as --steps", 0, NULL, NULL},
        {"budget", OPTION_COUNT, &o->budget, "SAMPLES", "instead: rows of each side to train on", "as --steps", 0, NULL, NULL},
        {"batch", OPTION_COUNT, &o->batch, "N", "rows of each side a step", automatic, 0, NULL, NULL},
        {"optimizer", OPTION_CHOICE, &a->optimizer, "NAME", "adam, adamw, soap, muon or auto", "auto", 0, NULL, fit_optimizers},
        {"lr", OPTION_REAL, &o->learning_rate, "RATE", "learning rate", automatic, 0, NULL, NULL},
        {"beta1", OPTION_REAL, &o->beta1, "B", "decay of the mean of gradients", automatic, 0, NULL, NULL},
        {"beta2", OPTION_REAL, &o->beta2, "B", "decay of the mean of their squares", automatic, 0, NULL, NULL},
        {"eps", OPTION_REAL, &o->epsilon, "E", "added to the root of the latter", automatic, 0, NULL, NULL},
        {"weight-decay", OPTION_REAL, &o->weight_decay, "W", "of adamw", automatic, 0, NULL, NULL},
        {"refresh", OPTION_COUNT, &o->refresh, "N", "of soap: steps from one set of bases to the next", automatic, 0, NULL,
         NULL},
        {"schedule", OPTION_CHOICE, &a->schedule, "NAME", "cosine, linear or constant", "cosine", 0, NULL, schedules},
        {"schedule-final", OPTION_REAL, &o->schedule_final, "PART", "part of the learning rate left at the end",
         automatic, 0, NULL, NULL},
        {"warmup", OPTION_COUNT, &o->warmup_steps, "N", "steps of rising learning rate", automatic, 0, NULL, NULL},
        {"ema", OPTION_REAL, &o->averaging, "DECAY", "average of the weights, in [0, 1); 0: none", automatic, 0, NULL,
         NULL},
        {"smoothing", OPTION_REAL, &o->smoothing, "S", "noise added to the samples, in standard deviations; 0 between measures: the map is smooth",
         "found while training", 0, NULL, NULL},
        {"validation", OPTION_REAL, &o->validation, "PART", "part of the rows set aside for the report", automatic, 0,
         NULL, NULL},
        {"patience", OPTION_COUNT, &o->patience, "N", "evaluations without improvement before it stops; 0: never",
         automatic, 0, NULL, NULL},
        {"precision", OPTION_CHOICE, &a->precision, "P", "of the factors in matrix products: f32, bf16 or auto",
         "auto, bf16 where fast, below 16 columns only of potentials by Adam", 0, NULL, fit_precisions},
        {"calibration", OPTION_CHOICE, &a->calibration, "WHETHER", "weigh a batch's rows to take out noise: on, off or auto", "auto",
         0, NULL, calibrations},
        {"candidates", OPTION_COUNT, &o->candidates, "N", "rows searched for each row's c-transform; 0: none", automatic, 0, NULL, NULL},
        {"ridge", OPTION_REAL, &o->ridge, "R", "of |x - y|^2, added to costs under which many maps are optimal", automatic, 0, NULL, NULL},
        {"method", OPTION_CHOICE, &a->method, "NAME", "enot; to compare: maxmin, w2gn, monge-gap or w2ot", "enot", 0, NULL,
         fit_methods},
        {"inner", OPTION_COUNT, &o->inner, "N", "of maxmin: updates of the map for one of the critic; w2ot, monge-gap: iterations",
         automatic, 0, NULL, NULL},
    };
    _Static_assert(COUNT_OF(training) <= FIT_OPTION_CAPACITY, "room for every training option");
    memcpy(specs, training, sizeof training);
    return (option_group){"Training", specs, COUNT_OF(training)};
}

option_group fit_arguments_image_options(fit_arguments *a, option_spec specs[FIT_IMAGE_OPTION_COUNT]) {
    enot_fit_options *o = &a->options;
    const option_spec images[] = {
        {"unet-width", OPTION_COUNT, &o->unet_width, "N", "channels of the UNet's first level", "32", 0, NULL, NULL},
        {"unet-depth", OPTION_COUNT, &o->unet_depth, "N", "halvings in the UNet", "automatic", 0, NULL, NULL},
        {"critic-filters", OPTION_COUNT, &o->critic_filters, "N", "channels of the critic's first level", "32", 0, NULL, NULL},
        {"critic-halvings", OPTION_COUNT, &o->critic_halvings, "N", "halvings in the critic", "automatic", 0, NULL, NULL},
        {"flip", OPTION_FLAG, &o->flip, NULL, "mirror half of the images drawn, left to right", NULL, 0, NULL, NULL},
    };
    memcpy(specs, images, sizeof images);
    return (option_group){"Networks for images", specs, FIT_IMAGE_OPTION_COUNT};
}

void fit_arguments_complete(const session *session, fit_arguments *arguments) {
    enot_fit_options *options = &arguments->options;
    options->form = (enot_form)arguments->form;
    options->scale = (enot_scale)arguments->scale;
    options->directions = (enot_directions)arguments->directions;
    options->optimizer = (enot_optimizer)arguments->optimizer;
    options->schedule = (enot_schedule)arguments->schedule;
    options->precision = (enot_precision)arguments->precision;
    options->calibration = (enot_calibration)arguments->calibration;
    options->method = (enot_method)arguments->method;
    if (arguments->hidden.count > 0) {
        options->hidden = arguments->hidden.width;
        options->hidden_count = arguments->hidden.count;
    }
    options->seed = session->seed;
}

enot_status fit_run(session *session, fit_arguments *arguments, const enot_samples *source, const enot_samples *target,
                    enot_map **map, enot_report *report) {
    progress progress;
    fit_arguments_complete(session, arguments);
    arguments->options.progress = progress_show;
    arguments->options.progress_user = &progress;
    progress_begin(&progress, session->quiet);
    interrupt_watch();
    enot_status status = enot_fit(session->context, source, target, &arguments->options, map, report);
    progress_end(&progress);
    return status;
}

int fit_learn(session *session, fit_arguments *arguments, const enot_samples *source, const enot_samples *target,
              enot_map **map, enot_report *report) {
    enot_status status = fit_run(session, arguments, source, target, map, report);
    if (status == ENOT_ERR_CANCELLED) {
        session_error(session, "interrupted; nothing was written");
        return EXIT_SIGNAL + interrupt_signal();
    }
    interrupt_release();
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(session, status);
}
