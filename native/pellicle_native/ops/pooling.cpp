#include "ops.h"
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

namespace pel {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Plane plane_of(const Tensor& x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation) {
  TORCH_CHECK(x.dim() == 4, "images [N, C, H, W] expected, got ", x.sizes());
  Plane plane{x.size(1), x.size(2), x.size(3), 0, 0, {}};
  int64_t* out[2] = {&plane.out_height, &plane.out_width};
  for (int i = 0; i < 2; i++) {
    TORCH_CHECK(kernel[i] >= 1 && stride[i] >= 1 && padding[i] >= 0 && dilation[i] >= 1, "window of kernel ", kernel,
                ", stride ", stride, ", padding ", padding, ", dilation ", dilation, " is not valid");
    int64_t span = x.size(2 + i) + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1;
    TORCH_CHECK(span >= 0, "a window of ", kernel, " does not fit an image of ", x.size(2), " x ", x.size(3));
    *out[i] = span / stride[i] + 1;
    plane.window.kernel[i] = kernel[i];
    plane.window.stride[i] = stride[i];
    plane.window.padding[i] = padding[i];
    plane.window.dilation[i] = dilation[i];
  }
  return plane;
}

namespace {

constexpr auto kLast = at::MemoryFormat::ChannelsLast;

struct MaxPool : torch::autograd::Function<MaxPool> {
  static Tensor forward(AutogradContext* context, Tensor x, std::vector<int64_t> kernel, std::vector<int64_t> stride,
                        std::vector<int64_t> padding, std::vector<int64_t> dilation) {
    x = x.contiguous(kLast);
    Plane plane = plane_of(x, kernel, stride, padding, dilation);
    int64_t n = x.size(0), in = x.numel() / std::max<int64_t>(1, n);
    int64_t out = plane.channels * plane.out_height * plane.out_width;
    std::vector<int64_t> sizes{n, plane.channels, plane.out_height, plane.out_width};
    Tensor y = at::empty(sizes, x.options(), kLast), winner = at::empty(sizes, x.options().dtype(at::kByte), kLast);
    parallel(n, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++)
        kernels().max_pool(data<float>(x) + i * in, data<float>(y) + i * out, data<uint8_t>(winner) + i * out, plane);
    });
    context->save_for_backward({winner});
    context->saved_data["height"] = plane.height;
    context->saved_data["width"] = plane.width;
    context->saved_data["kernel"] = kernel;
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["dilation"] = dilation;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list g) {
    auto list = [&](const char* name) { return context->saved_data[name].toIntVector(); };
    Tensor winner = context->get_saved_variables()[0], gradient = g[0].contiguous(kLast);
    int64_t n = winner.size(0), height = context->saved_data["height"].toInt(), width = context->saved_data["width"].toInt();
    Tensor dx = at::empty({n, winner.size(1), height, width}, gradient.options(), kLast);
    Plane plane = plane_of(dx, list("kernel"), list("stride"), list("padding"), list("dilation"));
    int64_t in = dx.numel() / std::max<int64_t>(1, n), out = winner.numel() / std::max<int64_t>(1, n);
    parallel(n, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++)
        kernels().max_pool_back(data<float>(gradient) + i * out, data<uint8_t>(winner) + i * out, data<float>(dx) + i * in, plane);
    });
    return {dx, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor max_pool(const Tensor& x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation) {
  TORCH_CHECK(x.scalar_type() == at::kFloat, "max_pool: float32 expected, got ", x.scalar_type());
  TORCH_CHECK(kernel[0] * kernel[1] <= 256, "max_pool: windows of at most 256 pixels expected, got ", kernel);
  for (int i = 0; i < 2; i++)
    TORCH_CHECK(2 * padding[i] <= kernel[i], "max_pool: padding ", padding, " is above half the kernel ", kernel);
  return MaxPool::apply(x, kernel.vec(), stride.vec(), padding.vec(), dilation.vec());
}

}  // namespace pel
