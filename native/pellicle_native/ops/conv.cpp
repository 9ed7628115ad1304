// Convolutions as matrix products over unfolded windows ("rows"), and their per-unit gradients. Images are channels
// last in memory and rows run over (kernel row, kernel column, channel); weights are brought into that order, and
// gradients back from it. Rows are made piece by piece in a buffer that stays in the cache, never for the whole batch.
#include "ops.h"
#include <ATen/ops/cat.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <cstring>
#include <torch/csrc/autograd/custom_function.h>

namespace pel {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

constexpr auto kLast = at::MemoryFormat::ChannelsLast;
constexpr int64_t kRowBytes = 256 << 10;  // of unfolded rows at a time: half of a usual second-level cache

// Everything about one convolution (one group of it) that the loops need.
struct Geometry {
  Plane plane;
  int64_t images, positions, row, out;  // T, d = kernel * channels, p
  bool pointwise;                       // the rows are the image itself

  Geometry(const Tensor& x, int64_t out_channels, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation)
      : plane(plane_of(x, kernel, stride, padding, dilation)), images(x.size(0)),
        positions(plane.out_height * plane.out_width), row(kernel[0] * kernel[1] * plane.channels), out(out_channels),
        pointwise(kernel[0] * kernel[1] == 1 && stride[0] == 1 && stride[1] == 1 && padding[0] == 0 && padding[1] == 0) {}

  int64_t image_size() const { return plane.channels * plane.height * plane.width; }
  int64_t piece() const { return std::max<int64_t>(1, std::min<int64_t>(positions, kRowBytes / 4 / std::max<int64_t>(1, row))); }

  // Positions first ... first + count of an image as rows; in the buffer unless the image has them already.
  const float* rows(const float* image, int64_t first, int64_t count, std::vector<float>& buffer) const {
    if (pointwise) return image + first * row;
    buffer.resize(std::max<int64_t>(buffer.size(), count * row));
    kernels().unfold_taps(image, buffer.data(), plane, first, count);
    return buffer.data();
  }
};

// w [p, C, kh, kw] as [p, kh * kw * C].
Tensor tap_weights(const Tensor& w) { return w.permute({0, 2, 3, 1}).contiguous().view({w.size(0), -1}); }

// [p, kh * kw * C] as [p, C, kh, kw].
Tensor channel_weights(const Tensor& w, const Plane& plane) {
  return w.view({w.size(0), plane.window.kernel[0], plane.window.kernel[1], plane.channels}).permute({0, 3, 1, 2}).contiguous();
}

void forward_image(const Geometry& s, const float* image, const float* w, const float* bias, float* y, std::vector<float>& buffer) {
  int64_t piece = s.pointwise ? s.positions : s.piece();
  for (int64_t first = 0; first < s.positions; first += piece) {
    int64_t count = std::min(piece, s.positions - first);
    const float* rows = s.rows(image, first, count, buffer);
    float* o = y + first * s.out;
    if (bias)
      for (int64_t t = 0; t < count; t++) memcpy(o + t * s.out, bias, s.out * sizeof(float));
    sgemm(false, true, count, s.out, s.row, 1, rows, s.row, w, s.row, bias ? 1.0f : 0.0f, o, s.out);
  }
}

// Which way is fastest, measured with AVX2 on one core (GFLOP/s forward, libtorch's oneDNN / one product over all images /
// a product an image): 64 channels 16x16 56 / 40 / 41, 256 channels 4x4 50 / 60 / 35, 1 channel 28x28 13 / - / 30.
enum class Way { library, wide, by_image };

Way way_of(const Geometry& s) {
  if (s.positions <= 16 && s.images * s.positions * s.row <= (16 << 20)) return Way::wide;
  return s.plane.channels >= 3 ? Way::library : Way::by_image;
}

// Windows of all images as rows [N * T, d].
Tensor all_rows(const Geometry& s, const Tensor& x) {
  Tensor rows = at::empty({s.images * s.positions, s.row}, x.options());
  parallel(s.images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      kernels().unfold_taps(data<float>(x) + i * s.image_size(), data<float>(rows) + i * s.positions * s.row, s.plane, 0, s.positions);
  });
  return rows;
}

