/* Settings and reports as JSON text, for map files and checkpoints. The same values give the same text. */
#ifndef ENOT_FIT_RECORD_H
#define ENOT_FIT_RECORD_H

#include "train/settings.h"

/* *json is to be freed with free. */
enot_status record_settings(enot_context *context, const settings *s, char **json);

/* Without times, which differ from run to run. */
enot_status record_report(enot_context *context, const enot_report *report, char **json);

/* Steps in an object of record_settings, -1 if the text is none. */
int64_t record_steps(const char *settings);

/* Whether the critic was trained, and so the dual estimate says something. */
int record_has_critic(const char *settings);

/* Which entry differs between two objects of record_settings: "batch (256 there, 512 here)"; 0 if none does. */
int record_difference(const char *there, const char *here, char *text, size_t capacity);

#endif
