// What every function of the C interface shares: the catch-all, and handles to and from tensors.
#pragma once
#include "../pel.h"
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>
#include <exception>

namespace pel {

void set_error(const char* text);  // keeps the first line

template <class F>
int guard(F body) {
  try {
    body();
    return 0;
  } catch (const c10::Error& e) {
    set_error(e.what_without_backtrace());
  } catch (const std::exception& e) {
    set_error(e.what());
  } catch (...) {
    set_error("unknown native error");
  }
  return -1;
}

// A second reference to the caller's tensor, for the time of the call.
at::Tensor borrow(void* handle);

// Hands the reference to the caller; null for an undefined tensor.
void* release(at::Tensor tensor);

// The thread count is a property of each thread for libgomp; every entry that may compute passes here.
void adopt_thread_count();

}  // namespace pel
