#include "simd.h"

namespace pel {
namespace PEL_VARIANT {

void softmax_rows(Kind kind, void* x, int64_t rows, int64_t width) {
  with_type(kind, x, [&](auto* all) {
    for (int64_t r = 0; r < rows; r++) {
      auto* p = all + r * width;
      float top = load(p, 0);
      SIMD_MAX(top) for (int64_t i = 0; i < width; i++) top = load(p, i) > top ? load(p, i) : top;
      float sum = 0;
      SIMD_SUM(sum) for (int64_t i = 0; i < width; i++) {
        float e = exponential(load(p, i) - top);
        sum += e;
        store(p, i, e);
      }
      float factor = 1.0f / sum;
      SIMD for (int64_t i = 0; i < width; i++) store(p, i, load(p, i) * factor);
    }
  });
}

void softmax_back_rows(Kind kind, const void* p, void* dp, int64_t rows, int64_t width, float scale) {
  with_type(kind, p, [&](auto* probabilities) {
    with_type(kind, dp, [&](auto* gradients) {
      for (int64_t r = 0; r < rows; r++) {
        auto* a = probabilities + r * width;
        auto* b = gradients + r * width;
        float mean = 0;
        SIMD_SUM(mean) for (int64_t i = 0; i < width; i++) mean += load(a, i) * load(b, i);
        SIMD for (int64_t i = 0; i < width; i++) store(b, i, scale * load(a, i) * (load(b, i) - mean));
      }
    });
  });
}

}  // namespace PEL_VARIANT
}  // namespace pel
