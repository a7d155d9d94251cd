// SPDX-License-Identifier: MIT
// A set of parameters in motion, quantum by quantum: every step becomes a glide, along each parameter's curve. A short
// one sets out and arrives gently, since a corner in a level is heard as a tick; a long one goes straight, so that glides
// that follow one another join up.
//   set       at once, the whole set or one parameter: for a layer that is silent
//   morph     the whole set, over a time in quanta
//   change    one parameter, over a time in quanta
//   advance   one quantum; false where nothing moved
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "model/patch.h"
#include "synth/simd/functions.h"

namespace auralis {

template <typename Param, size_t count>
class Glide {
 public:
  using Set = ParamSet<Param, count>;

  Glide(std::span<const ParamInfo, count> table, const Set& initial) : table_(table), values_(initial) {}

  const Set& values() const { return values_; }

  void set(const Set& target) {
    values_ = target;
    for (size_t at = 0; at < moving_; ++at) moves_[which_[at]] = {};
    moving_ = 0;
  }

  void set(Param param, float target) {
    const auto i = static_cast<size_t>(param);
    if (moves_[i].left > 0)
      which_[std::find(which_.begin(), which_.end(), i) - which_.begin()] = which_[--moving_];
    moves_[i] = {};
    values_.values[i] = target;
  }

  void morph(const Set& target, int64_t quanta) {
    for (size_t i = 0; i < count; ++i) change(static_cast<Param>(i), target.values[i], quanta);
  }

  void change(Param param, float target, int64_t quanta) {
    const auto i = static_cast<size_t>(param);
    Move& move = moves_[i];
    if (move.left == 0) which_[moving_++] = static_cast<uint8_t>(i);
    const double from = curved(i, values_.values[i]);
    move = {quanta, quanta, from, curved(i, target) - from, target};
  }

  bool advance() {
    if (moving_ == 0) return false;
    for (size_t at = 0; at < moving_;) {
      const size_t i = which_[at];
      Move& move = moves_[i];
      if (--move.left == 0) {
        values_.values[i] = move.target;
        which_[at] = which_[--moving_];
        continue;
      }
      ++at;
      const double x = 1.0 - static_cast<double>(move.left) / static_cast<double>(move.quanta);
      const double share = move.quanta > short_quanta ? x : x * x * (3.0 - 2.0 * x);
      values_.values[i] = uncurved(i, move.from + move.span * share);
    }
    return true;
  }

 private:
  static constexpr int64_t short_quanta = 100;  // 0.15 s at 44.1 kHz

  struct Move {
    int64_t quanta = 0;
    int64_t left = 0;
    double from = 0.0;
    double span = 0.0;
    float target = 0.0F;
  };

  double curved(size_t i, float value) const {
    return table_[i].curve == Curve::logarithmic ? baseline::log2_of(value) : static_cast<double>(value);
  }
  float uncurved(size_t i, double at) const {
    return static_cast<float>(table_[i].curve == Curve::logarithmic ? baseline::exp2_of(at) : at);
  }

  std::span<const ParamInfo, count> table_;
  Set values_;
  std::array<Move, count> moves_{};
  std::array<uint8_t, count> which_{};  // of them are under way, the first moving_
  size_t moving_ = 0;
};

using PatchGlide = Glide<VoiceParam, voice_param_count>;
using MasterGlide = Glide<MasterParam, master_param_count>;

}  // namespace auralis
