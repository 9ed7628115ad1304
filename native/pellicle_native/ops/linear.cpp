#include "ops.h"
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

namespace pel {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Kind kind_of(const Tensor& t) {
  if (t.scalar_type() == at::kFloat) return Kind::f32;
  TORCH_CHECK(t.scalar_type() == at::kBFloat16, "float32 or bfloat16 expected, got ", t.scalar_type());
  return Kind::bf16;
}

Tensor in_type(const Tensor& t, ScalarType type) {
  if (t.scalar_type() == type) return t;
  if (type != at::kFloat && type != at::kBFloat16) return t.to(type);
  if (t.scalar_type() != at::kFloat && t.scalar_type() != at::kBFloat16) return t.to(type);
  Tensor x = t.contiguous(), y = at::empty(t.sizes(), t.options().dtype(type));
  Kind from = kind_of(x), to = kind_of(y);
  int64_t in = x.element_size(), out = y.element_size();
  parallel(x.numel(), 1 << 15, [&](int64_t begin, int64_t end) {
    kernels().cast(from, to, data<char>(x) + begin * in, data<char>(y) + begin * out, end - begin);
  });
  return y;
}

namespace {

struct Cast : torch::autograd::Function<Cast> {
  static Tensor forward(AutogradContext* context, Tensor x, int64_t type) {
    context->saved_data["type"] = static_cast<int64_t>(x.scalar_type());
    return in_type(x, static_cast<ScalarType>(type));
  }
  static variable_list backward(AutogradContext* context, variable_list g) {
    return {in_type(g[0], static_cast<ScalarType>(context->saved_data["type"].toInt())), Tensor()};
  }
};

struct Linear : torch::autograd::Function<Linear> {
  static Tensor forward(AutogradContext* context, Tensor x, Tensor w, OptionalTensor b, int64_t type) {
    context->save_for_backward({w});
    context->saved_data["type"] = static_cast<int64_t>(x.scalar_type());
    std::vector<int64_t> sizes = x.sizes().vec();
    sizes.back() = w.size(0);
    return product(x.reshape({-1, w.size(1)}), w.t(), b, static_cast<ScalarType>(type)).view(sizes);
  }
  static variable_list backward(AutogradContext* context, variable_list g) {
    Tensor w = context->get_saved_variables()[0];
    std::vector<int64_t> sizes = g[0].sizes().vec();
    sizes.back() = w.size(1);
    Tensor rows = in_type(g[0], w.scalar_type()).reshape({-1, w.size(0)});
    Tensor dx = product(rows, w, {}, static_cast<ScalarType>(context->saved_data["type"].toInt())).view(sizes);
    return {dx, Tensor(), Tensor(), Tensor()};
  }
};

struct Gelu : torch::autograd::Function<Gelu> {
  static constexpr int64_t kGrain = 1 << 14;
  static Tensor forward(AutogradContext* context, Tensor x) {
    x = x.contiguous();
    context->save_for_backward({x});
    Tensor y = at::empty(x.sizes(), x.options());
    int64_t size = x.element_size();
    Kind kind = kind_of(x);
    parallel(x.numel(), kGrain, [&](int64_t begin, int64_t end) {
      kernels().gelu(kind, data<char>(x) + begin * size, data<char>(y) + begin * size, end - begin);
    });
    return y;
  }
  static variable_list backward(AutogradContext* context, variable_list g) {
    Tensor x = context->get_saved_variables()[0], gradient = in_type(g[0], x.scalar_type()).contiguous();
    Tensor dx = at::empty(x.sizes(), x.options());
    int64_t size = x.element_size();
    Kind kind = kind_of(x);
    parallel(x.numel(), kGrain, [&](int64_t begin, int64_t end) {
      int64_t at = begin * size;
      kernels().gelu_back(kind, data<char>(x) + at, data<char>(gradient) + at, data<char>(dx) + at, end - begin);
    });
    return {dx};
  }
};

}  // namespace

Tensor cast(const Tensor& x, int64_t type) {
  return x.scalar_type() == static_cast<ScalarType>(type) ? x : Cast::apply(x, type);
}

Tensor linear(const Tensor& x, const Tensor& w, const OptionalTensor& b, int64_t type) {
  TORCH_CHECK(w.dim() == 2 && x.dim() >= 1 && x.size(-1) == w.size(1), "linear: input ", x.sizes(),
              " does not fit the weight ", w.sizes());
  return Linear::apply(x, w, b, type);
}

Tensor gelu(const Tensor& x) { return Gelu::apply(x); }

}  // namespace pel
