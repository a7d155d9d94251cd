// SPDX-License-Identifier: MIT
// Random numbers that are the same on every machine: the standard distributions are not, so these are ours.
//   streams   Rng(seed, "harmony"): an independent stream for each purpose, so that one part may draw more numbers
//             without changing what another draws
//   source    xoshiro256++ 1.0 and splitmix64: Blackman & Vigna, ACM TOMS 47 (2021); FNV-1a for names
#pragma once

#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace auralis {

constexpr uint64_t splitmix64(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

constexpr uint64_t hash_name(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

class Rng {
 public:
  explicit Rng(uint64_t seed, std::string_view purpose = {}) {
    uint64_t mix = seed ^ hash_name(purpose);
    for (uint64_t& word : state_) word = splitmix64(mix);
  }

  uint64_t next() {
    const uint64_t result = rotl(state_[0] + state_[3], 23) + state_[0];
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotl(state_[3], 45);
    return result;
  }

  // [0, 1) with 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }

  // 0 … count-1; the bias is below 2^-40 for any count used here.
  size_t index(size_t count) {
    assert(count > 0);
    return static_cast<size_t>(uniform() * static_cast<double>(count));
  }

  // Near-normal with mean 0 and deviation 1: the sum of twelve uniforms (Irwin–Hall), so that no libm enters.
  double normal() {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

  // The index of one of the weights (each ≥ 0, not all 0), in proportion.
  size_t weighted(std::span<const double> weights) {
    double total = 0.0;
    for (double weight : weights) total += weight;
    assert(total > 0.0);
    double left = uniform() * total;
    size_t last = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] <= 0.0) continue;
      last = i;
      if (left < weights[i]) return i;
      left -= weights[i];
    }
    return last;
  }

 private:
  static constexpr uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  std::array<uint64_t, 4> state_{};
};

}  // namespace auralis
