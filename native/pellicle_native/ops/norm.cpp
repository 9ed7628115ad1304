#include "ops.h"
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

namespace pel {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

constexpr auto kLast = at::MemoryFormat::ChannelsLast;

struct LayerNorm : torch::autograd::Function<LayerNorm> {
  static variable_list forward(AutogradContext* context, Tensor x, Tensor gamma, Tensor beta, double epsilon, int64_t type) {
    x = x.contiguous();
    int64_t width = x.size(-1), rows = width ? x.numel() / width : 0;
    Tensor y = at::empty(x.sizes(), x.options().dtype(static_cast<ScalarType>(type)));
    Tensor stats = at::empty({rows, 2}, x.options());
    Kind kind = kind_of(y);
    int64_t size = y.element_size();
    parallel(rows, 16, [&](int64_t begin, int64_t end) {
      kernels().layer_norm(kind, data<float>(x) + begin * width, data<float>(gamma), data<float>(beta),
                           data<char>(y) + begin * width * size, data<float>(stats) + 2 * begin, end - begin, width,
                           static_cast<float>(epsilon));
    });
    context->save_for_backward({x, gamma, stats});
    context->mark_non_differentiable({stats});
    return {y, stats};
  }
  static variable_list backward(AutogradContext* context, variable_list g) {
    auto saved = context->get_saved_variables();
    Tensor x = saved[0], gamma = saved[1], stats = saved[2], gradient = g[0].contiguous();
    Tensor dx = at::empty(x.sizes(), x.options());
    int64_t width = x.size(-1), size = gradient.element_size();
    Kind kind = kind_of(gradient);
    parallel(stats.size(0), 16, [&](int64_t begin, int64_t end) {
      kernels().layer_norm_back(kind, data<char>(gradient) + begin * width * size, data<float>(x) + begin * width,
                                data<float>(gamma), data<float>(stats) + 2 * begin, data<float>(dx) + begin * width,
                                end - begin, width);
    });
    return {dx, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

GroupShape shape_of(const Tensor& x, int64_t groups) {
  return {x.numel() / std::max<int64_t>(1, x.size(0) * x.size(1)), x.size(1), groups};
}

struct GroupNorm : torch::autograd::Function<GroupNorm> {
  static variable_list forward(AutogradContext* context, Tensor x, Tensor gamma, Tensor beta, int64_t groups, double epsilon) {
    x = x.contiguous(kLast);
    GroupShape shape = shape_of(x, groups);
    int64_t examples = x.size(0), size = shape.positions * shape.channels;
    Tensor y = at::empty(x.sizes(), x.options(), kLast), stats = at::empty({examples, groups, 2}, x.options());
    parallel(examples, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> work(4 * shape.channels);
      for (int64_t i = begin; i < end; i++)
        kernels().group_norm(data<float>(x) + i * size, data<float>(gamma), data<float>(beta), data<float>(y) + i * size,
                             data<float>(stats) + i * groups * 2, shape, static_cast<float>(epsilon), work.data());
    });
    context->save_for_backward({x, gamma, stats});
    context->mark_non_differentiable({stats});
    return {y, stats};
  }
  static variable_list backward(AutogradContext* context, variable_list g) {
    auto saved = context->get_saved_variables();
    Tensor x = saved[0], gamma = saved[1], stats = saved[2], gradient = g[0].contiguous(kLast);
    Tensor dx = at::empty(x.sizes(), x.options(), kLast);
    int64_t groups = stats.size(1);
    GroupShape shape = shape_of(x, groups);
    int64_t size = shape.positions * shape.channels;
    parallel(x.size(0), 1, [&](int64_t begin, int64_t end) {
      std::vector<float> work(4 * shape.channels);
      for (int64_t i = begin; i < end; i++)
        kernels().group_norm_back(data<float>(gradient) + i * size, data<float>(x) + i * size, data<float>(gamma),
                                  data<float>(stats) + i * groups * 2, data<float>(dx) + i * size, shape, work.data());
    });
    return {dx, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

void check_affine(const char* name, const Tensor& x, const Tensor& gamma, const Tensor& beta, int64_t width) {
  TORCH_CHECK(x.scalar_type() == at::kFloat && gamma.scalar_type() == at::kFloat && beta.scalar_type() == at::kFloat, name,
              ": float32 expected");
  TORCH_CHECK(gamma.numel() == width && beta.numel() == width && gamma.is_contiguous() && beta.is_contiguous(), name,
              ": gamma and beta must have ", width, " elements");
}

// Squared norms of the rows of per-unit gradients.
std::tuple<Tensor, Tensor> with_norms(Tensor gradients) {
  Tensor squared = square_rows(gradients);
  return {std::move(gradients), std::move(squared)};
}

}  // namespace

std::tuple<Tensor, Tensor> layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon, int64_t type) {
  TORCH_CHECK(x.dim() >= 1, "layer_norm: at least one dimension expected");
  check_affine("layer_norm", x, gamma, beta, x.size(-1));
  auto r = LayerNorm::apply(x, gamma, beta, epsilon, type);
  return {r[0], r[1]};
}

std::tuple<Tensor, Tensor> group_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, int64_t groups, double epsilon) {
  TORCH_CHECK(x.dim() == 4, "group_norm: four dimensions expected, got ", x.sizes());
  TORCH_CHECK(groups > 0 && x.size(1) % groups == 0, "group_norm: ", groups, " groups do not divide ", x.size(1), " channels");
  check_affine("group_norm", x, gamma, beta, x.size(1));
  auto r = GroupNorm::apply(x, gamma, beta, groups, epsilon);
  return {r[0], r[1]};
}

std::tuple<Tensor, Tensor> layer_norm_sample_grads(const Tensor& g, const Tensor& x, const Tensor& stats,
                                                   const OptionalTensor& offsets) {
  TORCH_CHECK(x.dim() >= 2 && g.sizes() == x.sizes(), "layer_norm_sample_grads: ", g.sizes(), " and ", x.sizes(), " differ");
  Tensor gradient = g.contiguous(), input = x.contiguous();
  int64_t width = x.size(-1), rows = x.size(0) ? x.numel() / width / x.size(0) : 0, size = gradient.element_size();
  Units units(offsets, x.size(0));
  Tensor out = at::zeros({units.count(), 2, width}, x.options());
  Kind kind = kind_of(gradient);
  parallel(units.count(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t u = begin; u < end; u++) {
      int64_t first = units.begin(u) * rows, count = units.end(u) * rows - first;
      float* sums = data<float>(out) + u * 2 * width;
      kernels().layer_norm_sums(kind, data<char>(gradient) + first * width * size, data<float>(input) + first * width,
                                data<float>(stats) + 2 * first, sums, sums + width, count, width);
    }
  });
  return with_norms(out);
}

std::tuple<Tensor, Tensor> group_norm_sample_grads(const Tensor& g, const Tensor& x, const Tensor& stats,
                                                   const OptionalTensor& offsets) {
  TORCH_CHECK(x.dim() == 4 && g.sizes() == x.sizes(), "group_norm_sample_grads: ", g.sizes(), " and ", x.sizes(), " differ");
  Tensor gradient = g.contiguous(kLast), input = x.contiguous(kLast);
  GroupShape shape = shape_of(x, stats.size(1));
  int64_t size = shape.positions * shape.channels;
  Units units(offsets, x.size(0));
  Tensor out = at::zeros({units.count(), 2, shape.channels}, x.options());
  parallel(units.count(), 1, [&](int64_t begin, int64_t end) {
    std::vector<float> work(2 * shape.channels);
    for (int64_t u = begin; u < end; u++) {
      float* sums = data<float>(out) + u * 2 * shape.channels;
      for (int64_t i = units.begin(u); i < units.end(u); i++)
        kernels().group_norm_sums(data<float>(gradient) + i * size, data<float>(input) + i * size,
                                  data<float>(stats) + i * shape.groups * 2, sums, sums + shape.channels, shape, work.data());
    }
  });
  return with_norms(out);
}

}  // namespace pel
