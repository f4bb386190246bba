// GSL's headers, and C inlines for what Swift cannot import: globals, macros, vector intrinsics.
// Only the module Numerics imports this; no GSL type appears in any other module.
#ifndef FAIRPOST_CGSL_SHIM_H
#define FAIRPOST_CGSL_SHIM_H

#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_interp.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_min.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf.h>
#include <gsl/gsl_statistics_double.h>
#include <gsl/gsl_version.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "product.h"

#if defined(__linux__)
// A pipe whose ends are closed on exec from the start; its declaration hides behind _GNU_SOURCE.
int pipe2(int ends[2], int flags);
#endif

// Words that threads share, and a breath between two looks at one.
static inline uint64_t cgsl_shared_read(const uint64_t *word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
static inline void cgsl_shared_write(uint64_t *word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
static inline uint64_t cgsl_shared_add(uint64_t *word, uint64_t value) {
  return __atomic_add_fetch(word, value, __ATOMIC_ACQ_REL);
}
static inline int cgsl_shared_replace(uint64_t *word, uint64_t old, uint64_t value) {
  return __atomic_compare_exchange_n(word, &old, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
static inline void cgsl_shared_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void cgsl_breathe(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static inline const char *cgsl_version(void) { return gsl_version; }

// Writes the offset of every byte equal to `a` or to newline into `out` and returns how many there
// are; `*newlines` is the number of newlines among them. `out` must have room for `n` offsets.
// Swift cannot turn a vector comparison into a bit mask, and this loop is the floor under every
// command's reading speed.
static inline size_t cgsl_structure(const uint8_t *bytes, size_t n, uint8_t a, uint32_t base,
                                    uint32_t *out, size_t *newlines) {
  size_t found = 0, lines = 0, i = 0;
#if defined(__SSE2__)
  const __m128i va = _mm_set1_epi8((char)a), vn = _mm_set1_epi8('\n');
  for (; i + 64 <= n; i += 64) {
    uint64_t mask = 0, line_mask = 0;
    for (int k = 0; k < 4; k++) {
      __m128i v = _mm_loadu_si128((const __m128i *)(bytes + i + 16 * k));
      __m128i en = _mm_cmpeq_epi8(v, vn);
      uint64_t mn = (uint32_t)_mm_movemask_epi8(en);
      uint64_t ma = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, va));
      mask |= (ma | mn) << (16 * k);
      line_mask |= mn << (16 * k);
    }
    lines += (size_t)__builtin_popcountll(line_mask);
    while (mask) {
      out[found++] = base + (uint32_t)i + (uint32_t)__builtin_ctzll(mask);
      mask &= mask - 1;
    }
  }
#endif
  for (; i < n; i++) {
    if (bytes[i] == a || bytes[i] == '\n') {
      lines += bytes[i] == '\n';
      out[found++] = base + (uint32_t)i;
    }
  }
  *newlines = lines;
  return found;
}

#endif
