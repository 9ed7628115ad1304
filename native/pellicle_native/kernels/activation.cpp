#include "simd.h"

namespace pel {
namespace PEL_VARIANT {

void cast(Kind from, Kind to, const void* x, void* y, int64_t n) {
  with_type(from, x, [&](auto* p) {
    with_type(to, y, [&](auto* q) {
      SIMD for (int64_t i = 0; i < n; i++) store(q, i, load(p, i));
    });
  });
}

void gelu(Kind kind, const void* x, void* y, int64_t n) {
  with_type(kind, x, [&](auto* p) {
    with_type(kind, y, [&](auto* q) {
      SIMD for (int64_t i = 0; i < n; i++) {
        float v = load(p, i);
        store(q, i, v * 0.5f * (1.0f + error_function(v * 0.70710678f)));
      }
    });
  });
}

void gelu_back(Kind kind, const void* x, const void* g, void* dx, int64_t n) {
  with_type(kind, x, [&](auto* p) {
    with_type(kind, dx, [&](auto* q) {
      auto* r = static_cast<decltype(p)>(g);
      SIMD for (int64_t i = 0; i < n; i++) {
        float v = load(p, i);
        float cumulative = 0.5f * (1.0f + error_function(v * 0.70710678f));
        float density = 0.39894228f * exponential(-0.5f * v * v);
        store(q, i, load(r, i) * (cumulative + v * density));
      }
    });
  });
}

}  // namespace PEL_VARIANT
}  // namespace pel
