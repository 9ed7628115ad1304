#include "boundary.h"
#include "../kernels/kernels.h"
#include <ATen/Parallel.h>
#include <torch/version.h>
#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

namespace pel {

static std::atomic<int> thread_count{0};

void adopt_thread_count() {
  static thread_local int adopted = 0;
  int wanted = thread_count.load(std::memory_order_relaxed);
  if (wanted != adopted && wanted > 0) {
    at::set_num_threads(wanted);  // OpenBLAS' OpenMP build asks libgomp at every call, so it follows
    adopted = wanted;
  }
}

static std::vector<const Kernels*> runnable_kernels() {
  std::vector<const Kernels*> list;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    list.push_back(&v4::table);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    list.push_back(&v3::table);
#endif
  list.push_back(&generic::table);
  return list;
}

static const std::vector<const Kernels*>& variants() {
  static const std::vector<const Kernels*> list = runnable_kernels();
  return list;
}

static const Kernels* find_kernels(const char* name) {
  if (!name || !*name) return variants().front();
  for (const Kernels* k : variants())
    if (std::string(k->name) == name) return k;
  return nullptr;
}

// PELLICLE_KERNELS=generic|x86-64-v3|x86-64-v4 forces a variant, for tests and for diagnosis in the field.
static std::atomic<const Kernels*>& active() {
  static std::atomic<const Kernels*> current{[] {
    const Kernels* forced = find_kernels(getenv("PELLICLE_KERNELS"));
    return forced ? forced : variants().front();
  }()};
  return current;
}

const Kernels& kernels() { return *active().load(std::memory_order_relaxed); }

}  // namespace pel

int pel_runtime_abi(void) { return PEL_ABI; }

const char* pel_runtime_torch_version(void) { return TORCH_VERSION; }

int pel_runtime_threads(int n) {
  return pel::guard([&] {
    TORCH_CHECK(n >= 1, "thread count ", n, " is below 1");
    pel::thread_count = n;
    pel::adopt_thread_count();
  });
}

const char* pel_kernels_variants(void) {
  static const std::string names = [] {
    std::string s;
    for (const pel::Kernels* k : pel::variants()) s += (s.empty() ? "" : " ") + std::string(k->name);
    return s;
  }();
  return names.c_str();
}

const char* pel_kernels_active(void) { return pel::kernels().name; }

int pel_kernels_select(const char* name) {
  return pel::guard([&] {
    const pel::Kernels* k = pel::find_kernels(name);
    TORCH_CHECK(k, "kernel variant '", name, "' is not among those this processor runs: ", pel_kernels_variants());
    pel::active() = k;
  });
}
