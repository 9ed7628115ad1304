#include "boundary.h"
#include <ATen/ops/empty.h>
#include <atomic>
#include <cstring>

namespace pel {

static std::atomic<int64_t> live{0};
using Handle = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

at::Tensor borrow(void* handle) {
  TORCH_CHECK(handle, "null or disposed tensor");
  return at::Tensor(Handle::unsafe_reclaim_from_nonowning(static_cast<c10::TensorImpl*>(handle)));
}

void* release(at::Tensor tensor) {
  if (!tensor.defined()) return nullptr;
  live.fetch_add(1, std::memory_order_relaxed);
  return tensor.unsafeReleaseTensorImpl();
}

}  // namespace pel

int64_t pel_runtime_live(void) { return pel::live.load(); }

void pel_tensor_free(void* tensor) {
  if (!tensor) return;
  pel::live.fetch_sub(1, std::memory_order_relaxed);
  pel::guard([&] { pel::Handle::reclaim(static_cast<c10::TensorImpl*>(tensor)); });
}

void pel_tensor_free_many(void** tensors, int n) {
  for (int i = 0; i < n; i++) pel_tensor_free(tensors[i]);
}

int pel_tensor_new(const void* data, int dtype, const int64_t* sizes, int rank, void** out) {
  return pel::guard([&] {
    auto type = static_cast<at::ScalarType>(dtype);
    at::Tensor t = at::empty(at::IntArrayRef(sizes, rank), at::TensorOptions(type));
    if (data && t.nbytes()) memcpy(t.data_ptr(), data, t.nbytes());
    *out = pel::release(std::move(t));
  });
}

int pel_tensor_read(void* tensor, void* destination, int64_t bytes) {
  return pel::guard([&] {
    pel::adopt_thread_count();
    at::Tensor t = pel::borrow(tensor).detach().contiguous();
    TORCH_CHECK(static_cast<int64_t>(t.nbytes()) == bytes, "expected ", t.nbytes(), " bytes, got room for ", bytes);
    if (bytes) memcpy(destination, t.data_ptr(), bytes);
  });
}

int pel_tensor_describe(void* tensor, pel_tensor_info* info) {
  return pel::guard([&] {
    auto* t = static_cast<c10::TensorImpl*>(tensor);
    TORCH_CHECK(t, "null or disposed tensor");
    TORCH_CHECK(t->dim() <= PEL_MAX_RANK, "rank ", t->dim(), " is above ", PEL_MAX_RANK);
    info->dtype = static_cast<int32_t>(c10::typeMetaToScalarType(t->dtype()));
    info->rank = static_cast<int32_t>(t->dim());
    info->contiguous = t->is_contiguous();
    info->count = t->numel();
    info->data = t->has_storage() ? t->data() : nullptr;
    for (int64_t i = 0; i < t->dim(); i++) info->sizes[i] = t->size(i);
  });
}
