#include "boundary.h"
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <vector>

int pel_tensor_require_gradient(void* tensor) {
  return pel::guard([&] { pel::borrow(tensor).requires_grad_(true); });
}

int pel_gradient_compute(void* loss, void** inputs, int n, void** gradients) {
  return pel::guard([&] {
    pel::adopt_thread_count();
    std::vector<at::Tensor> wanted;
    wanted.reserve(n);
    for (int i = 0; i < n; i++) wanted.push_back(pel::borrow(inputs[i]));
    auto found = torch::autograd::grad({pel::borrow(loss)}, wanted, {}, /*retain_graph=*/false, /*create_graph=*/false,
                                       /*allow_unused=*/true);
    for (int i = 0; i < n; i++) gradients[i] = pel::release(std::move(found[i]));
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
