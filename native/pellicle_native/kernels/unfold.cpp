// Windows of one image as rows of a matrix, so that a convolution is a matrix product.
//
// "Taps" order: the image is channels last and a row runs over (kernel row, kernel column, channel); without dilation a
// kernel row is one run of memory. "Channels" order: the image is channels first and a row runs over (channel, kernel
// row, kernel column), the order of the weights of libtorch.
#include "simd.h"

namespace pel {
namespace PEL_VARIANT {
namespace {

// Calls body(kernel row, first kernel column inside the image, one past the last, row) for each kernel row of window
// (i, j); row is -1 outside the image.
template <class F>
INLINE void each_kernel_row(const Plane& plane, int64_t i, int64_t j, F body) {
  const Window& w = plane.window;
  int64_t left = j * w.stride[1] - w.padding[1], step = w.dilation[1];
  int64_t from = left < 0 ? (-left + step - 1) / step : 0;
  int64_t to = left < plane.width ? (plane.width - left + step - 1) / step : 0;
  if (to > w.kernel[1]) to = w.kernel[1];
  if (from > to) from = to;
  for (int64_t a = 0; a < w.kernel[0]; a++) {
    int64_t row = i * w.stride[0] - w.padding[0] + a * w.dilation[0];
    bool inside = row >= 0 && row < plane.height;
    body(a, inside ? from : 0, inside ? to : 0, row, left);
  }
}

// Runs of a kernel row are short: a loop of whole vectors without a tail for the usual lengths.
INLINE void copy_run(const float* from, float* to, int64_t count) {
  if (count % 8 == 0) {
    for (int64_t k = 0; k < count; k += 8) __builtin_memcpy(to + k, from + k, 32);
  } else {
    for (int64_t k = 0; k < count; k++) to[k] = from[k];
  }
}

}  // namespace

void unfold_taps(const float* x, float* rows, const Plane& plane, int64_t first, int64_t count) {
  const Window& w = plane.window;
  int64_t channels = plane.channels, run = w.kernel[1] * channels, step = w.dilation[1] * channels;
  for (int64_t t = first; t < first + count; t++) {
    each_kernel_row(plane, t / plane.out_width, t % plane.out_width,
                    [&](int64_t, int64_t from, int64_t to, int64_t row, int64_t left) {
      const float* p = x + (row * plane.width + left) * channels;
      if (from == 0 && to == w.kernel[1] && w.dilation[1] == 1) {
        copy_run(p, rows, run);
      } else {
        SIMD for (int64_t k = 0; k < from * channels; k++) rows[k] = 0;
        for (int64_t b = from; b < to; b++) {
          SIMD for (int64_t c = 0; c < channels; c++) rows[b * channels + c] = p[b * step + c];
        }
        SIMD for (int64_t k = to * channels; k < run; k++) rows[k] = 0;
      }
      rows += run;
    });
  }
}

void fold_taps(const float* rows, float* dx, const Plane& plane) {
  const Window& w = plane.window;
  int64_t channels = plane.channels, run = w.kernel[1] * channels, step = w.dilation[1] * channels;
  int64_t size = plane.height * plane.width * channels;
  SIMD for (int64_t k = 0; k < size; k++) dx[k] = 0;
  for (int64_t i = 0; i < plane.out_height; i++) {
    for (int64_t j = 0; j < plane.out_width; j++) {
      each_kernel_row(plane, i, j, [&](int64_t, int64_t from, int64_t to, int64_t row, int64_t left) {
        float* p = dx + (row * plane.width + left) * channels;
        if (w.dilation[1] == 1) {
          SIMD for (int64_t k = from * channels; k < to * channels; k++) p[k] += rows[k];
        } else {
          for (int64_t b = from; b < to; b++) {
            SIMD for (int64_t c = 0; c < channels; c++) p[b * step + c] += rows[b * channels + c];
          }
        }
        rows += run;
      });
    }
  }
}

void unfold_channels(Kind kind, const void* x, void* rows, const Plane& plane) {
  const Window& w = plane.window;
  int64_t area = w.kernel[0] * w.kernel[1];
  with_type(kind, rows, [&](auto* out) {
    auto* image = static_cast<decltype(out)>(const_cast<void*>(x));
    auto zero = out[0];
    store(&zero, 0, 0.0f);
    for (int64_t i = 0; i < plane.out_height; i++) {
      for (int64_t j = 0; j < plane.out_width; j++) {
        for (int64_t c = 0; c < plane.channels; c++, out += area) {
          const auto* channel = image + c * plane.height * plane.width;
          each_kernel_row(plane, i, j, [&](int64_t a, int64_t from, int64_t to, int64_t row, int64_t left) {
            const auto* p = channel + row * plane.width + left;
            auto* o = out + a * w.kernel[1];
            for (int64_t b = 0; b < from; b++) o[b] = zero;
            for (int64_t b = from; b < to; b++) o[b] = p[b * w.dilation[1]];
            for (int64_t b = to; b < w.kernel[1]; b++) o[b] = zero;
          });
        }
      }
    }
  });
}

}  // namespace PEL_VARIANT
}  // namespace pel
