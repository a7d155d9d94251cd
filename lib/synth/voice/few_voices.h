// SPDX-License-Identifier: MIT
// Oscillators and noise where few voices use each of them: frames side by side, voice by voice, so that a unit costs by
// the voices that it has. The arithmetic of voice_impl.h, and its bits; filter and amplitude, which go from frame to
// frame, stay there.
//   phase   at frame n: start + n·increment + n(n−1)/2·step, whole numbers that wrap
//   ramps   are summed frame by frame, as there
#pragma once

#include "synth/simd/shuffle.h"
#include "synth/voice/voice_impl.h"

namespace auralis::AURALIS_ISA {
namespace {

struct Counting {
  uint32_t frames[quantum_frames];
  uint32_t pairs[quantum_frames];  // of frames before each
};
constexpr Counting count_frames() {
  Counting c{};
  for (uint32_t n = 1; n < quantum_frames; ++n) {
    c.frames[n] = n;
    c.pairs[n] = c.pairs[n - 1] + n - 1;
  }
  return c;
}
alignas(64) inline constexpr Counting counting = count_frames();

// A voice's way through its cycle.
struct Way {
  uint32_t start, increment, step;

  AURALIS_FN Way(const Phase& phase, int lane)
      : start(static_cast<uint32_t>(phase.start[lane])),
        increment(static_cast<uint32_t>(phase.increment[lane])),
        step(static_cast<uint32_t>(phase.step[lane])) {}
  AURALIS_FN Way shifted(uint32_t by, uint32_t by_step) const {
    Way other = *this;
    other.start += by;
    other.increment += by_step;
    return other;
  }
  AURALIS_FN F at(int n) const {  // half cycles, −1 … 1
    const U phase = start + increment * load<U>(counting.frames + n) + step * load<U>(counting.pairs + n);
    return to_float((I)phase) * 0x1.0p-31F;
  }
};

AURALIS_FN uint32_t behind(float cycles) {  // as Oscillator's
  return 0u - static_cast<uint32_t>(static_cast<int32_t>(cycles * static_cast<float>(two32 / 4.0))) * 4u;
}

using FrameRow = float[quantum_frames];

AURALIS_FN void fill_ramp(float value, float step, FrameRow& out) {
  if (step == 0.0F) {
    for (int n = 0; n < quantum_frames; n += lanes) store(out + n, F{} + value);
    return;
  }
  for (float& now : out) {
    now = value;
    value += step;
  }
}

// What a voice's units add to; the first of them writes.
struct FrameBus {
  float* frames;
  bool empty = true;

  template <typename Make>
  [[gnu::always_inline]] AURALIS_FN void add(Make make) {
    for (int n = 0; n < quantum_frames; n += lanes) {
      const F x = make(n);
      store(frames + n, empty ? x : load<F>(frames + n) + x);
    }
    empty = false;
  }
  AURALIS_FN void fill() {
    if (empty) add([](int) { return F{}; });
  }
};

// One voice's units, where its pitch goes along ramps and nothing modulates its phase.
struct VoiceUnits {
  const Record& record;
  const Levels& levels;
  int lane;
  uint32_t uses;

  template <typename Make>
  [[gnu::always_inline]] AURALIS_FN void add(FrameBus& bus, int row, Make make) const {
    if ((uses >> row & 1u) == 0) return;
    alignas(64) FrameRow gain;
    fill_ramp(levels.rows[row].start[lane], levels.rows[row].step[lane], gain);
    bus.add([&](int n) { return load<F>(gain + n) * make(n); });
  }

  // Its rows among the levels begin at first.
  AURALIS_FN void add_oscillator(const Phase& phase, const FrameRow& steepness, int first, FrameBus& stepped,
                                 FrameBus& smooth) const {
    const Way own(phase, lane);
    const Ramp& width = levels.rows[pulse_width];
    const Way second = own.shifted(behind(width.start[lane]), behind(width.step[lane]));
    const Way ahead = own.shifted(1u << 30, 0);
    const bool one_corner = (uses >> (first + triangle1) & 1u) != 0 &&
                            lower_of(steepness[0], steepness[quantum_frames - 1]) >= one_corner_steepness;
    each_shape(one_corner, [&](auto unit, auto shape) {
      const Way& way = unit.place == Place::own ? own : unit.place == Place::ahead ? ahead : second;
      add(unit.equalized ? stepped : smooth, first + unit.row,
          [&](int n) { return shape(way.at(n), load<F>(steepness + n)); });
    });
  }

