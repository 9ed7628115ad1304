// Inner loops over raw memory, one thread each: the callers in ops/ split the work and call them per range.
//
// Every source of this folder is compiled once per instruction set, into the namespace PEL_VARIANT, and the tables
// below are chosen between at run time. Therefore nothing here may include a header with inline functions (the
// standard library's, libtorch's): the linker keeps one copy of those, perhaps the one that this processor cannot run.
#pragma once
#include <stdint.h>

namespace pel {

enum class Kind : int32_t { f32, bf16 };  // element type behind a void pointer

struct Window {  // as Window2d on the managed side
  int64_t kernel[2], stride[2], padding[2], dilation[2];
};

struct Plane {  // one image, channels last or first as the function says, and its windows
  int64_t channels, height, width, out_height, out_width;
  Window window;
};

struct GroupShape {  // one example of a group normalisation, channels last
  int64_t positions, channels, groups;
};

// K(result, name, arguments)
#define PEL_KERNELS(K)                                                                                              \
  /* activation.cpp: element by element; x may be y */                                                             \
  K(void, cast, (Kind from, Kind to, const void* x, void* y, int64_t n))                                            \
  K(void, gelu, (Kind kind, const void* x, void* y, int64_t n))                                                     \
  K(void, gelu_back, (Kind kind, const void* x, const void* g, void* dx, int64_t n))                                \
  /* softmax.cpp: rows in place; the second turns dp into scale * d(logits), p the probabilities */                \
  K(void, softmax_rows, (Kind kind, void* x, int64_t rows, int64_t width))                                          \
  K(void, softmax_back_rows, (Kind kind, const void* p, void* dp, int64_t rows, int64_t width, float scale))        \
  /* layer_norm.cpp: x float32, y and g of the kind; stats (mean, 1/deviation) per row; sums are added to */       \
  K(void, layer_norm, (Kind kind, const float* x, const float* w, const float* b, void* y, float* stats,            \
                       int64_t rows, int64_t width, float epsilon))                                                 \
  K(void, layer_norm_back, (Kind kind, const void* g, const float* x, const float* w, const float* stats,           \
                            float* dx, int64_t rows, int64_t width))                                                \
  K(void, layer_norm_sums, (Kind kind, const void* g, const float* x, const float* stats, float* gamma,             \
                            float* beta, int64_t rows, int64_t width))                                              \
  /* group_norm.cpp: one example [positions, channels]; work has room for 4 * channels; stats per group */         \
  K(void, group_norm, (const float* x, const float* w, const float* b, float* y, float* stats, GroupShape s,        \
                       float epsilon, float* work))                                                                 \
  K(void, group_norm_back, (const float* g, const float* x, const float* w, const float* stats, float* dx,          \
                            GroupShape s, float* work))                                                             \
  K(void, group_norm_sums, (const float* g, const float* x, const float* stats, float* gamma, float* beta,          \
                            GroupShape s, float* work))                                                             \
  /* pooling.cpp: one image, channels last; which tap of the window won is kept in a byte */                       \
  K(void, max_pool, (const float* x, float* y, uint8_t* winner, const Plane& plane))                                \
  K(void, max_pool_back, (const float* g, const uint8_t* winner, float* dx, const Plane& plane))                    \
  /* unfold.cpp: windows of one image as rows */                                                                    \
  K(void, unfold_taps, (const float* x, float* rows, const Plane& plane, int64_t first, int64_t count))             \
  K(void, fold_taps, (const float* rows, float* dx, const Plane& plane))                                            \
  K(void, unfold_channels, (Kind kind, const void* x, void* rows, const Plane& plane))                              \
  /* sums.cpp */                                                                                                    \
  K(double, square_sum, (Kind kind, const void* x, int64_t n))                                                      \
  K(double, dot, (const float* x, const float* y, int64_t n))                                                       \
  K(void, scale, (Kind kind, const void* x, void* y, float factor, int64_t n))                                      \
  K(void, scale_split, (const void* x, float factor, void* high, void* low, int64_t n)) /* all bfloat16 */           \
  K(void, add_scaled, (Kind kind, const void* x, float factor, float* sum, int64_t n))                              \
  K(void, add_scaled_wide, (Kind kind, const void* x, double factor, double* sum, int64_t n))                       \
  /* gaussian.cpp: 2 * pairs words of random bits to as many normal variates; then onto the sums */                \
  K(void, gaussian, (const uint64_t* words, double* z, int64_t pairs))                                              \
  K(int, add_noise, (const double* z, float* data, int64_t n, double deviation, double grid, double divisor))

struct Kernels {
  const char* name;
#define PEL_FIELD(result, name, arguments) result(*name) arguments;
  PEL_KERNELS(PEL_FIELD)
#undef PEL_FIELD
};

#define PEL_DECLARE(result, name, arguments) result name arguments;
namespace generic { extern const Kernels table; PEL_KERNELS(PEL_DECLARE) }
namespace v3 { extern const Kernels table; PEL_KERNELS(PEL_DECLARE) }
namespace v4 { extern const Kernels table; PEL_KERNELS(PEL_DECLARE) }
#undef PEL_DECLARE

const Kernels& kernels();  // the active variant; see boundary/runtime.cpp

}  // namespace pel
