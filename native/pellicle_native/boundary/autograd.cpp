#include "boundary.h"
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/autograd/variable.h>
#include <ATen/ops/ones_like.h>
#include <vector>

int pel_tensor_require_gradient(void* tensor) {
  return pel::guard([&] { pel::borrow(tensor).requires_grad_(true); });
}

// As torch::autograd::grad, which would hold the inputs while it runs.
int pel_gradient_compute(void* loss, void** inputs, int n, int release, void** gradients) {
  return pel::guard([&] {
    pel::adopt_thread_count();
    std::vector<at::Tensor> wanted;
    for (int i = 0; i < n; i++) {
      wanted.push_back(pel::borrow(inputs[i]));
      if (release) pel_tensor_free(inputs[i]);
    }
    torch::autograd::edge_list edges;
    std::vector<int> places;
    for (int i = 0; i < n; i++) {
      TORCH_CHECK(wanted[i].requires_grad(), "a tensor to differentiate for was not recorded");
      auto function = wanted[i].grad_fn();
      if (!function) function = torch::autograd::impl::try_get_grad_accumulator(wanted[i]);
      gradients[i] = nullptr;
      if (!function) continue;  // a leaf that nothing was computed from
      edges.emplace_back(std::move(function), wanted[i].output_nr());
      places.push_back(i);
    }
    wanted.clear();
    at::Tensor root = pel::borrow(loss);
    TORCH_CHECK(root.numel() == 1 && root.requires_grad(), "the loss must be one recorded element");
    if (edges.empty()) return;
    auto found = torch::autograd::Engine::get_default_engine().execute(
        {torch::autograd::impl::gradient_edge(root)}, {at::ones_like(root)}, /*keep_graph=*/false, /*create_graph=*/false,
        /*accumulate_grad=*/false, edges);
    for (size_t k = 0; k < places.size(); k++) gradients[places[k]] = pel::release(std::move(found[k]));
  });
}

int pel_gradient_mode(int mode) {
  static thread_local int current = 0;
  int former = current;
  current = mode;
  c10::GradMode::set_enabled(mode == 0);
  // Leaving the autograd keys out saves about a quarter of the cost of a small call.
  for (auto key : c10::autograd_dispatch_keyset) c10::impl::tls_set_dispatch_key_excluded(key, mode != 0);
  return former;
}
