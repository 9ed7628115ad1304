// Softmax attention without mask, from the packed projection [N, T, 3, heads, width].
#include "ops.h"
#include <ATen/ops/empty.h>
#include <cmath>
#include <torch/csrc/autograd/custom_function.h>

namespace pel {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct Shape {
  int64_t examples, tokens, heads, width;
  Shape(const Tensor& qkv, int64_t h) : examples(qkv.size(0)), tokens(qkv.size(1)), heads(h), width(qkv.size(2) / 3 / h) {}
  int64_t stride() const { return 3 * heads * width; }  // between tokens of qkv
  int64_t items() const { return examples * heads; }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(width)); }
};

// Where query, key, value of one head of one example lie; no copies are made of them.
template <class T>
struct Head {
  T *q, *k, *v;
  Head(T* qkv, const Shape& s, int64_t item) {
    q = qkv + item / s.heads * s.tokens * s.stride() + item % s.heads * s.width;
    k = q + s.heads * s.width;
    v = k + s.heads * s.width;
  }
};

// Float32: one head at a time and thread, so that its T x T matrix stays in the cache between the products.
struct Attention : torch::autograd::Function<Attention> {
  static Tensor forward(AutogradContext* context, Tensor qkv, int64_t heads) {
    qkv = qkv.contiguous();
    Shape s(qkv, heads);
    int64_t T = s.tokens, e = s.width, row = heads * e;
    Tensor p = at::empty({s.items(), T, T}, qkv.options()), out = at::empty({s.examples, T, row}, qkv.options());
    parallel(s.items(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        Head<float> head(data<float>(qkv), s, i);
        float* probabilities = data<float>(p) + i * T * T;
        sgemm(false, true, T, T, e, s.scale(), head.q, s.stride(), head.k, s.stride(), 0, probabilities, T);
        kernels().softmax_rows(Kind::f32, probabilities, T, T);
        float* o = data<float>(out) + i / heads * T * row + i % heads * e;
        sgemm(false, false, T, e, T, 1, probabilities, T, head.v, s.stride(), 0, o, row);
      }
    });
    context->save_for_backward({qkv, p});
    context->saved_data["heads"] = heads;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list g) {
    auto saved = context->get_saved_variables();
    Tensor qkv = saved[0], p = saved[1], go = g[0].contiguous(), dqkv = at::empty(qkv.sizes(), qkv.options());
    int64_t heads = context->saved_data["heads"].toInt();
    Shape s(qkv, heads);
    int64_t T = s.tokens, e = s.width, row = heads * e, stride = s.stride();
    parallel(s.items(), 1, [&](int64_t begin, int64_t end) {
      std::vector<float> dp(T * T);
      for (int64_t i = begin; i < end; i++) {
        Head<float> head(data<float>(qkv), s, i), out(data<float>(dqkv), s, i);
        const float* probabilities = data<float>(p) + i * T * T;
        const float* o = data<float>(go) + i / heads * T * row + i % heads * e;
        sgemm(true, false, T, e, T, 1, probabilities, T, o, row, 0, out.v, stride);
        sgemm(false, true, T, T, e, 1, o, row, head.v, stride, 0, dp.data(), T);
        kernels().softmax_back_rows(Kind::f32, probabilities, dp.data(), T, T, s.scale());
        sgemm(false, false, T, e, T, 1, dp.data(), T, head.k, stride, 0, out.q, stride);
        sgemm(true, false, T, e, T, 1, dp.data(), T, head.q, stride, 0, out.k, stride);
      }
    });
    return {dqkv, Tensor()};
  }
};

// bfloat16 through oneDNN's batched products, which want q, k and v apart.
struct AttentionHalf : torch::autograd::Function<AttentionHalf> {
  static Tensor forward(AutogradContext* context, Tensor qkv, int64_t heads) {
    Shape s(qkv, heads);
    int64_t T = s.tokens, e = s.width;
    Tensor parts = qkv.view({s.examples, T, 3, heads, e}).permute({2, 0, 3, 1, 4}).contiguous().view({3, s.items(), T, e});
    Tensor q = parts[0], k = parts[1], v = parts[2];
    Tensor p = product(q, k.transpose(1, 2), {}, at::kBFloat16, s.scale());
    parallel(s.items() * T, 64, [&](int64_t begin, int64_t end) {
      kernels().softmax_rows(Kind::bf16, data<at::BFloat16>(p) + begin * T, end - begin, T);
    });
    Tensor out = product(p, v, {}, at::kBFloat16);
    context->save_for_backward({q, k, v, p});
    context->saved_data["heads"] = heads;
    return out.view({s.examples, heads, T, e}).transpose(1, 2).reshape({s.examples, T, heads * e});
  }

  static variable_list backward(AutogradContext* context, variable_list g) {
    auto saved = context->get_saved_variables();
    Tensor q = saved[0], k = saved[1], v = saved[2], p = saved[3];
    int64_t heads = context->saved_data["heads"].toInt(), items = q.size(0), T = q.size(1), e = q.size(2), n = items / heads;
    float scale = 1.0f / std::sqrt(static_cast<float>(e));
    Tensor go = in_type(g[0], at::kBFloat16).view({n, T, heads, e}).transpose(1, 2).contiguous().view({items, T, e});
    Tensor out = at::empty({3, items, T, e}, q.options());
    out[2].copy_(product(p.transpose(1, 2), go, {}, at::kBFloat16));
    Tensor dp = product(go, v.transpose(1, 2), {}, at::kBFloat16);
    parallel(items * T, 64, [&](int64_t begin, int64_t end) {
      kernels().softmax_back_rows(Kind::bf16, data<at::BFloat16>(p) + begin * T, data<at::BFloat16>(dp) + begin * T,
                                  end - begin, T, scale);
    });
    out[0].copy_(product(dp, k, {}, at::kBFloat16));
    out[1].copy_(product(dp.transpose(1, 2), q, {}, at::kBFloat16));
    return {out.view({3, n, heads, T, e}).permute({1, 3, 0, 2, 4}).reshape({n, T, 3 * heads * e}), Tensor()};
  }
};

}  // namespace

Tensor attention(const Tensor& qkv, int64_t heads) {
  TORCH_CHECK(qkv.dim() == 3 && heads > 0 && qkv.size(2) % (3 * heads) == 0, "attention: [N, T, 3 * ", heads,
              " * width] expected, got ", qkv.sizes());
  if (kind_of(qkv) == Kind::f32) return Attention::apply(qkv, heads);
  if (has_bfloat16_products()) return AttentionHalf::apply(qkv.contiguous(), heads);
  return cast(Attention::apply(cast(qkv, static_cast<int64_t>(at::kFloat)), heads), static_cast<int64_t>(at::kBFloat16));
}

}  // namespace pel
