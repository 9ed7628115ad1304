// Maxima of windows of one image, channels last: the inner loops run over channels.
#include "simd.h"

namespace pel {
namespace PEL_VARIANT {
namespace {

constexpr int64_t kBlock = 16;  // channels at a time: their maxima and winners stay in registers over the window

// Calls body(tap, first value of the pixel) for each pixel of window (i, j) inside the image.
template <class T, class F>
INLINE void each_pixel(const Plane& plane, int64_t i, int64_t j, T* image, F body) {
  const Window& w = plane.window;
  for (int64_t a = 0; a < w.kernel[0]; a++) {
    int64_t row = i * w.stride[0] - w.padding[0] + a * w.dilation[0];
    if (row < 0 || row >= plane.height) continue;
    for (int64_t b = 0; b < w.kernel[1]; b++) {
      int64_t column = j * w.stride[1] - w.padding[1] + b * w.dilation[1];
      if (column < 0 || column >= plane.width) continue;
      body(static_cast<int32_t>(a * w.kernel[1] + b), image + (row * plane.width + column) * plane.channels);
    }
  }
}

// Largest values of kCount channels over window (i, j). The first of equals wins, and a NaN wins and stays, as in
// libtorch.
template <int64_t kCount>
INLINE void block_maxima(const float* x, float* y, uint8_t* winner, const Plane& plane, int64_t i, int64_t j) {
  float best[kCount] = {};
  int32_t taps[kCount] = {};
  bool first = true;
  each_pixel(plane, i, j, x, [&](int32_t tap, const float* p) {
    if (first) {
      SIMD for (int64_t c = 0; c < kCount; c++) {
        best[c] = p[c];
        taps[c] = tap;
      }
      first = false;
    } else {
      SIMD for (int64_t c = 0; c < kCount; c++) {
        bool better = !(p[c] <= best[c]) & (best[c] == best[c]);
        best[c] = better ? p[c] : best[c];
        taps[c] = better ? tap : taps[c];
      }
    }
  });
  SIMD for (int64_t c = 0; c < kCount; c++) y[c] = best[c];
  SIMD for (int64_t c = 0; c < kCount; c++) winner[c] = static_cast<uint8_t>(taps[c]);
}

template <int64_t kCount>
INLINE void block_back(const float* g, const uint8_t* winner, float* dx, const Plane& plane, int64_t i, int64_t j) {
  int32_t taps[kCount];
  SIMD for (int64_t c = 0; c < kCount; c++) taps[c] = winner[c];
  each_pixel(plane, i, j, dx, [&](int32_t tap, float* p) {
    SIMD for (int64_t c = 0; c < kCount; c++) p[c] += taps[c] == tap ? g[c] : 0.0f;
  });
}

}  // namespace

void max_pool(const float* x, float* y, uint8_t* winner, const Plane& plane) {
  for (int64_t i = 0; i < plane.out_height; i++) {
    for (int64_t j = 0; j < plane.out_width; j++, y += plane.channels, winner += plane.channels) {
      int64_t c = 0;
      for (; c + kBlock <= plane.channels; c += kBlock) block_maxima<kBlock>(x + c, y + c, winner + c, plane, i, j);
      for (; c < plane.channels; c++) block_maxima<1>(x + c, y + c, winner + c, plane, i, j);
    }
  }
}

void max_pool_back(const float* g, const uint8_t* winner, float* dx, const Plane& plane) {
  int64_t size = plane.height * plane.width * plane.channels;
  SIMD for (int64_t i = 0; i < size; i++) dx[i] = 0;
  for (int64_t i = 0; i < plane.out_height; i++) {
    for (int64_t j = 0; j < plane.out_width; j++, g += plane.channels, winner += plane.channels) {
      int64_t c = 0;
      for (; c + kBlock <= plane.channels; c += kBlock) block_back<kBlock>(g + c, winner + c, dx + c, plane, i, j);
      for (; c < plane.channels; c++) block_back<1>(g + c, winner + c, dx + c, plane, i, j);
    }
  }
}

}  // namespace PEL_VARIANT
}  // namespace pel
