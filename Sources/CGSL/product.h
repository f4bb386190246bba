// The one matrix product everything dense is made of, in C because one body must be compiled for
// two kinds of processor, which Swift has no attribute for.
//
// C (rows x columns) = or += A (rows x inner) B (inner x columns). A is read one number at a time
// with any strides, so that a transposed A costs nothing; rows of B and C are contiguous. Six rows
// by one or two vectors are kept in registers. Every number is one sum over `inner` in ascending
// order with a rounding after each product (no fused multiply-add), so the result is the same bits
// however the work is cut into blocks, threads or vector widths.
#ifndef FAIRPOST_PRODUCT_H
#define FAIRPOST_PRODUCT_H

#include <stddef.h>

typedef double cgsl_v4 __attribute__((vector_size(32), aligned(8)));
typedef double cgsl_v2 __attribute__((vector_size(16), aligned(8)));

typedef struct {
  size_t rows, columns, inner;
  const double *a;
  size_t a_row, a_column;
  const double *b;
  size_t b_row;
  double *c;
  size_t c_row;
  int adding;
} cgsl_product_shape;

#define CGSL_SIX(X) X(0) X(1) X(2) X(3) X(4) X(5)

// Rows past the end repeat the last one: all loads come before all stores, so a repeated row is
// computed and stored twice with the same value.
#define CGSL_ROW(i)                                        \
  size_t r##i = row + i < last ? row + i : last;           \
  const double *a##i = p->a + r##i * p->a_row;             \
  double *c##i = p->c + r##i * p->c_row + column;

// Six rows by one vector of type V.
#define CGSL_START(i) V s##i = p->adding ? *(const V *)c##i : (V){};
#define CGSL_TERM(i) s##i = s##i + v * a##i[at];
#define CGSL_STORE(i) *(V *)c##i = s##i;
#define CGSL_PANEL(NAME, TYPE)                                                                  \
  static inline __attribute__((always_inline)) void NAME(const cgsl_product_shape *p, size_t row, \
                                                         size_t column) {                       \
    _Pragma("clang fp contract(off)") typedef TYPE V;                                           \
    size_t last = p->rows - 1;                                                                  \
    CGSL_SIX(CGSL_ROW)                                                                          \
    CGSL_SIX(CGSL_START)                                                                        \
    const double *b = p->b + column;                                                            \
    for (size_t k = 0, at = 0; k < p->inner; k++, at += p->a_column, b += p->b_row) {           \
      V v = *(const V *)b;                                                                      \
      CGSL_SIX(CGSL_TERM)                                                                       \
    }                                                                                           \
    CGSL_SIX(CGSL_STORE)                                                                        \
  }
CGSL_PANEL(cgsl_panel_4, cgsl_v4)
CGSL_PANEL(cgsl_panel_2, cgsl_v2)
CGSL_PANEL(cgsl_panel_1, double)
#undef CGSL_START
#undef CGSL_TERM
#undef CGSL_STORE

// Six rows by two vectors of four: twelve registers of a processor with wide ones.
#define CGSL_START(i)                                              \
  cgsl_v4 s##i = p->adding ? *(const cgsl_v4 *)c##i : (cgsl_v4){}; \
  cgsl_v4 t##i = p->adding ? *(const cgsl_v4 *)(c##i + 4) : (cgsl_v4){};
#define CGSL_TERM(i)               \
  {                                \
    double factor = a##i[at];      \
    s##i = s##i + v * factor;      \
    t##i = t##i + w * factor;      \
  }
