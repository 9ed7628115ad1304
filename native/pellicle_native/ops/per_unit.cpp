// Per-unit gradients of a linear map from its inputs a [N, T, d] (or [N, d]) and output gradients g [N, T, p]: their
// norms, and their sums with one factor a unit. Book-keeping of Bu et al. 2022, "Differentially private optimization on
// large models", algorithm 1.
#include "ops.h"
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_strided.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>
#include <cstring>

namespace pel {

Units::Units(const OptionalTensor& offsets, int64_t images) : count_(images) {
  if (!offsets || !offsets->defined()) return;
  held_ = offsets->contiguous();
  TORCH_CHECK(held_.scalar_type() == at::kLong && held_.dim() == 1 && held_.size(0) >= 1, "offsets: int64 [units + 1] expected");
  offsets_ = data<int64_t>(held_);
  count_ = held_.size(0) - 1;
  TORCH_CHECK(offsets_[0] == 0 && offsets_[count_] == images, "offsets must run from 0 to ", images, " images");
  for (int64_t u = 0; u < count_; u++) TORCH_CHECK(offsets_[u] <= offsets_[u + 1], "offsets must not decrease");
}

Tensor Units::spread(const Tensor& per_unit) const {
  TORCH_CHECK(per_unit.dim() == 1 && per_unit.size(0) == count_, "one factor a unit expected: ", count_, ", got ", per_unit.sizes());
  Tensor factors = per_unit.to(at::kFloat).contiguous();
  if (!offsets_) return factors;
  Tensor out = at::empty({offsets_[count_]}, factors.options());
  for (int64_t u = 0; u < count_; u++)
    for (int64_t i = begin(u); i < end(u); i++) data<float>(out)[i] = data<float>(factors)[u];
  return out;
}

namespace {

constexpr int64_t kGramBlock = 64, kGramSlice = 256;  // rows and columns of a product at a time

// a as [N, T, d]; two-dimensional input has T = 1.
Tensor with_rows(const Tensor& t) {
  TORCH_CHECK(t.dim() >= 2, "[N, d] or [N, T, d] expected, got ", t.sizes());
  Tensor x = t.contiguous();
  int64_t n = x.size(0), width = x.size(-1);
  int64_t rows = 1;
  for (int64_t i = 1; i + 1 < x.dim(); i++) rows *= x.size(i);
  return x.view({n, rows, width});
}

void check_pair(const char* name, const Tensor& a, const Tensor& g) {
  TORCH_CHECK(a.size(0) == g.size(0) && a.size(1) == g.size(1), name, ": inputs ", a.sizes(), " and gradients ", g.sizes(),
              " have different rows");
  TORCH_CHECK(a.scalar_type() == g.scalar_type(), name, ": inputs are ", a.scalar_type(), ", gradients ", g.scalar_type());
}

char* at_row(const Tensor& t, int64_t row) { return data<char>(t) + row * t.size(-1) * t.element_size(); }

// Sums the gradients of one unit's rows: the bias gradient.
void sum_rows(const Tensor& g, int64_t first, int64_t count, float* sum) {
  Kind kind = kind_of(g);
  memset(sum, 0, g.size(-1) * sizeof(float));
  for (int64_t r = first; r < first + count; r++) kernels().add_scaled(kind, at_row(g, r), 1.0f, sum, g.size(-1));
}

double bias_norm(const Tensor& g, int64_t first, int64_t count) {
  std::vector<float> sum(g.size(-1));
  sum_rows(g, first, count, sum.data());
  return kernels().square_sum(Kind::f32, sum.data(), g.size(-1));
}

// Rows first ... end of x x^T, from the diagonal on: the triangle of the block itself, and everything behind it. The
// columns of x are taken in slices, so that their copies in double stay in the cache.
void gram_block(const float* x, int64_t first, int64_t count, int64_t rows, int64_t width, double* slice, double* out) {
  int64_t rest = rows - first;
  for (int64_t from = 0; from < width; from += kGramSlice) {
    int64_t k = std::min(kGramSlice, width - from);
    for (int64_t r = 0; r < rest; r++)
      for (int64_t i = 0; i < k; i++) slice[r * k + i] = x[(first + r) * width + from + i];
    double beta = from == 0 ? 0 : 1;
    dsyrk_upper(count, k, slice, k, beta, out, rest);
    if (rest > count) dgemm_transposed(count, rest - count, k, slice, k, slice + count * k, k, beta, out + count, rest);
  }
}

}  // namespace

GramSums gram_sums(const float* a, const float* g, int64_t rows, int64_t d, int64_t p, std::vector<double>& scratch) {
  int64_t block = std::min(rows, kGramBlock), slice = rows * std::min(std::max(d, p), kGramSlice);
  scratch.resize(std::max<int64_t>(scratch.size(), 2 * block * rows + slice));
  double *pa = scratch.data(), *pg = pa + block * rows, *copy = pg + block * rows;
  GramSums sums{0, 0};
  for (int64_t first = 0; first < rows; first += kGramBlock) {
    int64_t count = std::min(kGramBlock, rows - first), rest = rows - first;
    gram_block(a, first, count, rows, d, copy, pa);
    gram_block(g, first, count, rows, p, copy, pg);
    for (int64_t r = 0; r < count; r++) {
      const double *qa = pa + r * rest, *qg = pg + r * rest;
      double behind = 0;
      for (int64_t i = r + 1; i < rest; i++) behind += qa[i] * qg[i];
      sums.squared += qa[r] * qg[r] + 2 * behind;
      sums.spread += std::sqrt(qa[r] * qg[r]);
    }
  }
  return sums;
}

Tensor square_rows(const Tensor& t) {
  TORCH_CHECK(t.dim() >= 1, "sq_rows: at least one dimension expected");
  Tensor x = t.contiguous(), out = at::empty({x.size(0)}, x.options().dtype(at::kDouble));
  int64_t n = x.size(0), width = n ? x.numel() / n : 0, size = x.element_size();
  Kind kind = kind_of(x);
  parallel(n, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) data<double>(out)[i] = kernels().square_sum(kind, data<char>(x) + i * width * size, width);
  });
  return out;
}

