// Our operators enter the dispatcher under "pel::"; the managed side lists them in PellicleOperators.
#include "ops.h"
#include <torch/library.h>

TORCH_LIBRARY(pel, m) {
  using namespace pel;
  m.def("cast(Tensor x, int dtype) -> Tensor", &cast);
  m.def("product(Tensor a, Tensor b, int dtype) -> Tensor",
        [](const Tensor& a, const Tensor& b, int64_t type) { return product(a, b, {}, static_cast<ScalarType>(type)); });
  m.def("linear(Tensor x, Tensor w, Tensor? b, int dtype) -> Tensor", &linear);
  m.def("gelu(Tensor x) -> Tensor", &gelu);
  m.def("layer_norm(Tensor x, Tensor gamma, Tensor beta, float epsilon, int dtype) -> (Tensor, Tensor)", &layer_norm);
  m.def("group_norm(Tensor x, Tensor gamma, Tensor beta, int groups, float epsilon) -> (Tensor, Tensor)", &group_norm);
  m.def("attention(Tensor qkv, int heads) -> Tensor", &attention);
  m.def("max_pool(Tensor x, int[2] kernel, int[2] stride, int[2] padding=0, int[2] dilation=1) -> Tensor", &max_pool);
  m.def("conv2d(Tensor x, Tensor w, Tensor? b, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor",
        &conv2d);
  m.def("unfold(Tensor x, int[2] kernel, int[2] stride, int[2] padding=0, int[2] dilation=1) -> Tensor", &unfold);

  m.def("sq_rows(Tensor x) -> Tensor", &square_rows);
  m.def("gram_norms(Tensor a, Tensor g, bool bias, Tensor? offsets=None) -> (Tensor, Tensor)", &gram_norms);
  m.def("sample_grads(Tensor a, Tensor g, bool bias, bool keep=True, Tensor? offsets=None) -> (Tensor, Tensor, Tensor)",
        &sample_grads);
  m.def("clipped_sum(Tensor a, Tensor g, Tensor factors, bool bias, Tensor? offsets=None, bool always_split=False) -> (Tensor, Tensor)",
        &clipped_sum);
  m.def("weighted_sum(Tensor gradients, Tensor factors) -> Tensor", &weighted_sum);
  m.def("layer_norm_sample_grads(Tensor g, Tensor x, Tensor stats, Tensor? offsets=None) -> (Tensor, Tensor)",
        &layer_norm_sample_grads);
  m.def("group_norm_sample_grads(Tensor g, Tensor x, Tensor stats, Tensor? offsets=None) -> (Tensor, Tensor)",
        &group_norm_sample_grads);
  m.def("conv_gram_norms(Tensor x, Tensor g, bool bias, int[2] kernel, int[2] stride, int[2] padding=0, int[2] dilation=1, "
        "int groups=1, Tensor? offsets=None) -> (Tensor, Tensor)", &conv_gram_norms);
  m.def("conv_sample_grads(Tensor x, Tensor g, bool bias, bool keep, int[2] kernel, int[2] stride, int[2] padding=0, "
        "int[2] dilation=1, int groups=1, Tensor? offsets=None) -> (Tensor, Tensor, Tensor)", &conv_sample_grads);
  m.def("conv_clipped_sum(Tensor x, Tensor g, Tensor factors, bool bias, int[2] kernel, int[2] stride, int[2] padding=0, "
        "int[2] dilation=1, int groups=1, Tensor? offsets=None) -> (Tensor, Tensor)", &conv_clipped_sum);
}
