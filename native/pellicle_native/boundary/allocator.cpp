// Tensor memory: freed blocks of 64 KiB and more are kept by size class and handed out again. Returning them to the
// system costs a page fault per 4 KiB on the next use, more than most element-wise operators cost themselves.
#include "boundary.h"
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>
#include <cstdlib>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace pel {
namespace {

constexpr size_t kSmallest = 64 << 10;
constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = 2 << 20;

size_t round_to(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

// Eight classes per power of two: at most 12.5 % waste.
size_t size_class(size_t n) {
  size_t step = kSmallest / 8;
  while (step * 16 <= n) step <<= 1;
  return round_to(n, step);
}

class Cache {
 public:
  void* get(size_t n) {
    if (n < kSmallest) return aligned_alloc(kAlignment, round_to(n, kAlignment));
    n = size_class(n);
    if (void* kept = take(n)) return kept;
    void* p = fresh(n);
    if (!p) {
      trim();
      p = fresh(n);
    }
    return p;
  }

  void put(void* p) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      auto it = sizes_.find(p);
      if (it != sizes_.end()) {
        if (held_ + it->second <= limit_) {
          held_ += it->second;
          free_[it->second].push_back(p);
          return;
        }
        sizes_.erase(it);
      }
    }
    ::free(p);
  }

  void trim() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& list : free_) {
      for (void* p : list.second) {
        sizes_.erase(p);
        ::free(p);
      }
      list.second.clear();
    }
    held_ = 0;
  }

  void limit(size_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    limit_ = bytes;
  }

  size_t held() {
    std::lock_guard<std::mutex> lock(mutex_);
    return held_;
  }

 private:
  void* take(size_t n) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto it = free_.find(n);
    if (it == free_.end() || it->second.empty()) return nullptr;
    void* p = it->second.back();
    it->second.pop_back();
    held_ -= n;
    return p;
  }

  void* fresh(size_t n) {
    size_t alignment = n >= kHugePage ? kHugePage : kAlignment;
    void* p = aligned_alloc(alignment, round_to(n, alignment));
    if (!p) return nullptr;
    if (n >= kHugePage) madvise(p, n, MADV_HUGEPAGE);
    std::lock_guard<std::mutex> lock(mutex_);
    sizes_[p] = n;
    return p;
  }

  std::mutex mutex_;
  std::unordered_map<size_t, std::vector<void*>> free_;  // by size class
  std::unordered_map<void*, size_t> sizes_;              // of all blocks of kSmallest and more
  size_t held_ = 0;
  size_t limit_ = size_t{8} << 30;
};

Cache& cache() {
  static Cache* c = new Cache;  // never destroyed: tensors may outlive static destructors
  return *c;
}

void give_back(void* p) {
  if (p) cache().put(p);
}

struct CachingAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t n) const override {
    c10::Device cpu(c10::DeviceType::CPU);
    if (!n) return {nullptr, nullptr, &give_back, cpu};
    void* p = cache().get(n);
    TORCH_CHECK(p, "out of memory: could not allocate ", n, " bytes");
    return {p, p, &give_back, cpu};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
};

}  // namespace
}  // namespace pel

void pel_allocator_install(int64_t cache_limit_bytes) {
  static pel::CachingAllocator* allocator = [] {
    auto* a = new pel::CachingAllocator;
    c10::SetCPUAllocator(a, /*priority=*/255);
    return a;
  }();
  (void)allocator;
  pel::cache().limit(static_cast<size_t>(cache_limit_bytes));
}

void pel_allocator_trim(void) { pel::cache().trim(); }

int64_t pel_allocator_held(void) { return static_cast<int64_t>(pel::cache().held()); }