Tensor forward_by_image(const Geometry& s, const Tensor& x, const Tensor& taps, const OptionalTensor& b) {
  Tensor y = at::empty({s.images, s.out, s.plane.out_height, s.plane.out_width}, x.options(), kLast);
  const float* bias = b ? data<float>(*b) : nullptr;
  parallel(s.images, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> buffer;
    for (int64_t i = begin; i < end; i++)
      forward_image(s, data<float>(x) + i * s.image_size(), data<float>(taps), bias, data<float>(y) + i * s.positions * s.out, buffer);
  });
  return y;
}

Tensor forward_wide(const Geometry& s, const Tensor& x, const Tensor& taps, const OptionalTensor& b) {
  return product(all_rows(s, x), taps.t(), b, at::kFloat)
      .view({s.images, s.plane.out_height, s.plane.out_width, s.out}).permute({0, 3, 1, 2});
}

// Gradient of the images from that of the outputs, both channels last.
Tensor backward_rows(const Geometry& s, const Tensor& g, const Tensor& taps, Way way) {
  Tensor dx = at::empty({s.images, s.plane.channels, s.plane.height, s.plane.width}, g.options(), kLast), wide;
  if (way == Way::wide) wide = product(g.permute({0, 2, 3, 1}).reshape({-1, s.out}), taps, {}, at::kFloat);
  parallel(s.images, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> buffer(s.pointwise || wide.defined() ? 0 : s.positions * s.row);
    for (int64_t i = begin; i < end; i++) {
      float* image = data<float>(dx) + i * s.image_size();
      float* rows = wide.defined() ? data<float>(wide) + i * s.positions * s.row : s.pointwise ? image : buffer.data();
      if (!wide.defined())
        sgemm(false, false, s.positions, s.row, s.out, 1, data<float>(g) + i * s.positions * s.out, s.out, data<float>(taps),
              s.row, 0, rows, s.row);
      if (rows != image) kernels().fold_taps(rows, image, s.plane);
    }
  });
  return dx;
}

struct Conv2d : torch::autograd::Function<Conv2d> {
  using List = std::vector<int64_t>;

  static Tensor forward(AutogradContext* context, Tensor x, Tensor w, OptionalTensor b, List stride, List padding, List dilation) {
    x = x.contiguous(kLast);
    Geometry s(x, w.size(0), w.sizes().slice(2), stride, padding, dilation);
    Way way = way_of(s);
    Tensor weights = way == Way::library ? w.contiguous(kLast) : tap_weights(w);
    context->save_for_backward({x, weights});
    context->saved_data["kernel"] = w.sizes().slice(2).vec();
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["dilation"] = dilation;
    if (way == Way::wide) return forward_wide(s, x, weights, b);
    if (way == Way::by_image) return forward_by_image(s, x, weights, b);
    return at::convolution(x, weights, b, stride, padding, dilation, false, {0, 0}, 1).contiguous(kLast);
  }