#define CGSL_STORE(i)          \
  *(cgsl_v4 *)c##i = s##i;     \
  *(cgsl_v4 *)(c##i + 4) = t##i;
static inline __attribute__((always_inline)) void cgsl_panel_8(const cgsl_product_shape *p,
                                                               size_t row, size_t column) {
  _Pragma("clang fp contract(off)") size_t last = p->rows - 1;
  CGSL_SIX(CGSL_ROW)
  CGSL_SIX(CGSL_START)
  const double *b = p->b + column;
  for (size_t k = 0, at = 0; k < p->inner; k++, at += p->a_column, b += p->b_row) {
    cgsl_v4 v = *(const cgsl_v4 *)b, w = *(const cgsl_v4 *)(b + 4);
    CGSL_SIX(CGSL_TERM)
  }
  CGSL_SIX(CGSL_STORE)
}
#undef CGSL_START
#undef CGSL_TERM
#undef CGSL_STORE
#undef CGSL_ROW

// A panel of B stays in the fastest cache while all rows of A pass by.
#define CGSL_PANELS(WIDTH, PANEL)                                 \
  for (; column + WIDTH <= p->columns; column += WIDTH)           \
    for (size_t row = 0; row < p->rows; row += 6) PANEL(p, row, column);

// `count` products of one shape, each so many numbers after the one before in A, B and C.
typedef struct {
  size_t count, a, b, c;
} cgsl_steps;

#define CGSL_PRODUCTS(NAME, ATTRIBUTES, WIDE)                                          \
  static inline ATTRIBUTES void NAME(const cgsl_product_shape *shape, cgsl_steps steps) { \
    cgsl_product_shape one = *shape, *p = &one;                                        \
    for (size_t i = 0; i < steps.count; i++) {                                         \
      size_t column = 0;                                                               \
      WIDE                                                                             \
      CGSL_PANELS(4, cgsl_panel_4)                                                     \
      CGSL_PANELS(2, cgsl_panel_2)                                                     \
      CGSL_PANELS(1, cgsl_panel_1)                                                     \
      one.a += steps.a;                                                                \
      one.b += steps.b;                                                                \
      one.c += steps.c;                                                                \
    }                                                                                  \
  }

// Inner products of every row of A with every row of B, plus a constant, in each of `count` pairs of
// small matrices that lie one after another; four running sums, added up in a fixed order.
#define CGSL_PAIRS(NAME, ATTRIBUTES)                                                            \
  static inline ATTRIBUTES void NAME(size_t count, size_t rows, size_t others, size_t width,    \
                                     const double *a, const double *b, double plus, double *g) { \
    _Pragma("clang fp contract(off)") size_t wide = width & ~(size_t)3;                         \
    for (size_t i = 0; i < count * rows; i++, a += width) {                                     \
      const double *from = b + i / rows * others * width;                                       \
      for (size_t j = 0; j < others; j++, from += width) {                                      \
        cgsl_v4 s = {};                                                                         \
        for (size_t k = 0; k < wide; k += 4)                                                    \
          s = s + *(const cgsl_v4 *)(a + k) * *(const cgsl_v4 *)(from + k);                     \
        double sum = (s[0] + s[2]) + (s[1] + s[3]);                                             \
        for (size_t k = wide; k < width; k++) sum = sum + a[k] * from[k];                       \
        *g++ = sum + plus;                                                                      \
      }                                                                                         \
    }                                                                                           \
  }

CGSL_PRODUCTS(cgsl_products_plain, , )
CGSL_PAIRS(cgsl_pairs_plain, )

#if defined(__x86_64__)
#define CGSL_AVX2 __attribute__((target("avx2")))
CGSL_PRODUCTS(cgsl_products_wide, CGSL_AVX2, CGSL_PANELS(8, cgsl_panel_8))
CGSL_PAIRS(cgsl_pairs_wide, CGSL_AVX2)
#undef CGSL_AVX2

static inline int cgsl_has_wide_vectors(void) { return __builtin_cpu_supports("avx2"); }
#else
CGSL_PRODUCTS(cgsl_products_wide, , )
CGSL_PAIRS(cgsl_pairs_wide, )

static inline int cgsl_has_wide_vectors(void) { return 0; }
#endif

#undef CGSL_PRODUCTS
#undef CGSL_PAIRS
#undef CGSL_PANELS
#undef CGSL_SIX

#endif
