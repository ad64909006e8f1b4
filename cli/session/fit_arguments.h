/* The options of a fit, as fit, recolor and tutorial offer them; bench step has some of its own. */
#ifndef CLI_FIT_ARGUMENTS_H
#define CLI_FIT_ARGUMENTS_H

#include "session/progress.h"
#include "session/session.h"

#define FIT_OPTION_CAPACITY 37
#define FIT_IMAGE_OPTION_COUNT 5

typedef struct fit_arguments {
    enot_fit_options options;
    option_widths hidden;
    int form, scale, directions, optimizer, schedule, precision, calibration, method;
} fit_arguments;

/* The choices of --form. */
extern const option_choice fit_forms[];

/* The choices of --method, each at its number. */
extern const option_choice fit_methods[];

/* The choices of --directions. */
extern const option_choice fit_directions[];

/* The choices of --optimizer. */
extern const option_choice fit_optimizers[];

/* The choices of --precision. */
extern const option_choice fit_precisions[];

void fit_arguments_init(fit_arguments *arguments);

/* The group of training options, kept in specs. */
option_group fit_arguments_options(fit_arguments *arguments, option_spec specs[FIT_OPTION_CAPACITY]);

/* The group of options for fits of images, kept in specs. */
option_group fit_arguments_image_options(fit_arguments *arguments, option_spec specs[FIT_IMAGE_OPTION_COUNT]);

/* Puts into arguments->options what the command line said elsewhere: choices, widths, the seed. */
void fit_arguments_complete(const session *session, fit_arguments *arguments);

/* Fits with a progress display and with signals watched: progress_show asks to stop once one came. */
enot_status fit_run(session *session, fit_arguments *arguments, const enot_samples *source, const enot_samples *target,
                    enot_map **map, enot_report *report);

/* The same for a command that keeps nothing of an interrupted fit; returns the exit code, having said what is wrong. */
int fit_learn(session *session, fit_arguments *arguments, const enot_samples *source, const enot_samples *target,
              enot_map **map, enot_report *report);

#endif