  static variable_list backward(AutogradContext* context, variable_list g) {
    auto list = [&](const char* name) { return context->saved_data[name].toIntVector(); };
    auto saved = context->get_saved_variables();
    Tensor x = saved[0], weights = saved[1], gradient = g[0].contiguous(kLast), dx;
    List stride = list("stride"), padding = list("padding"), dilation = list("dilation");
    Geometry s(x, weights.size(0), list("kernel"), stride, padding, dilation);
    Way way = way_of(s);
    if (way == Way::library)
      dx = std::get<0>(at::convolution_backward(gradient, x, weights, c10::nullopt, stride, padding, dilation, false, {0, 0}, 1,
                                                {true, false, false}));
    else dx = backward_rows(s, gradient, weights, way);
    return {dx, Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

void check_conv(const char* name, const Tensor& x, int64_t groups) {
  TORCH_CHECK(x.scalar_type() == at::kFloat, name, ": float32 expected, got ", x.scalar_type());
  TORCH_CHECK(x.dim() == 4, name, ": images [N, C, H, W] expected, got ", x.sizes());
  TORCH_CHECK(groups >= 1 && x.size(1) % groups == 0, name, ": ", groups, " groups do not divide ", x.size(1), " channels");
}

Tensor group_of(const Tensor& t, int64_t group, int64_t groups) {
  int64_t width = t.size(1) / groups;
  return groups == 1 ? t : t.narrow(1, group * width, width);
}

// Input and output gradient of one group, checked and channels last.
struct Pair {
  Tensor x, g;
  Geometry s;
  Pair(const Tensor& input, const Tensor& gradient, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation)
      : x(input.contiguous(kLast)), g(gradient.contiguous(kLast)), s(x, g.size(1), kernel, stride, padding, dilation) {
    TORCH_CHECK(g.dim() == 4 && g.size(0) == x.size(0) && g.size(2) == s.plane.out_height && g.size(3) == s.plane.out_width,
                "output gradients ", g.sizes(), " do not fit images ", x.sizes(), " and this window");
  }
  const float* image(int64_t i) const { return data<float>(x) + i * s.image_size(); }
  const float* gradient(int64_t i) const { return data<float>(g) + i * s.positions * s.out; }
};

void add_rows(const float* rows, int64_t count, int64_t width, float factor, float* sum) {
  for (int64_t t = 0; t < count; t++) kernels().add_scaled(Kind::f32, rows + t * width, factor, sum, width);
}

// sum += factor * g^T rows of one image
void add_gradient(const Pair& c, int64_t i, float factor, float beta, float* sum, std::vector<float>& buffer) {
  const Geometry& s = c.s;
  int64_t piece = s.pointwise ? s.positions : s.piece();
  for (int64_t first = 0; first < s.positions; first += piece) {
    int64_t count = std::min(piece, s.positions - first);
    const float* rows = s.rows(c.image(i), first, count, buffer);
    sgemm(true, false, s.out, s.row, count, factor, c.gradient(i) + first * s.out, s.out, rows, s.row,
          first == 0 ? beta : 1.0f, sum, s.row);
  }
}

double unit_bias_norm(const Pair& c, const Units& units, int64_t u) {
  std::vector<float> sum(c.s.out, 0.0f);
  for (int64_t i = units.begin(u); i < units.end(u); i++) add_rows(c.gradient(i), c.s.positions, c.s.out, 1, sum.data());
  return kernels().square_sum(Kind::f32, sum.data(), c.s.out);
}

void gram_group(const Pair& c, const Units& units, bool bias, double* squared, double* spread) {
  const Geometry& s = c.s;
  parallel(units.count(), 1, [&](int64_t begin, int64_t end) {
    std::vector<float> rows;
    std::vector<double> scratch;
    for (int64_t u = begin; u < end; u++) {
      int64_t images = units.end(u) - units.begin(u), count = images * s.positions;
      if (count == 0) continue;
      rows.resize(std::max<int64_t>(rows.size(), count * s.row));
      for (int64_t i = 0; i < images; i++)
        kernels().unfold_taps(c.image(units.begin(u) + i), rows.data() + i * s.positions * s.row, s.plane, 0, s.positions);
      GramSums sums = gram_sums(rows.data(), c.gradient(units.begin(u)), count, s.row, s.out, scratch);
      squared[u] += sums.squared;
      spread[u] += sums.spread * sums.spread;
      if (bias) squared[u] += unit_bias_norm(c, units, u);
    }
  });
}

// Per-unit gradients of one group into weights [U, p, d] (or nowhere), biases [U, p] and squared norms.
void sample_group(const Pair& c, const Units& units, float* weights, float* biases, double* squared) {
  const Geometry& s = c.s;
  int64_t size = s.out * s.row;
  parallel(units.count(), 1, [&](int64_t begin, int64_t end) {
    std::vector<float> buffer, scratch(weights ? 0 : size);
    for (int64_t u = begin; u < end; u++) {
      float* w = weights ? weights + u * size : scratch.data();
      if (units.begin(u) == units.end(u)) memset(w, 0, size * sizeof(float));
      for (int64_t i = units.begin(u); i < units.end(u); i++) add_gradient(c, i, 1, i == units.begin(u) ? 0.0f : 1.0f, w, buffer);
      squared[u] += kernels().square_sum(Kind::f32, w, size);
      if (!biases) continue;
      float* b = biases + u * s.out;
      memset(b, 0, s.out * sizeof(float));
      for (int64_t i = units.begin(u); i < units.end(u); i++) add_rows(c.gradient(i), s.positions, s.out, 1, b);
      squared[u] += kernels().square_sum(Kind::f32, b, s.out);
    }
  });
}

// Few positions an image make thin products: then the rows of all images together are one wide product.
Tensor sum_wide(const Pair& c, const float* factors) {
  const Geometry& s = c.s;
  int64_t count = s.images * s.positions;
  Tensor rows = all_rows(s, c.x), scaled = at::empty({count, s.out}, c.x.options());
  parallel(s.images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      kernels().scale(Kind::f32, c.gradient(i), data<float>(scaled) + i * s.positions * s.out, factors[i], s.positions * s.out);
  });
  return product(scaled.t(), rows, {}, at::kFloat);
}

// One partial sum a thread.
Tensor sum_by_thread(const Pair& c, const float* factors) {
  const Geometry& s = c.s;
  int64_t threads = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), s.images));
  Tensor parts = at::zeros({threads, s.out, s.row}, c.x.options());
  parallel(threads, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> buffer;
    for (int64_t k = begin; k < end; k++)
      for (int64_t i = s.images * k / threads; i < s.images * (k + 1) / threads; i++)
        add_gradient(c, i, factors[i], 1, data<float>(parts) + k * s.out * s.row, buffer);
  });
  return threads == 1 ? parts[0] : parts.sum(0);
}

