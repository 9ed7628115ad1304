// Gaussian noise from AES-256 in counter mode, added to the sums of a step in one pass over all tensors.
//
// Pair i of step t comes from the 16-byte block AES(key, i as 8 bytes, t as 8 bytes; both little endian). So a value
// depends on its place alone: not on threads, and a resumed run continues where the former one stopped. Every tensor
// begins at an even place.
#include "../boundary/boundary.h"
#include "../kernels/kernels.h"
#include <ATen/Parallel.h>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pel {
namespace {

constexpr int kRounds = 14;

#if defined(__x86_64__)

struct alignas(16) RoundKeys {
  __m128i key[kRounds + 1];
  ~RoundKeys() { explicit_bzero(key, sizeof key); }
};

// FIPS 197, 5.2.
__attribute__((target("aes,sse4.1"))) __m128i mix(__m128i former, __m128i assist) {
  former = _mm_xor_si128(former, _mm_slli_si128(former, 4));
  former = _mm_xor_si128(former, _mm_slli_si128(former, 8));
  return _mm_xor_si128(former, assist);
}

template <int Constant>
__attribute__((target("aes,sse4.1"))) void expand_pair(__m128i* k) {
  k[2] = mix(k[0], _mm_shuffle_epi32(_mm_aeskeygenassist_si128(k[1], Constant), 0xff));
  k[3] = mix(k[1], _mm_shuffle_epi32(_mm_aeskeygenassist_si128(k[2], 0), 0xaa));
}

__attribute__((target("aes,sse4.1"))) void expand(const uint8_t* key, RoundKeys& out) {
  __m128i k[2 * 8];
  k[0] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key));
  k[1] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key + 16));
  expand_pair<0x01>(k);
  expand_pair<0x02>(k + 2);
  expand_pair<0x04>(k + 4);
  expand_pair<0x08>(k + 6);
  expand_pair<0x10>(k + 8);
  expand_pair<0x20>(k + 10);
  expand_pair<0x40>(k + 12);
  memcpy(out.key, k, sizeof out.key);
  explicit_bzero(k, sizeof k);
}

// Eight blocks in flight hide the latency of the instruction; the compiler must unroll to keep them in registers.
#define UNROLL _Pragma("GCC unroll 16")
__attribute__((target("aes,sse4.1"))) void stream_aes(const RoundKeys& keys, uint64_t step, uint64_t block,
                                                      uint64_t* words, int64_t blocks) {
  for (int64_t done = 0; done < blocks; done += 8) {
    int lanes = static_cast<int>(std::min<int64_t>(8, blocks - done));
    __m128i state[8];
    UNROLL for (int i = 0; i < 8; i++)
      state[i] = _mm_xor_si128(_mm_set_epi64x(static_cast<long long>(step), static_cast<long long>(block + done + i)), keys.key[0]);
    UNROLL for (int r = 1; r < kRounds; r++) {
      UNROLL for (int i = 0; i < 8; i++) state[i] = _mm_aesenc_si128(state[i], keys.key[r]);
    }
    UNROLL for (int i = 0; i < 8; i++) state[i] = _mm_aesenclast_si128(state[i], keys.key[kRounds]);
    memcpy(words + 2 * done, state, 16 * lanes);
  }
}

// The same with two blocks a register.
__attribute__((target("vaes,aes,avx2"))) void stream_vaes(const RoundKeys& keys, uint64_t step, uint64_t block,
                                                          uint64_t* words, int64_t blocks) {
  int64_t done = 0;
  for (; done + 16 <= blocks; done += 16) {
    __m256i state[8], key = _mm256_broadcastsi128_si256(keys.key[0]);
    UNROLL for (int i = 0; i < 8; i++) {
      long long at = static_cast<long long>(block + done + 2 * i), high = static_cast<long long>(step);
      state[i] = _mm256_xor_si256(_mm256_set_epi64x(high, at + 1, high, at), key);
    }
    UNROLL for (int r = 1; r < kRounds; r++) {
      key = _mm256_broadcastsi128_si256(keys.key[r]);
      UNROLL for (int i = 0; i < 8; i++) state[i] = _mm256_aesenc_epi128(state[i], key);
    }
    key = _mm256_broadcastsi128_si256(keys.key[kRounds]);
    UNROLL for (int i = 0; i < 8; i++)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(words + 2 * done) + i, _mm256_aesenclast_epi128(state[i], key));
  }
  if (done < blocks) stream_aes(keys, step, block + done, words + 2 * done, blocks - done);
}

