// GSL's headers, and C inlines for what Swift cannot import: globals, macros, vector intrinsics.
// Only the module Numerics imports this; no GSL type appears in any other module.
#ifndef FAIRPOST_CGSL_SHIM_H
#define FAIRPOST_CGSL_SHIM_H

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_interp.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_min.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf.h>
#include <gsl/gsl_statistics_double.h>
#include <gsl/gsl_version.h>

static inline const char *cgsl_version(void) { return gsl_version; }

#endif
