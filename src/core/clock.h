#ifndef ENOT_CORE_CLOCK_H
#define ENOT_CORE_CLOCK_H

/* Seconds since some fixed moment, never running backwards. */
double clock_seconds(void);

#endif
