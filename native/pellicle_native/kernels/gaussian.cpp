// Normal variates by Box and Muller 1958 in double, and their way onto a public grid. Compiled without -ffast-math: the
// order of the operations matters. Coefficients of logarithm, sine and cosine: fdlibm (e_log, k_sin, k_cos); their
// errors stay below 2 ulp.
#include "simd.h"

namespace pel {
namespace PEL_VARIANT {
namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;

INLINE double from_bits(uint64_t u) { return __builtin_bit_cast(double, u); }
INLINE uint64_t to_bits(double d) { return __builtin_bit_cast(uint64_t, d); }

// An unsigned 64-bit integer, correctly rounded. AVX2 has no instruction for it: both halves become doubles by placing
// them in a mantissa.
INLINE double to_double(uint64_t u) {
  double high = from_bits((u >> 32) | 0x4530000000000000u);         // 2^84 + high * 2^32
  double low = from_bits((u & 0xffffffffu) | 0x4330000000000000u);  // 2^52 + low
  return (high - 0x1.00000001p84) + low;
}

// ln u for normal u > 0.
INLINE double logarithm(double u) {
  // u = 2^k m with m in [sqrt(1/2), sqrt 2); ln m = 2 atanh(s) with s = (m - 1) / (m + 1)
  uint64_t shifted = to_bits(u) + 0x00095f6200000000u;
  double k = from_bits((shifted >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
  double f = from_bits((shifted & 0x000fffffffffffffu) + 0x3fe6a09e00000000u) - 1.0;
  double s = f / (2.0 + f), z = s * s, w = z * z;
  double even = 3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01);
  double odd = 6.666666666666735130e-01 +
               w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01));
  return k * 0.693147180559945309417 + s * (2.0 + z * (odd + z * even));
}

// sin x for |x| <= pi/4.
INLINE double sine(double x) {
  double z = x * x;
  double p = 2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10);
  p = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * p);
  return x + x * z * (-1.66666666666666324348e-01 + z * p);
}

// cos x for |x| <= pi/4.
INLINE double cosine(double x) {
  double z = x * x;
  double p = -2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11);
  p = 4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * (2.48015872894767294178e-05 + z * p));
  return 1.0 + z * (z * p - 0.5);
}

}  // namespace

void gaussian(const uint64_t* words, double* z, int64_t pairs) {
  SIMD for (int64_t i = 0; i < pairs; i++) {
    // Radius from (word + 1/2) / 2^64: never zero, so at most sqrt(2 * 65 ln 2) = 9.49.
    double u = to_double(words[2 * i]) * 0x1p-64 + 0x1p-65;
    double radius = __builtin_sqrt(-2.0 * logarithm(u));
    // Angle: two bits choose the quadrant, 52 the place in [-1/2, 1/2) of it.
    uint64_t word = words[2 * i + 1];
    double place = from_bits(((word << 2) >> 12) | 0x3ff0000000000000u) - 1.5;
    double s = sine(place * 1.57079632679489661923), c = cosine(place * 1.57079632679489661923);
    // Quarter turns: (c, s), (-s, c), (-c, -s), (s, -c).
    bool odd = static_cast<int64_t>(word << 1) < 0;
    uint64_t a = to_bits(odd ? s : c) ^ ((word ^ (word << 1)) & kSign);
    uint64_t b = to_bits(odd ? c : s) ^ (word & kSign);
    z[2 * i] = radius * from_bits(a);
    z[2 * i + 1] = radius * from_bits(b);
  }
}

int add_noise(const double* z, float* data, int64_t n, double deviation, double grid, double divisor) {
  // Both terms are whole multiples of the grid below 2^53 of them, so their sum is exact.
  double per_grid = 1.0 / grid, spread = deviation * per_grid, scale = 1.0 / divisor;
  double bad = 0;
  SIMD_SUM(bad) for (int64_t i = 0; i < n; i++) {
    double x = data[i] * per_grid;
    bad += __builtin_fabs(x) < 0x1p52 ? 0.0 : 1.0;  // not finite, or too large for whole multiples
    double steps = __builtin_nearbyint(x) + __builtin_nearbyint(z[i] * spread);
    data[i] = static_cast<float>(steps * grid * scale);
  }
  return bad == 0;
}

}  // namespace PEL_VARIANT
}  // namespace pel
