// SPDX-License-Identifier: MIT
#pragma once

#include "synth/simd/shuffle.h"
#include "synth/source/wave/cycle.h"

namespace auralis::AURALIS_ISA {
namespace {

constexpr int at_once = lanes / source::Readers::count;  // frames

void move_cycle(float* cycle, const float* step, int length) {
  for (int n = 0; n < length; n += lanes) store(cycle + n, load<F>(cycle + n) + load<F>(step + n));
}

// The four frames of the cycle from each number on, of one reader in frames that lie four numbers apart.
template <int count = lanes>
AURALIS_FN auto fours_at(const float* cycle, const int32_t* numbers) {
  if constexpr (count == 4) {
    return load<Q>(cycle + numbers[0]);
  } else {
    return join(fours_at<count / 2>(cycle, numbers), fours_at<count / 2>(cycle, numbers + count / 2),
                std::make_index_sequence<count>());
  }
}

// By frames, what was turned about with several of them side by side.
template <size_t... i>
AURALIS_FN F by_frames(F x, std::index_sequence<i...>) {
  constexpr size_t side = lanes / 4;
  return __builtin_shufflevector(x, x, (4 * (i % side) + i / side)...);
}

// The cubic through four frames, x from the first: 1 … 2.
AURALIS_FN F between(F first, F second, F third, F fourth, F x) {
  const F a = x - 1.0F, b = x - 2.0F, c = x - 3.0F;
  const F bc = b * c, xa = x * a;
  return (first * (a * bc) * (-1.0F / 6.0F) + second * (x * bc) * 0.5F) +
         (third * (xa * c) * -0.5F + fourth * (xa * b) * (1.0F / 6.0F));
}

struct Position {
  U at, increment, step;

  explicit Position(const source::Readers& r) {
    for (int k = 0; k < lanes; ++k) {
      const auto i = static_cast<size_t>(k % source::Readers::count);
      const auto frame = static_cast<uint32_t>(k / source::Readers::count);
      at[k] = r.position[i] + frame * r.increment[i] + frame * (frame - 1u) / 2u * r.increment_step[i];
      increment[k] = r.increment[i] + frame * r.increment_step[i];
      step[k] = r.increment_step[i];
    }
  }
  void go_on() {
    constexpr uint32_t frames = at_once;
    at += increment * frames + step * (frames * (frames - 1u) / 2u);
    increment += step * frames;
  }
};

void read_cycle(const float* cycle, source::Readers& readers, source::Level level, source::Mono& out) {
  const int shift = 32 - readers.bits;
  const float to_fraction = 1.0F / static_cast<float>(uint64_t{1} << shift);
  const int32_t below = static_cast<int32_t>((uint32_t{1} << shift) - 1u);
  alignas(64) source::Mono levels;
  for (float& at : levels) {
    at = level.value;
    level.value += level.step;
  }
  Position position(readers);
  for (int n = 0; n < quantum_frames; n += lanes) {
    F made[4];
    for (F& y : made) {
      alignas(64) int32_t numbers[lanes];
      store(numbers, (I)(position.at >> shift));
      const F x = to_float((I)position.at & below) * to_fraction + 1.0F;
      position.go_on();
      F a = fours_at(cycle, numbers), b = fours_at(cycle, numbers + 1);
      F c = fours_at(cycle, numbers + 2), d = fours_at(cycle, numbers + 3);
      transpose(a, b, c, d);
      y = between(a, b, c, d, x);
    }
    transpose(made[0], made[1], made[2], made[3]);
    const F sum =
        by_frames((made[0] + made[1]) + (made[2] + made[3]), std::make_index_sequence<size_t{lanes}>());
    store(out + n, load<F>(out + n) + load<F>(levels + n) * 0.5F * sum);
  }
  for (int i = 0; i < source::Readers::count; ++i) readers.position[i] = position.at[i];
}

}  // namespace

extern const source::CycleKernel cycle_kernel;
const source::CycleKernel cycle_kernel{&move_cycle, &read_cycle};

}  // namespace auralis::AURALIS_ISA
