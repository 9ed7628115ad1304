// Group normalisation of one example, channels last: loops over positions are outermost, so that the inner loops run
// over channels and vectorise whatever the group's width. Group sums are formed from channel sums.
#include "simd.h"

namespace pel {
namespace PEL_VARIANT {
namespace {

// Replaces each channel's value by its group's sum.
INLINE void sum_groups(float* channel, GroupShape s) {
  int64_t width = s.channels / s.groups;
  for (int64_t g = 0; g < s.groups; g++) {
    float* p = channel + g * width;
    float sum = 0;
    for (int64_t i = 0; i < width; i++) sum += p[i];
    for (int64_t i = 0; i < width; i++) p[i] = sum;
  }
}

}  // namespace

void group_norm(const float* x, const float* w, const float* b, float* y, float* stats, GroupShape s, float epsilon,
                float* work) {
  int64_t channels = s.channels, width = channels / s.groups;
  float count = static_cast<float>(s.positions * width);
  float *mean = work, *scale = work + channels;
  SIMD for (int64_t i = 0; i < channels; i++) mean[i] = scale[i] = 0;
  for (int64_t t = 0; t < s.positions; t++) {
    const float* p = x + t * channels;
    SIMD for (int64_t i = 0; i < channels; i++) mean[i] += p[i];
  }
  sum_groups(mean, s);
  SIMD for (int64_t i = 0; i < channels; i++) mean[i] /= count;
  for (int64_t t = 0; t < s.positions; t++) {
    const float* p = x + t * channels;
    SIMD for (int64_t i = 0; i < channels; i++) scale[i] += (p[i] - mean[i]) * (p[i] - mean[i]);
  }
  sum_groups(scale, s);
  for (int64_t g = 0; g < s.groups; g++) {
    stats[2 * g] = mean[g * width];
    stats[2 * g + 1] = 1.0f / __builtin_sqrtf(scale[g * width] / count + epsilon);
  }
  // y = x * scale + shift; the shift takes the place of the mean.
  for (int64_t i = 0; i < channels; i++) {
    scale[i] = stats[2 * (i / width) + 1] * w[i];
    mean[i] = b[i] - mean[i] * scale[i];
  }
  for (int64_t t = 0; t < s.positions; t++) {
    const float* p = x + t * channels;
    float* q = y + t * channels;
    SIMD for (int64_t i = 0; i < channels; i++) q[i] = p[i] * scale[i] + mean[i];
  }
}

void group_norm_sums(const float* g, const float* x, const float* stats, float* gamma, float* beta, GroupShape s,
                     float* work) {
  int64_t channels = s.channels, width = channels / s.groups;
  // The mean is taken off inside the sum: (sum g x) - mean (sum g) would cancel.
  float *mean = work, *product = work + channels;
  for (int64_t i = 0; i < channels; i++) {
    mean[i] = stats[2 * (i / width)];
    product[i] = 0;
  }
  for (int64_t t = 0; t < s.positions; t++) {
    const float *p = x + t * channels, *q = g + t * channels;
    SIMD for (int64_t i = 0; i < channels; i++) {
      beta[i] += q[i];
      product[i] += q[i] * (p[i] - mean[i]);
    }
  }
  for (int64_t i = 0; i < channels; i++) gamma[i] += product[i] * stats[2 * (i / width) + 1];
}

void group_norm_back(const float* g, const float* x, const float* w, const float* stats, float* dx, GroupShape s,
                     float* work) {
  int64_t channels = s.channels, width = channels / s.groups;
  float count = static_cast<float>(s.positions * width);
  float *product = work, *sum = work + channels, *scale = work + 2 * channels;
  SIMD for (int64_t i = 0; i < channels; i++) product[i] = sum[i] = 0;
  group_norm_sums(g, x, stats, product, sum, s, work + 2 * channels);
  SIMD for (int64_t i = 0; i < channels; i++) {
    product[i] *= w[i];
    sum[i] *= w[i];
  }
  sum_groups(product, s);
  sum_groups(sum, s);
  // dx = inverse (g w - mean(g w) - xhat mean(g w xhat)) = g * scale + x * a + c per channel; a and c take the places of
  // the sums.
  for (int64_t i = 0; i < channels; i++) {
    float mean = stats[2 * (i / width)], inverse = stats[2 * (i / width) + 1];
    float a = -inverse * inverse * product[i] / count;
    sum[i] = -inverse * sum[i] / count - mean * a;
    product[i] = a;
    scale[i] = inverse * w[i];
  }
  for (int64_t t = 0; t < s.positions; t++) {
    const float *p = x + t * channels, *q = g + t * channels;
    float* o = dx + t * channels;
    SIMD for (int64_t i = 0; i < channels; i++) o[i] = q[i] * scale[i] + p[i] * product[i] + sum[i];
  }
}

}  // namespace PEL_VARIANT
}  // namespace pel
