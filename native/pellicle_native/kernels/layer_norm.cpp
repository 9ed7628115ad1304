#include "simd.h"

namespace pel {
namespace PEL_VARIANT {

void layer_norm(Kind kind, const float* x, const float* w, const float* b, void* y, float* stats, int64_t rows,
                int64_t width, float epsilon) {
  with_type(kind, y, [&](auto* out) {
    for (int64_t r = 0; r < rows; r++) {
      const float* p = x + r * width;
      auto* q = out + r * width;
      float sum = 0, squares = 0;
      SIMD_SUM(sum) for (int64_t i = 0; i < width; i++) sum += p[i];
      float mean = sum / width;
      SIMD_SUM(squares) for (int64_t i = 0; i < width; i++) squares += (p[i] - mean) * (p[i] - mean);
      float inverse = 1.0f / __builtin_sqrtf(squares / width + epsilon);
      stats[2 * r] = mean;
      stats[2 * r + 1] = inverse;
      SIMD for (int64_t i = 0; i < width; i++) store(q, i, (p[i] - mean) * inverse * w[i] + b[i]);
    }
  });
}

void layer_norm_back(Kind kind, const void* g, const float* x, const float* w, const float* stats, float* dx,
                     int64_t rows, int64_t width) {
  with_type(kind, g, [&](auto* gradient) {
    for (int64_t r = 0; r < rows; r++) {
      const float* p = x + r * width;
      auto* q = gradient + r * width;
      float* out = dx + r * width;
      float mean = stats[2 * r], inverse = stats[2 * r + 1], sum = 0, product = 0;
      SIMD_SUM2(sum, product) for (int64_t i = 0; i < width; i++) {
        float t = load(q, i) * w[i];
        sum += t;
        product += t * (p[i] - mean);
      }
      float a = sum / width, c = product * inverse * inverse / width;
      SIMD for (int64_t i = 0; i < width; i++) out[i] = inverse * (load(q, i) * w[i] - a - (p[i] - mean) * c);
    }
  });
}

void layer_norm_sums(Kind kind, const void* g, const float* x, const float* stats, float* gamma, float* beta,
                     int64_t rows, int64_t width) {
  with_type(kind, g, [&](auto* gradient) {
    for (int64_t r = 0; r < rows; r++) {
      const float* p = x + r * width;
      auto* q = gradient + r * width;
      float mean = stats[2 * r], inverse = stats[2 * r + 1];
      SIMD for (int64_t i = 0; i < width; i++) {
        float t = load(q, i);
        beta[i] += t;
        gamma[i] += t * (p[i] - mean) * inverse;
      }
    }
  });
}

}  // namespace PEL_VARIANT
}  // namespace pel
