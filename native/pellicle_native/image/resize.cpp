// Separable resizing with the triangle filter, widened by the reduction factor (antialiased bilinear). One rounding, at the end.
// The vertical pass runs first over whole rows, which vectorises and leaves the horizontal pass few rows.
#include <algorithm>
#include <cmath>
#include <vector>
#include "internal.h"

namespace {

struct Taps {
  std::vector<int> first, count;
  std::vector<float> weight;  // `width` weights per output position
  int width = 0;
};

// Output i lies at (i + 1/2) * scale of the source; weights fall linearly to 0 at distance max(scale, 1).
void make_taps(int in, int out, Taps& taps) {
  const double scale = double(in) / out;
  const double support = std::max(scale, 1.0);
  taps.width = int(std::ceil(support)) * 2 + 1;
  taps.first.resize(out);
  taps.count.resize(out);
  taps.weight.assign(size_t(out) * taps.width, 0.0f);
  for (int i = 0; i < out; i++) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(int(centre - support + 0.5), 0);
    const int last = std::min(int(centre + support + 0.5), in);
    double sum = 0;
    for (int k = first; k < last; k++) sum += std::max(0.0, 1.0 - std::fabs((k - centre + 0.5) / support));
    for (int k = first; k < last; k++) {
      const double w = std::max(0.0, 1.0 - std::fabs((k - centre + 0.5) / support)) / sum;
      taps.weight[size_t(i) * taps.width + (k - first)] = float(w);
    }
    taps.first[i] = first;
    taps.count[i] = last - first;
  }
}

// row += weight * samples. The wide variant is chosen at load time; products and sums are not fused, so both give the same bits.
__attribute__((target_clones("avx2", "default"))) void add_row(float* row, const uint8_t* samples, size_t width, float weight) {
  for (size_t i = 0; i < width; i++) row[i] += weight * samples[i];
}

template <int C>
void horizontal(const float* row, const Taps& taps, int out, uint8_t* destination, size_t pixel_step, size_t channel_step) {
  for (int x = 0; x < out; x++) {
    const float* w = &taps.weight[size_t(x) * taps.width];
    const float* p = row + size_t(taps.first[x]) * C;
    float sum[C] = {};
    for (int k = 0; k < taps.count[x]; k++, p += C) {
      for (int c = 0; c < C; c++) sum[c] += w[k] * p[c];
    }
    for (int c = 0; c < C; c++) destination[x * pixel_step + c * channel_step] = uint8_t(std::min(std::max(sum[c] + 0.5f, 0.0f), 255.0f));
  }
}

}  // namespace

int pelimg::resize(const uint8_t* samples, const pelimg_resize_job& job, uint8_t* destination) {
  static thread_local Taps vertical, across;
  static thread_local std::vector<float> row;
  const int channels = job.channels;
  make_taps(job.crop_height, job.out_height, vertical);
  make_taps(job.crop_width, job.out_width, across);
  const size_t stride = size_t(job.width) * channels;
  const size_t width = size_t(job.crop_width) * channels;
  const size_t plane = size_t(job.out_width) * job.out_height;
  row.resize(width);
  for (int y = 0; y < job.out_height; y++) {
    std::fill(row.begin(), row.end(), 0.0f);
    float* out = row.data();
    for (int k = 0; k < vertical.count[y]; k++) {
      const float w = vertical.weight[size_t(y) * vertical.width + k];
      const uint8_t* in = samples + size_t(job.crop_y + vertical.first[y] + k) * stride + size_t(job.crop_x) * channels;
      add_row(out, in, width, w);
    }
    uint8_t* line = destination + size_t(y) * job.out_width * (job.planar ? 1 : channels);
    const size_t pixel_step = job.planar ? 1 : channels, channel_step = job.planar ? plane : 1;
    if (channels == 1) {
      horizontal<1>(out, across, job.out_width, line, pixel_step, channel_step);
    } else {
      horizontal<3>(out, across, job.out_width, line, pixel_step, channel_step);
    }
  }
  return 0;
}
