// Our operators, as registered under "pel::" in register.cpp. Those with a gradient give that of the activations only:
// parameters stay outside automatic differentiation.
//
// "Units" are the units of privacy: image i is unit i, or, with offsets [U + 1] (int64), unit u has the adjacent images
// offsets[u] ... offsets[u + 1] - 1. Images of one unit are summed before any norm is taken.
#pragma once
#include "../kernels/kernels.h"
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Optional.h>
#include <tuple>
#include <vector>

namespace pel {

using at::IntArrayRef;
using at::ScalarType;
using at::Tensor;
using OptionalTensor = c10::optional<Tensor>;

// ---- shared by the operators ----

template <class T>
T* data(const Tensor& t) { return static_cast<T*>(t.data_ptr()); }

Kind kind_of(const Tensor& t);  // float32 or bfloat16, otherwise an error

// Runs body(begin, end) on all threads. Matrix products called inside run on one thread each.
template <class F>
void parallel(int64_t n, int64_t grain, const F& body) { at::parallel_for(0, n, grain, body); }

class Units {
 public:
  Units(const OptionalTensor& offsets, int64_t images);
  int64_t count() const { return count_; }
  int64_t begin(int64_t unit) const { return offsets_ ? offsets_[unit] : unit; }
  int64_t end(int64_t unit) const { return offsets_ ? offsets_[unit + 1] : unit + 1; }
  Tensor spread(const Tensor& per_unit) const;  // one float32 value an image

 private:
  Tensor held_;
  const int64_t* offsets_ = nullptr;
  int64_t count_;
};

// c = alpha op(a) op(b) + beta c, float32, row-major: op(a) is [m, k], op(b) is [k, n], ld* the distance of rows.
void sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
           const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

// alpha a b (+ bias), two-dimensional or batched, float32 or bfloat16 in (both alike) and out.
Tensor product(Tensor a, Tensor b, const OptionalTensor& bias, ScalarType out, double alpha = 1);

// bfloat16 products in hardware; otherwise they are done in float32.
bool has_bfloat16_products();

Tensor in_type(const Tensor& x, ScalarType type);  // contiguous if converted

// The same in double, and the upper triangle of c = a a^T + beta c, a [n, k].
void dgemm_transposed(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double beta,
                      double* c, int64_t ldc);
void dsyrk_upper(int64_t n, int64_t k, const double* a, int64_t lda, double beta, double* c, int64_t ldc);

struct GramSums {
  double squared;  // squared norm of a_u^T g_u
  double spread;   // sum over rows of |a| |g|
};

// Of the R rows of one unit, by Gram matrices in double: products of float32 values are exact there, so that the result is
// good also where rows almost cancel. The scratch grows as needed.
GramSums gram_sums(const float* a, const float* g, int64_t rows, int64_t d, int64_t p, std::vector<double>& scratch);

Plane plane_of(const Tensor& x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation);

// ---- operators: forward ----

Tensor cast(const Tensor& x, int64_t type);
Tensor linear(const Tensor& x, const Tensor& w, const OptionalTensor& b, int64_t type);
Tensor gelu(const Tensor& x);
std::tuple<Tensor, Tensor> layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon, int64_t type);
std::tuple<Tensor, Tensor> group_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, int64_t groups, double epsilon);
Tensor attention(const Tensor& qkv, int64_t heads);
Tensor max_pool(const Tensor& x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation);
Tensor conv2d(const Tensor& x, const Tensor& w, const OptionalTensor& b, IntArrayRef stride, IntArrayRef padding,
              IntArrayRef dilation, int64_t groups);
Tensor unfold(const Tensor& x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation);

// ---- operators: per-unit gradients ----

Tensor square_rows(const Tensor& x);
std::tuple<Tensor, Tensor> gram_norms(const Tensor& a, const Tensor& g, bool bias, const OptionalTensor& offsets);
std::tuple<Tensor, Tensor, Tensor> sample_grads(const Tensor& a, const Tensor& g, bool bias, bool keep,
                                                const OptionalTensor& offsets);
std::tuple<Tensor, Tensor> clipped_sum(const Tensor& a, const Tensor& g, const Tensor& factors, bool bias,
                                       const OptionalTensor& offsets, bool always_split);
Tensor weighted_sum(const Tensor& gradients, const Tensor& factors);
std::tuple<Tensor, Tensor> layer_norm_sample_grads(const Tensor& g, const Tensor& x, const Tensor& stats,
                                                   const OptionalTensor& offsets);
std::tuple<Tensor, Tensor> group_norm_sample_grads(const Tensor& g, const Tensor& x, const Tensor& stats,
                                                   const OptionalTensor& offsets);
std::tuple<Tensor, Tensor> conv_gram_norms(const Tensor& x, const Tensor& g, bool bias, IntArrayRef kernel,
                                           IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation, int64_t groups,
                                           const OptionalTensor& offsets);
std::tuple<Tensor, Tensor, Tensor> conv_sample_grads(const Tensor& x, const Tensor& g, bool bias, bool keep,
                                                     IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding,
                                                     IntArrayRef dilation, int64_t groups, const OptionalTensor& offsets);
std::tuple<Tensor, Tensor> conv_clipped_sum(const Tensor& x, const Tensor& g, const Tensor& factors, bool bias,
                                            IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding,
                                            IntArrayRef dilation, int64_t groups, const OptionalTensor& offsets);

}  // namespace pel
