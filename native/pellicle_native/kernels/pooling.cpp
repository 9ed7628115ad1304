// Maxima of windows of one image, channels last: the inner loops run over channels.
#include "simd.h"

namespace pel {
namespace PEL_VARIANT {

void max_pool(const float* x, float* y, uint8_t* winner, const Plane& plane) {
  const Window& w = plane.window;
  int64_t channels = plane.channels;
  for (int64_t i = 0; i < plane.out_height; i++) {
    for (int64_t j = 0; j < plane.out_width; j++, y += channels, winner += channels) {
      bool first = true;
      for (int64_t a = 0; a < w.kernel[0]; a++) {
        int64_t row = i * w.stride[0] - w.padding[0] + a * w.dilation[0];
        if (row < 0 || row >= plane.height) continue;
        for (int64_t b = 0; b < w.kernel[1]; b++) {
          int64_t column = j * w.stride[1] - w.padding[1] + b * w.dilation[1];
          if (column < 0 || column >= plane.width) continue;
          const float* p = x + (row * plane.width + column) * channels;
          uint8_t tap = static_cast<uint8_t>(a * w.kernel[1] + b);
          if (first) {
            SIMD for (int64_t c = 0; c < channels; c++) y[c] = p[c];
            SIMD for (int64_t c = 0; c < channels; c++) winner[c] = tap;
            first = false;
            continue;
          }
          SIMD for (int64_t c = 0; c < channels; c++) {
            // The first of equals wins, and a NaN wins and stays, as in libtorch.
            bool better = !(p[c] <= y[c]) && y[c] == y[c];
            y[c] = better ? p[c] : y[c];
            winner[c] = better ? tap : winner[c];
          }
        }
      }
    }
  }
}

void max_pool_back(const float* g, const uint8_t* winner, float* dx, const Plane& plane) {
  const Window& w = plane.window;
  int64_t channels = plane.channels, size = plane.height * plane.width * channels;
  SIMD for (int64_t i = 0; i < size; i++) dx[i] = 0;
  for (int64_t i = 0; i < plane.out_height; i++) {
    for (int64_t j = 0; j < plane.out_width; j++, g += channels, winner += channels) {
      for (int64_t a = 0; a < w.kernel[0]; a++) {
        int64_t row = i * w.stride[0] - w.padding[0] + a * w.dilation[0];
        if (row < 0 || row >= plane.height) continue;
        for (int64_t b = 0; b < w.kernel[1]; b++) {
          int64_t column = j * w.stride[1] - w.padding[1] + b * w.dilation[1];
          if (column < 0 || column >= plane.width) continue;
          float* p = dx + (row * plane.width + column) * channels;
          uint8_t tap = static_cast<uint8_t>(a * w.kernel[1] + b);
          SIMD for (int64_t c = 0; c < channels; c++) p[c] += winner[c] == tap ? g[c] : 0.0f;
        }
      }
    }
  }
}

}  // namespace PEL_VARIANT
}  // namespace pel
