/*
 * The number type of all training arithmetic. float in the library; double in the build that the tests use to check formulas
 * to fourteen digits instead of six (see docs/developing.md).
 */
#ifndef ENOT_CORE_REAL_H
#define ENOT_CORE_REAL_H

#ifdef ENOT_REAL_DOUBLE
typedef double real;
#else
typedef float real;
#endif

#endif
