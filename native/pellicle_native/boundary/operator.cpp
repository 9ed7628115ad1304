// Calls any operator of libtorch's dispatcher with boxed arguments, so that no operator needs a binding of its own.
#include "boundary.h"
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/jit_type.h>
#include <vector>

namespace pel {
namespace {

struct Argument {
  c10::TypeKind kind;          // without "optional"
  bool list_of_optional;       // Tensor?[]
};

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Argument> arguments;
};

Argument describe(const c10::Argument& a) {
  auto type = a.type();
  if (type->kind() == c10::TypeKind::OptionalType) type = type->castRaw<c10::OptionalType>()->getElementType();
  bool of_optional = type->kind() == c10::TypeKind::ListType &&
                     type->castRaw<c10::ListType>()->getElementType()->kind() == c10::TypeKind::OptionalType;
  return {type->kind(), of_optional};
}

c10::IValue tensor_list(void** handles, int n, bool of_optional) {
  if (!of_optional) {
    c10::List<at::Tensor> list;
    list.reserve(n);
    for (int i = 0; i < n; i++) list.push_back(borrow(handles[i]));
    return c10::IValue(std::move(list));
  }
  c10::List<c10::optional<at::Tensor>> list;
  list.reserve(n);
  for (int i = 0; i < n; i++)
    list.push_back(handles[i] ? c10::optional<at::Tensor>(borrow(handles[i])) : c10::nullopt);
  return c10::IValue(std::move(list));
}

c10::IValue to_ivalue(const pel_value& v, const Argument& a) {
  switch (v.tag) {
    case PEL_NONE: return c10::IValue();
    case PEL_TENSOR: return v.p ? c10::IValue(borrow(v.p)) : c10::IValue();
    case PEL_INT: return a.kind == c10::TypeKind::FloatType ? c10::IValue(static_cast<double>(v.i)) : c10::IValue(v.i);
    case PEL_DTYPE: return c10::IValue(v.i);
    case PEL_DOUBLE: return c10::IValue(v.d);
    case PEL_BOOL: return c10::IValue(v.i != 0);
    case PEL_INTS: return c10::IValue(at::IntArrayRef(static_cast<const int64_t*>(v.p), v.len));
    case PEL_DOUBLES: return c10::IValue(at::ArrayRef<double>(static_cast<const double*>(v.p), v.len));
    case PEL_STRING: return c10::IValue(std::string(static_cast<const char*>(v.p), v.len));
    case PEL_TENSORS: return tensor_list(static_cast<void**>(v.p), v.len, a.list_of_optional);
    default: TORCH_CHECK(false, "unknown argument tag ", v.tag);
  }
}

// Writes results into the caller's array; frees those already written if a later one fails.
class Results {
 public:
  Results(pel_value* outs, int room) : outs_(outs), room_(room) {}
  ~Results() {
    while (!done_ && count_ > 0)
      if (outs_[--count_].tag == PEL_TENSOR) pel_tensor_free(outs_[count_].p);
  }
  void add(const c10::IValue& r) {
    if (r.isTensor()) return put({PEL_TENSOR, 0, {.p = nullptr}}, r.toTensor());
    if (r.isTensorList()) {
      for (const at::Tensor& t : r.toTensorVector()) put({PEL_TENSOR, 0, {.p = nullptr}}, t);
      return;
    }
    if (r.isInt()) return put({PEL_INT, 0, {.i = r.toInt()}});
    if (r.isDouble()) return put({PEL_DOUBLE, 0, {.d = r.toDouble()}});
    if (r.isBool()) return put({PEL_BOOL, 0, {.i = r.toBool()}});
    if (r.isScalar()) return put({PEL_DOUBLE, 0, {.d = r.toScalar().toDouble()}});
    TORCH_CHECK(false, "unsupported result type ", r.tagKind());
  }
  void finish() {
    done_ = true;
    for (; count_ < room_; count_++) outs_[count_] = {PEL_NONE, 0, {.i = 0}};
  }

 private:
  void put(pel_value v, const at::Tensor& t = {}) {
    TORCH_CHECK(count_ < room_, "the operator has more results than the ", room_, " there is room for");
    if (v.tag == PEL_TENSOR) v.p = release(t);
    outs_[count_++] = v;
  }
  pel_value* outs_;
  int room_;
  int count_ = 0;
  bool done_ = false;
};

// The thread's argument stack: no allocation in the steady state, and safe when an operator calls back in.
class Stack {
 public:
  Stack() { values.swap(spare()); }
  ~Stack() {
    values.clear();
    values.swap(spare());
  }
  torch::jit::Stack values;

 private:
  static torch::jit::Stack& spare() {
    static thread_local torch::jit::Stack stack;
    return stack;
  }
};

}  // namespace
}  // namespace pel

int pel_operator_find(const char* name, const char* overload, void** out) {
  return pel::guard([&] {
    auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    auto* op = new pel::Operator{handle, {}};
    for (const auto& a : handle.schema().arguments()) op->arguments.push_back(pel::describe(a));
    *out = op;  // kept for the life of the process, like the registration itself
  });
}

int pel_operator_call(void* handle, const pel_value* args, int nargs, pel_value* outs, int nouts) {
  return pel::guard([&] {
    pel::adopt_thread_count();
    auto* op = static_cast<pel::Operator*>(handle);
    const auto& schema = op->handle.schema().arguments();
    int total = static_cast<int>(schema.size());
    TORCH_CHECK(nargs <= total, op->handle.schema().name(), " takes ", total, " arguments, got ", nargs);
    pel::Stack stack;
    for (int i = 0; i < nargs; i++) stack.values.push_back(pel::to_ivalue(args[i], op->arguments[i]));
    for (int i = nargs; i < total; i++) {
      TORCH_CHECK(schema[i].default_value(), op->handle.schema().name(), ": missing argument ", schema[i].name());
      stack.values.push_back(*schema[i].default_value());
    }
    op->handle.callBoxed(&stack.values);
    pel::Results results(outs, nouts);
    for (const auto& r : stack.values) results.add(r);
    results.finish();
  });
}