bool has_aes() { return __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.1"); }

void stream(const RoundKeys& keys, uint64_t step, uint64_t block, uint64_t* words, int64_t blocks) {
  // Tied to the kernel variant, so that a test of every variant runs both.
  static const bool wide = __builtin_cpu_supports("vaes") && __builtin_cpu_supports("avx2");
  if (wide && kernels().name != generic::table.name) stream_vaes(keys, step, block, words, blocks);
  else stream_aes(keys, step, block, words, blocks);
}

#else  // The managed side has a portable way; see pel_noise_supported.

struct RoundKeys {};
bool has_aes() { return false; }
void expand(const uint8_t*, RoundKeys&) {}
void stream(const RoundKeys&, uint64_t, uint64_t, uint64_t*, int64_t) {}

#endif

constexpr int64_t kPairs = 512;  // of one round: 8 KiB of words and as much of variates stay in the first cache

struct Piece {  // a run of one tensor
  float* data;
  int64_t count;
  uint64_t block;
};

// Cuts all tensors into pieces that threads can share; small tensors stay whole.
std::vector<Piece> cut(float** data, const int64_t* counts, int n) {
  constexpr int64_t kPiece = 64 * 2 * kPairs;
  std::vector<Piece> pieces;
  uint64_t block = 0;
  for (int k = 0; k < n; k++) {
    for (int64_t at = 0; at < counts[k]; at += kPiece)
      pieces.push_back({data[k] + at, std::min(kPiece, counts[k] - at), block + static_cast<uint64_t>(at) / 2});
    block += static_cast<uint64_t>(counts[k] + 1) / 2;
  }
  return pieces;
}

bool add_to(const Piece& piece, const RoundKeys& keys, uint64_t step, double deviation, double grid, double divisor) {
  alignas(64) uint64_t words[2 * kPairs];
  alignas(64) double z[2 * kPairs];
  bool finite = true;
  for (int64_t at = 0; at < piece.count; at += 2 * kPairs) {
    int64_t count = std::min<int64_t>(2 * kPairs, piece.count - at), pairs = (count + 1) / 2;
    stream(keys, step, piece.block + static_cast<uint64_t>(at) / 2, words, pairs);
    kernels().gaussian(words, z, pairs);
    finite &= kernels().add_noise(z, piece.data + at, count, deviation, grid, divisor) != 0;
  }
  explicit_bzero(words, sizeof words);
  explicit_bzero(z, sizeof z);
  return finite;
}

}  // namespace
}  // namespace pel

int pel_noise_supported(void) { return pel::has_aes(); }

int pel_noise_keystream(const uint8_t* key, uint64_t step, uint64_t block, uint64_t* words, int64_t blocks) {
  return pel::guard([&] {
    TORCH_CHECK(pel::has_aes(), "this processor has no AES instructions");
    pel::RoundKeys keys;
    pel::expand(key, keys);
    pel::stream(keys, step, block, words, blocks);
  });
}

int pel_noise_add(const uint8_t* key, uint64_t step, double deviation, double grid, double divisor, float** data,
                  const int64_t* counts, int n) {
  return pel::guard([&] {
    TORCH_CHECK(pel::has_aes(), "this processor has no AES instructions");
    pel::adopt_thread_count();
    pel::RoundKeys keys;
    pel::expand(key, keys);
    std::vector<pel::Piece> pieces = pel::cut(data, counts, n);
    std::atomic<bool> finite{true};
    at::parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++)
        if (!pel::add_to(pieces[i], keys, step, deviation, grid, divisor)) finite = false;
    });
    TORCH_CHECK(finite, "a sum to be noised is infinite, not a number, or too large for the grid");
  });
}
