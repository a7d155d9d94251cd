// SPDX-License-Identifier: MIT
// A group of voices on the processor: what voice_impl.h says of each lane, and the sum of each layer's lanes in a
// fixed order. Every instruction set compiles it.
#pragma once

#include <algorithm>

#include "synth/voice/few_voices.h"
#include "synth/voice/group_levels.h"
#include "synth/voice/kernel.h"
#include "synth/voice/unison_impl.h"

namespace auralis::AURALIS_ISA {
namespace {

// A bit for each of half_lanes lanes; where none of them is active there is nothing to advance.
constexpr uint32_t half_batch = (1u << half_lanes) - 1u;

uint32_t advance(Control& control, const Params& params, Record& record, Steps& steps) {
  record.stage_changes = false;
  record.any_per_frame = false;
  bool per_frame[group_lanes / half_lanes];  // each half by itself: steps per frame are expensive
  for (int at = 0; at < group_lanes; at += half_lanes) {
    if ((record.active >> at & half_batch) == 0) continue;
    record.stage_changes |= changes_stage(control, at);
    record.any_per_frame |= per_frame[at / half_lanes] = has_per_frame_lane(control, params, at);
  }
  uint32_t ended = 0;
  for (int at = 0; at < group_lanes; at += half_lanes) {
    if ((record.active >> at & half_batch) == 0) continue;
    ended |=
        advance_lanes(control, params, record, steps, at, record.stage_changes, per_frame[at / half_lanes]);
    if (!per_frame[at / half_lanes]) std::fill_n(record.per_frame + at, half_lanes, 0);
  }
  return ended;
}

void advance_unison_of(Unison& unison, const Control& control, const Params& params, const Record& record,
                       UnisonRecord& out) {
  out.use = {.count = 0, .moving = false};
  int counts[group_lanes / half_lanes] = {};
  for (int at = 0; at < group_lanes; at += half_lanes) {
    if ((record.active >> at & half_batch) == 0) continue;
    const UnisonUse use = advance_unison(unison, control, params, record, out, at);
    counts[at / half_lanes] = use.count;
    out.use = {std::max(out.use.count, use.count), out.use.moving || use.moving};
  }
  for (int at = 0; at < group_lanes; at += half_lanes) {
    silence_unison(out, at, counts[at / half_lanes], out.use.count);
  }
}

// Of the first `count` lanes of a group.
template <int count>
struct Stereo {
  alignas(64) float left[quantum_frames][count];
  alignas(64) float right[quantum_frames][count];
};

// Where a batch of lanes puts its frames.
template <int count>
struct Columns {
  Stereo<count>& stereo;
  int at;
  void put(int n, F left, F right) const {
    store(stereo.left[n] + at, left);
    store(stereo.right[n] + at, right);
  }
};

// ---- the sum of each layer's lanes, by the same tree whatever the width ----------------------------------------

template <int count>
inline Q sum_of_lanes(const float* row, const QI* mask) {
  const auto part = [row, mask](int i) {
    if constexpr (count < group_lanes) {
      if (4 * i >= count) return Q{};
    }
    return (Q)((QI)load<Q>(row + 4 * i) & mask[i]);
  };
  return (part(0) + part(2)) + (part(1) + part(3));
}

template <int count>
inline void sum_lanes(float* out, const float (*rows)[count], uint32_t lanes_in) {
  QI mask[4];
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t four = lanes_in >> (4 * i);
    mask[i] = -(QI{static_cast<int>(four), static_cast<int>(four >> 1), static_cast<int>(four >> 2),
                   static_cast<int>(four >> 3)} &
                1);
  }
  for (int n = 0; n < quantum_frames; n += 4) {
    const Q a = sum_of_lanes<count>(rows[n], mask);
    const Q b = sum_of_lanes<count>(rows[n + 1], mask);
    const Q c = sum_of_lanes<count>(rows[n + 2], mask);
    const Q d = sum_of_lanes<count>(rows[n + 3], mask);
    const Q ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Q cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    store(out + n, __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
  }
}

// The same where voices are few, by rows, which it uses up: what is not there adds nothing. The sum of the lanes `lane`,
// lane + step and so on that are in, or nullptr.
template <int count, int lane = 0, int step = 1>
float* sum_rows(FrameRow* rows, uint32_t lanes_in) {
  if constexpr (lane >= count) {
    return nullptr;
  } else if constexpr (step == group_lanes) {
    return (lanes_in >> lane & 1u) != 0 ? rows[lane] : nullptr;
  } else {
    float* a = sum_rows<count, lane, 2 * step>(rows, lanes_in);
    float* b = sum_rows<count, lane + step, 2 * step>(rows, lanes_in);
    if (a == nullptr || b == nullptr) return a != nullptr ? a : b;
    for (int n = 0; n < quantum_frames; n += lanes) store(a + n, load<F>(a + n) + load<F>(b + n));
    return a;
  }
}

template <int count>
void sum_few(const Record& record, const float (&columns)[quantum_frames][count], float* out) {
  alignas(64) FrameRow rows[count];
  for (int lane = 0; lane < count; lane += 4) {
    if (record.active >> lane & 15u) to_rows(columns, lane, rows + lane);
  }
  for (int i = 0; i < record.layer_count; ++i) {
    const float* sum = sum_rows<count>(rows, record.layer_lanes[i]);
    // + 0, since the sum of nothing and −0 is 0
    for (int n = 0; n < quantum_frames; n += lanes)
      store(out + 2 * i * quantum_frames + n, load<F>(sum + n) + F{});
  }
}

bool moving(const Levels& levels) {
  I steps{};
  for (uint32_t left = levels.used; left != 0; left &= left - 1) {
    const Ramp& row = levels.rows[__builtin_ctz(left)];
    for (int at = 0; at < group_lanes; at += lanes) steps |= load<I>(row.step + at);
  }
  alignas(64) int32_t bits[lanes];
  store(bits, steps);
  return std::any_of(bits, bits + lanes, [](int32_t b) { return b != 0; });
}

// Whether every active lane is steep enough throughout; a little more, since the ramp's sums round. Not where a lane is
// modulated per frame.
bool one_corner(const Ramp& steepness, const Record& record) {
  constexpr float enough = one_corner_steepness * 1.01F;
  if (record.any_per_frame) return false;
  for (int lane = 0; lane < group_lanes; ++lane) {
    const float from = steepness.start[lane];
    const float to = from + steepness.step[lane] * quantum_frames;
    if ((record.active >> lane & 1u) != 0 && !(from >= enough && to >= enough)) return false;
  }
  return true;
}

// A batch of lanes whose oscillators were played voice by voice.
template <int count>
AURALIS_FN void shape_lanes(const Record& record, const Steps& steps, const Levels& levels,
                            const Parts& parts, Sound& state, const Apart<count>& in, Stereo<count>& stereo,
                            int at) {
  shape_as<quantum_frames, false>(parts, [&]<typename Filter, typename Amplitude, bool>() {
    Shaping<Filter, Amplitude> shaping(record, steps, levels, parts, state, at);
    Columns<count> out{stereo, at};
    shaping.template place<quantum_frames>(0, out, [&](int n) { return load<F>(in.left[n] + at); });
    shaping.keep(state, at);
  });
}

template <int count>
AURALIS_FN void shape_sides(const Record& record, const Steps& steps, const Levels& levels,
                            const Parts& parts, Sound& state, const Apart<count>& in, Stereo<count>& stereo,
                            int at) {
  shape_sides_as<quantum_frames, false>(parts, [&]<typename Filter, typename Amplitude, bool>() {
    StereoShaping<Filter, Amplitude> shaping(record, steps, levels, parts, state, at);
    Columns<count> out{stereo, at};
    shaping.template place<quantum_frames>(
        0, out, [&](int n) { return load<F>(in.left[n] + at); },
        [&](int n) { return load<F>(in.right[n] + at); });
    shaping.keep(state, at);
  });
}

// Where none but the first `count` lanes is active.
template <int count>
void sound(const Record& record, const Steps& steps, const UnisonRecord& unison, const Levels& levels,
           Sound& state, float* out) {
  const auto rounds_once = [&](int row, const Ramp& steepness) {
    return (levels.used >> row & 1u) != 0 && one_corner(steepness, record);
  };
  const Parts parts{levels.used,
                    levels.modulated,
                    record.stage_changes,
                    record.any_per_frame,
                    record.equalized,
                    moving(levels),
                    rounds_once(triangle1, record.steepness1),
                    rounds_once(triangle2, record.steepness2),
                    record.unison ? unison.use : UnisonUse{0, false},
                    record.one_sided};
  constexpr uint32_t batch = (1u << (lanes - 1) << 1) - 1u;
  Stereo<count> stereo;
  const bool few = few_units<count>(record, unison, levels);
  Apart<count> apart;
  if (few) sound_apart(record, unison, levels, state, apart);
  for (int at = 0; at < count; at += lanes) {
    if (record.active >> at & batch) {
      if (few && record.unison) {
        shape_sides(record, steps, levels, parts, state, apart, stereo, at);
      } else if (few) {
        shape_lanes(record, steps, levels, parts, state, apart, stereo, at);
      } else {
        sound_lanes_of(record, steps, unison, levels, parts, state, Columns<count>{stereo, at}, at);
      }
      continue;
    }
    for (int n = 0; n < quantum_frames; ++n) {
      store(stereo.left[n] + at, F{});
      store(stereo.right[n] + at, F{});
    }
  }
  if (few) {
    sum_few(record, stereo.left, out);
    return sum_few(record, stereo.right, out + quantum_frames);
  }
  for (int i = 0; i < record.layer_count; ++i) {
    sum_lanes<count>(out + (2 * i) * quantum_frames, stereo.left, record.layer_lanes[i]);
    sum_lanes<count>(out + (2 * i + 1) * quantum_frames, stereo.right, record.layer_lanes[i]);
  }
}

}  // namespace

extern const Kernel voice_kernel;
constexpr int few = std::max(lanes, group_lanes / 2);
const Kernel voice_kernel{&advance, &advance_unison_of, &step_all_levels, &sound<group_lanes>, &sound<few>};

}  // namespace auralis::AURALIS_ISA
