// Sums that decide about privacy run in double: in float32, norms of long vectors read low.
#include "simd.h"

namespace pel {
namespace PEL_VARIANT {

double square_sum(Kind kind, const void* x, int64_t n) {
  double sum = 0;
  with_type(kind, x, [&](auto* p) {
    SIMD_SUM(sum) for (int64_t i = 0; i < n; i++) {
      double v = load(p, i);
      sum += v * v;
    }
  });
  return sum;
}

double dot(const float* x, const float* y, int64_t n) {
  double sum = 0;
  SIMD_SUM(sum) for (int64_t i = 0; i < n; i++) sum += static_cast<double>(x[i]) * y[i];
  return sum;
}

void scale(Kind kind, const void* x, void* y, float factor, int64_t n) {
  with_type(kind, x, [&](auto* p) {
    with_type(kind, y, [&](auto* q) {
      SIMD for (int64_t i = 0; i < n; i++) store(q, i, factor * load(p, i));
    });
  });
}

// factor * x as the sum of two bfloat16 values: what the first loses is exact in float32, so the second is off by 2^-18 of the
// product at most.
void scale_split(const void* x, float factor, void* high, void* low, int64_t n) {
  const bf16* p = static_cast<const bf16*>(x);
  bf16 *h = static_cast<bf16*>(high), *l = static_cast<bf16*>(low);
  SIMD for (int64_t i = 0; i < n; i++) {
    float v = factor * load(p, i);
    store(h, i, v);
    store(l, i, v - load(h, i));
  }
}

void add_scaled(Kind kind, const void* x, float factor, float* sum, int64_t n) {
  with_type(kind, x, [&](auto* p) {
    SIMD for (int64_t i = 0; i < n; i++) sum[i] += factor * load(p, i);
  });
}

void add_scaled_wide(Kind kind, const void* x, double factor, double* sum, int64_t n) {
  with_type(kind, x, [&](auto* p) {
    SIMD for (int64_t i = 0; i < n; i++) sum[i] += factor * load(p, i);
  });
}

}  // namespace PEL_VARIANT
}  // namespace pel