std::tuple<Tensor, Tensor> gram_norms(const Tensor& inputs, const Tensor& gradients, bool bias, const OptionalTensor& offsets) {
  Tensor a = with_rows(inputs), g = with_rows(gradients);
  check_pair("gram_norms", a, g);
  int64_t n = a.size(0), T = a.size(1), d = a.size(2), p = g.size(2);
  Units units(offsets, n);
  Tensor squared = at::empty({units.count()}, a.options().dtype(at::kDouble)), spread = at::zeros_like(squared);
  double *s = data<double>(squared), *c = data<double>(spread);
  Tensor wide_a = in_type(a, at::kFloat), wide_g = in_type(g, at::kFloat);
  parallel(units.count(), 1, [&](int64_t begin, int64_t end) {
    std::vector<double> scratch;
    for (int64_t u = begin; u < end; u++) {
      int64_t first = units.begin(u) * T, rows = units.end(u) * T - first;
      if (rows == 1) {  // one product of two norms: exact but for rounding in double
        s[u] = kernels().square_sum(kind_of(a), at_row(a, first), d) * kernels().square_sum(kind_of(g), at_row(g, first), p);
      } else {
        GramSums sums = gram_sums(data<float>(wide_a) + first * d, data<float>(wide_g) + first * p, rows, d, p, scratch);
        s[u] = sums.squared;
        c[u] = sums.spread * sums.spread;
      }
      if (bias) s[u] += bias_norm(g, first, rows);
    }
  });
  return {squared, spread};
}

std::tuple<Tensor, Tensor, Tensor> sample_grads(const Tensor& inputs, const Tensor& gradients, bool bias, bool keep,
                                                const OptionalTensor& offsets) {
  Tensor a = with_rows(inputs), g = with_rows(gradients);
  check_pair("sample_grads", a, g);
  a = in_type(a, at::kFloat);
  Tensor wide = in_type(g, at::kFloat);
  int64_t n = a.size(0), T = a.size(1), d = a.size(2), p = g.size(2);
  Units units(offsets, n);
  auto options = a.options();
  Tensor squared = at::empty({units.count()}, options.dtype(at::kDouble)), weights, biases;
  if (keep) weights = at::empty({units.count(), p, d}, options);
  if (bias) biases = at::empty({units.count(), p}, options);
  parallel(units.count(), 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scratch(keep ? 0 : p * d);
    for (int64_t u = begin; u < end; u++) {
      int64_t first = units.begin(u) * T, rows = units.end(u) * T - first;
      float* w = keep ? data<float>(weights) + u * p * d : scratch.data();
      if (rows == 0) memset(w, 0, p * d * sizeof(float));
      else sgemm(true, false, p, d, rows, 1, data<float>(wide) + first * p, p, data<float>(a) + first * d, d, 0, w, d);
      double sum = kernels().square_sum(Kind::f32, w, p * d);
      if (bias) {
        float* b = data<float>(biases) + u * p;
        sum_rows(wide, first, rows, b);
        sum += kernels().square_sum(Kind::f32, b, p);
      }
      data<double>(squared)[u] = sum;
    }
  });
  return {squared, weights, biases};
}