Tensor clipped_group(const Pair& c, const float* factors) {
  const Geometry& s = c.s;
  if (s.images == 0) return at::zeros({s.out, s.row}, c.x.options());
  bool thin = s.positions < 256 && s.images * s.positions * s.row <= (16 << 20);
  return thin ? sum_wide(c, factors) : sum_by_thread(c, factors);
}

}  // namespace

Tensor unfold(const Tensor& images, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation) {
  Plane plane = plane_of(images, kernel, stride, padding, dilation);
  Tensor x = images.contiguous();
  int64_t n = x.size(0), positions = plane.out_height * plane.out_width, row = plane.channels * kernel[0] * kernel[1];
  int64_t in = plane.channels * plane.height * plane.width, size = x.element_size();
  Tensor rows = at::empty({n, positions, row}, x.options());
  Kind kind = kind_of(x);
  parallel(n, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      kernels().unfold_channels(kind, data<char>(x) + i * in * size, data<char>(rows) + i * positions * row * size, plane);
  });
  return rows;
}

Tensor conv2d(const Tensor& x, const Tensor& w, const OptionalTensor& b, IntArrayRef stride, IntArrayRef padding,
              IntArrayRef dilation, int64_t groups) {
  check_conv("conv2d", x, groups);
  TORCH_CHECK(w.dim() == 4 && w.size(1) * groups == x.size(1) && w.size(0) % groups == 0 && w.scalar_type() == at::kFloat,
              "conv2d: weights ", w.sizes(), " do not fit images ", x.sizes(), " in ", groups, " groups");
  if (groups == 1) return Conv2d::apply(x, w, b, stride.vec(), padding.vec(), dilation.vec());
  std::vector<Tensor> parts;
  int64_t out = w.size(0) / groups;
  for (int64_t k = 0; k < groups; k++) {
    OptionalTensor bias = b ? OptionalTensor(b->narrow(0, k * out, out)) : c10::nullopt;
    parts.push_back(Conv2d::apply(group_of(x, k, groups), w.narrow(0, k * out, out), bias, stride.vec(), padding.vec(), dilation.vec()));
  }
  return at::cat(parts, 1);
}

