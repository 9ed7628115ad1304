// Matrix products. OpenBLAS has the faster float32 product; oneDNN has the bfloat16 one, and on AVX-512 the faster
// batched one. Both use the OpenMP threads of libtorch.
#include "ops.h"
#include <ATen/ops/empty.h>
#include <cblas.h>
#include <dnnl.hpp>

namespace pel {
namespace {

using Type = dnnl::memory::data_type;

dnnl::engine& engine() {
  static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

bool has_avx512() {
#if defined(__x86_64__)
  static const bool yes = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
  return yes;
#else
  return false;
#endif
}

// A matrix as BLAS wants it: one unit stride among the last two dimensions.
struct Layout {
  bool transposed;
  int64_t leading;
};

bool is_dense(const Tensor& t) {
  int64_t d = t.dim(), rows = t.size(d - 2), columns = t.size(d - 1);
  bool by_row = t.stride(d - 1) == 1 && t.stride(d - 2) >= columns;
  bool by_column = t.stride(d - 2) == 1 && t.stride(d - 1) >= rows;
  return by_row || by_column;
}

Tensor dense(const Tensor& t) { return is_dense(t) ? t : t.contiguous(); }

Layout layout(const Tensor& t) {
  int64_t d = t.dim();
  bool by_row = t.stride(d - 1) == 1 && t.stride(d - 2) >= t.size(d - 1);
  return {!by_row, std::max<int64_t>(1, by_row ? t.stride(d - 2) : t.stride(d - 1))};
}

// Float32, two-dimensional or batched: one product a batch item, the items spread over the threads.
Tensor product_blas(const Tensor& a, const Tensor& b, const OptionalTensor& bias, double alpha) {
  std::vector<int64_t> sizes = a.sizes().vec();
  int64_t m = sizes[sizes.size() - 2], k = sizes.back(), n = b.size(-1);
  sizes.back() = n;
  Tensor c = at::empty(sizes, a.options());
  if (bias) c.copy_(bias->expand_as(c));
  Layout la = layout(a), lb = layout(b);
  float beta = bias ? 1.0f : 0.0f;
  auto one = [&](int64_t i, int64_t step_a, int64_t step_b) {
    sgemm(la.transposed, lb.transposed, m, n, k, static_cast<float>(alpha), data<float>(a) + i * step_a, la.leading,
          data<float>(b) + i * step_b, lb.leading, beta, data<float>(c) + i * m * n, n);
  };
  if (a.dim() == 2) {
    one(0, 0, 0);
    return c;
  }
  parallel(a.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) one(i, a.stride(0), b.stride(0));
  });
  return c;
}

dnnl::memory::desc describe(const Tensor& t) {
  dnnl::memory::dims sizes(t.sizes().begin(), t.sizes().end()), strides(t.strides().begin(), t.strides().end());
  return {sizes, t.scalar_type() == at::kFloat ? Type::f32 : Type::bf16, strides};
}

Tensor product_onednn(const Tensor& a, const Tensor& b, const OptionalTensor& bias, ScalarType out, double alpha) {
  std::vector<int64_t> sizes = a.sizes().vec();
  sizes.back() = b.size(-1);
  Tensor c = at::empty(sizes, a.options().dtype(out)), wide_bias;
  dnnl::primitive_attr attributes;
  if (alpha != 1) attributes.set_output_scales(0, {static_cast<float>(alpha)});
  auto source = describe(a), weights = describe(b), target = describe(c);
  dnnl::memory::desc bias_description;
  if (bias) {
    std::vector<int64_t> shape(sizes.size(), 1);
    shape.back() = sizes.back();
    wide_bias = in_type(*bias, at::kFloat).contiguous().view(shape);
    bias_description = describe(wide_bias);
  }
  // oneDNN keeps its own cache of primitives by description, so making one again is cheap.
  dnnl::matmul::primitive_desc primitive(
      bias ? dnnl::matmul::desc(source, weights, bias_description, target) : dnnl::matmul::desc(source, weights, target),
      attributes, engine());
  static thread_local dnnl::stream stream(engine());
  std::unordered_map<int, dnnl::memory> arguments{
      {DNNL_ARG_SRC, dnnl::memory(source, engine(), a.data_ptr())},
      {DNNL_ARG_WEIGHTS, dnnl::memory(weights, engine(), b.data_ptr())},
      {DNNL_ARG_DST, dnnl::memory(target, engine(), c.data_ptr())}};
  if (bias) arguments.emplace(DNNL_ARG_BIAS, dnnl::memory(bias_description, engine(), wide_bias.data_ptr()));
  dnnl::matmul(primitive).execute(stream, arguments);
  stream.wait();
  return c;
}

}  // namespace

bool has_bfloat16_products() { return has_avx512(); }

void sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
           const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
              static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), alpha, a, static_cast<int>(lda), b,
              static_cast<int>(ldb), beta, c, static_cast<int>(ldc));
}

void dgemm_transposed(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double beta,
                      double* c, int64_t ldc) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), 1, a,
              static_cast<int>(lda), b, static_cast<int>(ldb), beta, c, static_cast<int>(ldc));
}

void dsyrk_upper(int64_t n, int64_t k, const double* a, int64_t lda, double beta, double* c, int64_t ldc) {
  cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, static_cast<int>(n), static_cast<int>(k), 1, a, static_cast<int>(lda),
              beta, c, static_cast<int>(ldc));
}

Tensor product(Tensor a, Tensor b, const OptionalTensor& bias, ScalarType out, double alpha) {
  TORCH_CHECK((a.dim() == 2 || a.dim() == 3) && a.dim() == b.dim() && a.size(-1) == b.size(-2) &&
                  (a.dim() == 2 || a.size(0) == b.size(0)),
              "product: shapes ", a.sizes(), " and ", b.sizes(), " do not multiply");
  TORCH_CHECK(a.scalar_type() == b.scalar_type(), "product: types ", a.scalar_type(), " and ", b.scalar_type(), " differ");
  if (kind_of(a) == Kind::bf16 && !has_bfloat16_products())
    return in_type(product(in_type(a, at::kFloat), in_type(b, at::kFloat), bias, at::kFloat, alpha), out);
  a = dense(a);
  b = dense(b);
  bool plain = a.scalar_type() == at::kFloat && out == at::kFloat;
  if (plain && (a.dim() == 2 || !has_avx512())) return product_blas(a, b, bias, alpha);
  return product_onednn(a, b, bias, out, alpha);
}

}  // namespace pel