std::tuple<Tensor, Tensor> clipped_sum(const Tensor& inputs, const Tensor& gradients, const Tensor& factors, bool bias,
                                       const OptionalTensor& offsets, bool always_split) {
  Tensor a = with_rows(inputs), g = with_rows(gradients);
  check_pair("clipped_sum", a, g);
  if (kind_of(a) == Kind::bf16 && !has_bfloat16_products() && !always_split) {
    // One product in float32 is then faster than two in bfloat16, and closer.
    a = in_type(a, at::kFloat);
    g = in_type(g, at::kFloat);
  }
  int64_t n = a.size(0), T = a.size(1), d = a.size(2), p = g.size(2), rows = n * T;
  Tensor per_image = Units(offsets, n).spread(factors), bias_sum;
  const float* c = data<float>(per_image);
  // The factor may go to either side of the product: to the narrower one.
  bool scale_input = d < p;
  Tensor& narrow = scale_input ? a : g;
  int64_t width = narrow.size(2), size = narrow.element_size();
  Tensor scaled = at::empty(narrow.sizes(), narrow.options()), rest;
  Kind kind = kind_of(narrow);
  // A scaled row in bfloat16 would be off by 2^-9, which is too much where rows cancel: it goes in two parts, off by 2^-18.
  bool split = kind == Kind::bf16 && !std::all_of(c, c + n, [](float factor) { return factor == 1; });
  if (split) rest = at::empty(narrow.sizes(), narrow.options());
  parallel(rows, 64, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      int64_t at = r * width * size;
      if (split) kernels().scale_split(at_row(narrow, r), c[r / T], data<char>(scaled) + at, data<char>(rest) + at, width);
      else kernels().scale(kind, at_row(narrow, r), data<char>(scaled) + at, c[r / T], width);
    }
  });
  if (bias) {
    bias_sum = at::zeros({p}, per_image.options());
    Kind kind_g = kind_of(g);
    int64_t size_g = g.element_size();
    parallel(p, 64, [&](int64_t begin, int64_t end) {
      for (int64_t r = 0; r < rows; r++)
        kernels().add_scaled(kind_g, at_row(g, r) + begin * size_g, c[r / T], data<float>(bias_sum) + begin, end - begin);
    });
  }
  if (rows == 0) return {at::zeros({p, d}, per_image.options()), bias_sum};
  auto sum = [&](const Tensor& part) {
    Tensor left = (scale_input ? g : part).view({rows, p}), right = (scale_input ? part : a).view({rows, d});
    return product(left.t(), right, {}, at::kFloat);
  };
  Tensor weight = sum(scaled);
  if (split) weight.add_(sum(rest));
  return {weight, bias_sum};
}

Tensor weighted_sum(const Tensor& gradients, const Tensor& factors) {
  TORCH_CHECK(gradients.dim() >= 1 && factors.dim() == 1 && factors.size(0) == gradients.size(0),
              "weighted_sum: one factor a unit expected: ", gradients.sizes(), " and ", factors.sizes());
  // Units that are dense in another order of dimensions (weights of convolutions) are summed as they lie.
  int64_t n = gradients.size(0), width = n ? gradients.numel() / n : 0;
  bool dense = n > 0 && gradients.stride(0) == width && gradients.is_non_overlapping_and_dense();
  Tensor x = dense ? gradients : gradients.contiguous(), c = factors.to(at::kDouble).contiguous();
  Tensor out = at::empty_strided(x.sizes().slice(1), x.strides().slice(1), x.options().dtype(at::kFloat));
  if (n == 0) return out.zero_();
  int64_t size = x.element_size();
  Kind kind = kind_of(x);
  constexpr int64_t kBlock = 2048;
  parallel((width + kBlock - 1) / kBlock, 1, [&](int64_t begin, int64_t end) {
    double sum[kBlock];
    for (int64_t b = begin; b < end; b++) {
      int64_t first = b * kBlock, count = std::min(kBlock, width - first);
      memset(sum, 0, sizeof sum);
      for (int64_t u = 0; u < n; u++)
        kernels().add_scaled_wide(kind, data<char>(x) + (u * width + first) * size, data<double>(c)[u], sum, count);
      for (int64_t i = 0; i < count; i++) data<float>(out)[first + i] = static_cast<float>(sum[i]);
    }
  });
  return out.contiguous();
}

}  // namespace pel