std::tuple<Tensor, Tensor> conv_gram_norms(const Tensor& x, const Tensor& g, bool bias, IntArrayRef kernel, IntArrayRef stride,
                                           IntArrayRef padding, IntArrayRef dilation, int64_t groups, const OptionalTensor& offsets) {
  check_conv("conv_gram_norms", x, groups);
  Units units(offsets, x.size(0));
  Tensor squared = at::zeros({units.count()}, x.options().dtype(at::kDouble)), spread = at::zeros_like(squared);
  for (int64_t k = 0; k < groups; k++)
    gram_group(Pair(group_of(x, k, groups), group_of(g, k, groups), kernel, stride, padding, dilation), units, bias,
               data<double>(squared), data<double>(spread));
  return {squared, spread};
}

std::tuple<Tensor, Tensor, Tensor> conv_sample_grads(const Tensor& x, const Tensor& g, bool bias, bool keep, IntArrayRef kernel,
                                                     IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation,
                                                     int64_t groups, const OptionalTensor& offsets) {
  check_conv("conv_sample_grads", x, groups);
  Units units(offsets, x.size(0));
  int64_t n = units.count(), out = g.size(1) / groups, channels = x.size(1) / groups;
  Tensor squared = at::zeros({n}, x.options().dtype(at::kDouble));
  std::vector<Tensor> weights, biases;
  for (int64_t k = 0; k < groups; k++) {
    Pair pair(group_of(x, k, groups), group_of(g, k, groups), kernel, stride, padding, dilation);
    if (keep) weights.push_back(at::empty({n, out, kernel[0], kernel[1], channels}, x.options()));
    if (bias) biases.push_back(at::empty({n, out}, x.options()));
    sample_group(pair, units, keep ? data<float>(weights.back()) : nullptr, bias ? data<float>(biases.back()) : nullptr,
                 data<double>(squared));
  }
  auto join = [](const std::vector<Tensor>& parts) { return parts.empty() ? Tensor() : parts.size() == 1 ? parts[0] : at::cat(parts, 1); };
  Tensor joined = join(weights);
  if (joined.defined()) joined = joined.permute({0, 1, 4, 2, 3});
  return {squared, joined, join(biases)};
}

std::tuple<Tensor, Tensor> conv_clipped_sum(const Tensor& x, const Tensor& g, const Tensor& factors, bool bias, IntArrayRef kernel,
                                            IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation, int64_t groups,
                                            const OptionalTensor& offsets) {
  check_conv("conv_clipped_sum", x, groups);
  Tensor per_image = Units(offsets, x.size(0)).spread(factors), bias_sum;
  std::vector<Tensor> weights;
  for (int64_t k = 0; k < groups; k++) {
    Pair pair(group_of(x, k, groups), group_of(g, k, groups), kernel, stride, padding, dilation);
    weights.push_back(channel_weights(clipped_group(pair, data<float>(per_image)), pair.s.plane));
  }
  if (bias) {
    Tensor gradient = g.contiguous(kLast);
    int64_t out = g.size(1), positions = g.size(2) * g.size(3);
    bias_sum = at::zeros({out}, x.options());
    for (int64_t i = 0; i < g.size(0); i++)
      add_rows(data<float>(gradient) + i * positions * out, positions, out, data<float>(per_image)[i], data<float>(bias_sum));
  }
  return {groups == 1 ? weights[0] : at::cat(weights, 0), bias_sum};
}

}  // namespace pel
