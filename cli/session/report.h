/* What a fit or an evaluation found, for a person and as JSON. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <jansson.h>

#include "enot.h"

/* One sentence: whether the map can be trusted. */
const char *report_verdict(const enot_report *report);

void report_print(const enot_report *report);

/* A new object with the report's numbers, null where one does not apply; NULL without memory. */
json_t *report_json(const enot_report *report);

#endif