  AURALIS_FN void add_noise(FrameBus& bus) const {
    const auto counter = static_cast<uint32_t>(record.noise_counter[lane]);
    const I key = I{} + record.noise_key[lane];
    add(bus, noise, [&](int n) { return white_noise((I)(counter + load<U>(counting.frames + n)), key); });
  }
};

// Both oscillators, sub and noise of one voice, through the equaliser, into x.
AURALIS_FN void sound_voice(const VoiceUnits& voice, const FrameRow& steepness1, const FrameRow& steepness2,
                            Sound& s, FrameRow& x) {
  constexpr int aligned = 64 / sizeof(float);
  alignas(64) float stepped_frames[aligned + quantum_frames];
  alignas(64) float smooth_frames[aligned + quantum_frames];
  float* stepped = stepped_frames + aligned - equalizer_history;
  float* smooth = smooth_frames + aligned - equalizer_delay;
  const int lane = voice.lane;
  const bool fresh = voice.record.fresh[lane] != 0;
  bool equalized = (voice.uses & equalized_rows) != 0;
  for (int i = 0; i < equalizer_history; ++i) {
    stepped[i] = fresh ? 0.0F : s.stepped[i][lane];
    equalized |= stepped[i] != 0.0F;
  }
  for (int i = 0; i < equalizer_delay; ++i) smooth[i] = fresh ? 0.0F : s.smooth[i][lane];

  FrameBus to_equalize{stepped_frames + aligned};
  FrameBus plain{smooth_frames + aligned};
  voice.add_oscillator(voice.record.phase1, steepness1, sine1, to_equalize, plain);
  voice.add_oscillator(voice.record.phase2, steepness2, sine2, to_equalize, plain);
  const Way octave_below(voice.record.phase_sub, lane);
  voice.add(plain, sub, [&](int n) { return sine(octave_below.at(n)); });
  voice.add_noise(plain);
  to_equalize.fill();
  plain.fill();

  for (int n = 0; n < quantum_frames; n += lanes) {
    F sum = load<F>(smooth + n);
    if (equalized) {
      F window[equalizer_history + 1];
      for (int k = 0; k <= equalizer_history; ++k) window[k] = load<F>(stepped + n + k);
      sum += equalize(window);
    }
    store(x + n, sum);
  }
  for (int i = 0; i < equalizer_history; ++i) s.stepped[i][lane] = stepped[quantum_frames + i];
  for (int i = 0; i < equalizer_delay; ++i) s.smooth[i][lane] = smooth[quantum_frames + i];
  s.modulation[lane] = 0.0F;
}

// Four lanes' columns from `lane` on as rows, and back.
template <int count>
AURALIS_FN void to_rows(const float (&columns)[quantum_frames][count], int lane, FrameRow* rows) {
  for (int n = 0; n < quantum_frames; n += lanes) {
    F v[4];
    for (int k = 0; k < 4; ++k) v[k] = load_fours(&columns[n + k][lane], 4 * count);
    transpose(v[0], v[1], v[2], v[3]);
    for (int k = 0; k < 4; ++k) store(rows[k] + n, v[k]);
  }
}
template <int count>
AURALIS_FN void to_columns(const FrameRow (&rows)[4], int lane, float (&columns)[quantum_frames][count]) {
  for (int n = 0; n < quantum_frames; n += lanes) {
    F v[4];
    for (int k = 0; k < 4; ++k) v[k] = load<F>(rows[k] + n);
    transpose(v[0], v[1], v[2], v[3]);
    for (int k = 0; k < 4; ++k) store_fours(&columns[n + k][lane], 4 * count, v[k]);
  }
}

// A ramp of every lane, as rows of those that are wanted and their neighbours.
template <int count>
AURALIS_FN void ramp_rows(const Ramp& ramp, uint32_t wanted, FrameRow (&rows)[count]) {
  if (wanted == 0) return;
  alignas(64) float columns[quantum_frames][count];
  for (int at = 0; at < count; at += lanes) {
    F value = load<F>(ramp.start + at);
    const F step = load<F>(ramp.step + at);
    for (int n = 0; n < quantum_frames; ++n) {
      store(columns[n] + at, value);
      value += step;
    }
  }
  for (int lane = 0; lane < count; lane += 4) {
    if (wanted >> lane & 15u) to_rows(columns, lane, rows + lane);
  }
}

// Whether the voices' units are so few that they cost less one by one than side by side in all `count` lanes.
template <int count>
AURALIS_FN bool few_units(const Record& r, const Levels& levels) {
  if (r.any_per_frame || levels.modulated) return false;
  int units = 0;
  for (uint32_t left = r.active; left != 0; left &= left - 1) {
    units += __builtin_popcount(levels.uses[__builtin_ctz(left)] & unit_rows);
  }
  return 4 * units <= 3 * count * __builtin_popcount(levels.used & unit_rows);
}

// What goes into the filters of the first `count` lanes, lanes side by side.
template <int count>
AURALIS_FN void sound_apart(const Record& r, const Levels& levels, Sound& s,
                            float (&columns)[quantum_frames][count]) {
  uint32_t steep1 = 0;
  uint32_t steep2 = 0;
  for (uint32_t left = r.active; left != 0; left &= left - 1) {
    const int lane = __builtin_ctz(left);
    const uint32_t uses = levels.uses[lane] & equalized_rows;
    steep1 |= ((uses & ((1u << sine2) - 1u)) != 0 ? 1u : 0u) << lane;
    steep2 |= (uses >> sine2 != 0 ? 1u : 0u) << lane;
  }
  alignas(64) FrameRow steepness1[count];
  alignas(64) FrameRow steepness2[count];
  ramp_rows(r.steepness1, steep1, steepness1);
  ramp_rows(r.steepness2, steep2, steepness2);
  for (int first = 0; first < count; first += 4) {
    alignas(64) FrameRow rows[4];
    for (int k = 0; k < 4; ++k) {
      const int lane = first + k;
      if (r.active >> lane & 1u) {
        sound_voice({r, levels, lane, levels.uses[lane]}, steepness1[lane], steepness2[lane], s, rows[k]);
      } else {
        fill_ramp(0.0F, 0.0F, rows[k]);
      }
    }
    to_columns(rows, first, columns);
  }
}

}  // namespace
}  // namespace auralis::AURALIS_ISA
