// Element access and elementary functions that the compiler can vectorise.
#pragma once
#include "kernels.h"

#define SIMD _Pragma("omp simd")
#define SIMD_SUM(variable) PEL_PRAGMA(omp simd reduction(+ : variable))
#define SIMD_SUM2(a, b) PEL_PRAGMA(omp simd reduction(+ : a, b))
#define SIMD_MAX(variable) PEL_PRAGMA(omp simd reduction(max : variable))
#define PEL_PRAGMA(text) _Pragma(#text)
#define INLINE static inline __attribute__((always_inline))

namespace pel {
namespace PEL_VARIANT {
namespace {

struct bf16 { uint16_t bits; };

INLINE float load(const float* p, int64_t i) { return p[i]; }
INLINE float load(const bf16* p, int64_t i) { return __builtin_bit_cast(float, uint32_t{p[i].bits} << 16); }

INLINE void store(float* p, int64_t i, float v) { p[i] = v; }
INLINE void store(bf16* p, int64_t i, float v) {  // to nearest, ties to even; not a number stays so
  uint32_t u = __builtin_bit_cast(uint32_t, v);
  uint32_t nearest = (u + 0x7fff + ((u >> 16) & 1)) >> 16;
  p[i].bits = static_cast<uint16_t>((u & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : nearest);
}

// Calls body with the pointer in its true type.
template <class F>
INLINE void with_type(Kind kind, const void* p, F body) {
  if (kind == Kind::f32) body(static_cast<const float*>(p));
  else body(static_cast<const bf16*>(p));
}
template <class F>
INLINE void with_type(Kind kind, void* p, F body) {
  if (kind == Kind::f32) body(static_cast<float*>(p));
  else body(static_cast<bf16*>(p));
}

INLINE float smaller(float a, float b) { return a < b ? a : b; }
INLINE float larger(float a, float b) { return a > b ? a : b; }

// e^x, Cephes expf: relative error about 1e-7. The library's expf does not vectorise under our flags.
INLINE float exponential(float x) {
  x = larger(smaller(x, 88.0f), -87.0f);
  float t = x * 1.44269504f;
  float n = static_cast<float>(static_cast<int32_t>(t + (t < 0 ? -0.5f : 0.5f)));
  float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  return p * __builtin_bit_cast(float, (static_cast<int32_t>(n) + 127) << 23);
}

// erf, Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7, about one float32 ulp of 1; and it vectorises.
INLINE float error_function(float x) {
  float a = __builtin_fabsf(x);
  float t = 1.0f / (1.0f + 0.3275911f * a);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  return __builtin_copysignf(1.0f - p * t * exponential(-a * a), x);
}

}  // namespace
}  // namespace PEL_VARIANT
}  // namespace pel
