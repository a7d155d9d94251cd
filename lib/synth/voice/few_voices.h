// SPDX-License-Identifier: MIT
// Oscillators and noise where few voices use each of them: frames side by side, voice by voice, so that a unit costs by
// the voices that it has. The arithmetic of voice_impl.h, and its bits; filter and amplitude, which go from frame to
// frame, stay there.
//   phase   at frame n: start + n·increment + n(n−1)/2·step, whole numbers that wrap
//   ramps   are summed frame by frame, as there
#pragma once

#include "synth/simd/shuffle.h"
#include "synth/voice/unison_impl.h"

namespace auralis::AURALIS_ISA {
namespace {

AURALIS_FN U first_frames() {  // 0, 1, 2 …
  U n{};
  for (int i = 0; i < lanes; ++i) n[i] = static_cast<uint32_t>(i);
  return n;
}

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
  AURALIS_FN Way riding(const Way& carrier) const {
    Way both = carrier;
    both.start += start;
    both.increment += increment;
    both.step += step;
    return both;
  }
};

// The same from frame 0 on, as many frames at a time as there are lanes: what a phase that bends evenly is so much later
// is a sum, too.
struct Going {
  U phase, ahead;
  uint32_t bend;

  AURALIS_FN explicit Going(const Way& way) {
    constexpr auto width = static_cast<uint32_t>(lanes);
    const U n = first_frames();
    phase = way.start + way.increment * n + way.step * (n * (n - 1u) / 2u);
    ahead = (way.increment * width + way.step * (width * (width - 1u) / 2u)) + (way.step * width) * n;
    bend = way.step * (width * width);
  }
  AURALIS_FN F next() {  // half cycles, −1 … 1
    const F x = to_float((I)phase) * 0x1.0p-31F;
    phase += ahead;
    ahead += bend;
    return x;
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
          [going = Going(way), &steepness, shape](int n) mutable {
            return shape(going.next(), load<F>(steepness + n));
          });
    });
  }

  AURALIS_FN void add_noise(FrameBus& bus) const {
    const U counter = static_cast<uint32_t>(record.noise_counter[lane]) + first_frames();
    const I key = I{} + record.noise_key[lane];
    add(bus, noise, [&](int n) { return white_noise((I)(counter + static_cast<uint32_t>(n)), key); });
  }
};

// What one side of a voice gathers before its filter, frames side by side after what its equaliser remembers.
struct SideRow {
  static constexpr int aligned = 64 / sizeof(float);
  alignas(64) float stepped_frames[aligned + quantum_frames];
  alignas(64) float smooth_frames[aligned + quantum_frames];
  float* stepped = stepped_frames + aligned;
  float* smooth = smooth_frames + aligned;

  // Whether there is something in it.
  AURALIS_FN bool recall(const Sound::Side& side, int lane, bool fresh) {
    bool equalized = false;
    for (int i = 0; i < equalizer_history; ++i) {
      stepped[i - equalizer_history] = fresh ? 0.0F : side.stepped[i][lane];
      equalized |= stepped[i - equalizer_history] != 0.0F;
    }
    for (int i = 0; i < equalizer_delay; ++i) {
      smooth[i - equalizer_delay] = fresh ? 0.0F : side.smooth[i][lane];
    }
    return equalized;
  }
  AURALIS_FN void sum(bool equalized, FrameRow& x) const {
    for (int n = 0; n < quantum_frames; n += lanes) {
      F sum = load<F>(smooth + n - equalizer_delay);
      if (equalized) {
        F window[equalizer_history + 1];
        for (int k = 0; k <= equalizer_history; ++k) {
          window[k] = load<F>(stepped + n + k - equalizer_history);
        }
        sum += equalize(window);
      }
      store(x + n, sum);
    }
  }
  AURALIS_FN void keep(Sound::Side& side, int lane) const {
    constexpr int last = quantum_frames;
    for (int i = 0; i < equalizer_history; ++i) side.stepped[i][lane] = stepped[last + i - equalizer_history];
    for (int i = 0; i < equalizer_delay; ++i) side.smooth[i][lane] = smooth[last + i - equalizer_delay];
  }
};

// All but the first oscillator.
AURALIS_FN void add_rest(const VoiceUnits& voice, const FrameRow& steepness2, FrameBus& to_equalize,
                         FrameBus& plain) {
  voice.add_oscillator(voice.record.phase2, steepness2, sine2, to_equalize, plain);
  voice.add(plain, sub, [octave_below = Going(Way(voice.record.phase_sub, voice.lane))](int) mutable {
    return sine(octave_below.next());
  });
  voice.add_noise(plain);
  to_equalize.fill();
  plain.fill();
}

// Both oscillators, sub and noise of one voice, through the equaliser, into x.
AURALIS_FN void sound_voice(const VoiceUnits& voice, const FrameRow& steepness1, const FrameRow& steepness2,
                            Sound& s, FrameRow& x) {
  const int lane = voice.lane;
  SideRow row;
  const bool remembers = row.recall(s.left, lane, voice.record.fresh[lane] != 0);
  FrameBus to_equalize{row.stepped};
  FrameBus plain{row.smooth};
  voice.add_oscillator(voice.record.phase1, steepness1, sine1, to_equalize, plain);
  add_rest(voice, steepness2, to_equalize, plain);
  row.sum(remembers || (voice.uses & equalized_rows) != 0, x);
  row.keep(s.left, lane);
  s.modulation[lane] = 0.0F;
}

// One voice's riders, each with a gain for each side.
struct RiderUnits {
  const VoiceUnits& voice;
  const UnisonRecord& record;
  int count;

  AURALIS_FN RiderUnits(const VoiceUnits& of, const UnisonRecord& r)
      : voice(of), record(r), count(r.use.count) {
    const auto silent = [lane = of.lane](const Ramp& gain) {
      return gain.start[lane] == 0.0F && gain.step[lane] == 0.0F;
    };
    while (count > 1 && silent(r.left[count - 1]) && silent(r.right[count - 1])) --count;
  }

  // A rider's gain in a shape, whose level is filled in already.
  AURALIS_FN void fill_gain(const Ramp& gain, const FrameRow& level, FrameRow& out) const {
    fill_ramp(gain.start[voice.lane], gain.step[voice.lane], out);
    for (int n = 0; n < quantum_frames; n += lanes) store(out + n, load<F>(out + n) * load<F>(level + n));
  }

  // As add_riders, in its order.
  template <int together, typename Shape, typename Gain>
  [[gnu::always_inline]] AURALIS_FN void add_with(int k, const Way& carrier, const FrameRow& steepness,
                                                  Shape shape, Gain gain, float* left, float* right) const {
    Going one(Way(record.phase[k], voice.lane).riding(carrier));
    Going two(Way(record.phase[k + together - 1], voice.lane).riding(carrier));
    for (int n = 0; n < quantum_frames; n += lanes) {
      const F steep = load<F>(steepness + n);
      const F y1 = shape(one.next(), steep);
      F to_left = gain(0, n) * y1;
      F to_right = gain(1, n) * y1;
      if constexpr (together == 2) {
        const F y2 = shape(two.next(), steep);
        to_left += gain(2, n) * y2;
        to_right += gain(3, n) * y2;
      }
      store(left + n, load<F>(left + n) + to_left);
      store(right + n, load<F>(right + n) + to_right);
    }
  }

  // One oscillator's shape, or two oscillators'.
  template <int together, typename Shape>
  AURALIS_FN void add(int k, int row, const FrameRow& steepness, uint32_t ahead, uint32_t ahead_step,
                      Shape shape, float* left, float* right) const {
    const int lane = voice.lane;
    const Way carrier = Way(voice.record.phase1, lane).shifted(ahead, ahead_step);
    const Ramp& of_row = voice.levels.rows[row];
    const Ramp* gains[2 * together];
    bool still = of_row.step[lane] == 0.0F;
    for (int i = 0; i < together; ++i) {
      gains[2 * i] = &record.left[k + i];
      gains[2 * i + 1] = &record.right[k + i];
      still &= gains[2 * i]->step[lane] == 0.0F && gains[2 * i + 1]->step[lane] == 0.0F;
    }
    if (still) {
      F same[2 * together];
      for (int i = 0; i < 2 * together; ++i) same[i] = F{} + gains[i]->start[lane] * of_row.start[lane];
      return add_with<together>(
          k, carrier, steepness, shape, [&](int i, int) { return same[i]; }, left, right);
    }
    alignas(64) FrameRow level;
    alignas(64) FrameRow rows[2 * together];
    fill_ramp(of_row.start[lane], of_row.step[lane], level);
    for (int i = 0; i < 2 * together; ++i) fill_gain(*gains[i], level, rows[i]);
    add_with<together>(
        k, carrier, steepness, shape, [&](int i, int n) { return load<F>(rows[i] + n); }, left, right);
  }

  AURALIS_FN void add_all(const FrameRow& steepness, SideRow& left, SideRow& right) const {
    const Ramp& width = voice.levels.rows[pulse_width];
    const uint32_t second = behind(width.start[voice.lane]);
    const uint32_t second_step = behind(width.step[voice.lane]);
    const bool one_corner = lower_of(steepness[0], steepness[quantum_frames - 1]) >= one_corner_steepness;
    for (int k = 0; k < count; k += 2) {
      each_shape((voice.uses >> triangle1 & 1u) != 0 && one_corner, [&](auto unit, auto shape) {
        const uint32_t ahead = unit.place == Place::own ? 0 : unit.place == Place::ahead ? 1u << 30 : second;
        const uint32_t ahead_step = unit.place == Place::second ? second_step : 0;
        float* to_left = unit.equalized ? left.stepped : left.smooth;
        float* to_right = unit.equalized ? right.stepped : right.smooth;
        if ((voice.uses >> unit.row & 1u) == 0) return;
        if (k + 1 < count) {
          add<2>(k, unit.row, steepness, ahead, ahead_step, shape, to_left, to_right);
        } else {
          add<1>(k, unit.row, steepness, ahead, ahead_step, shape, to_left, to_right);
        }
      });
    }
  }
};

// The same as sound_voice, where the group has a unison.
AURALIS_FN void sound_unison_voice(const VoiceUnits& voice, const UnisonRecord& unison,
                                   const FrameRow& steepness1, const FrameRow& steepness2, Sound& s,
                                   FrameRow& to_left, FrameRow& to_right) {
  const int lane = voice.lane;
  const bool fresh = voice.record.fresh[lane] != 0;
  SideRow left;
  SideRow right;
  bool equalized = (voice.uses & equalized_rows) != 0;
  equalized |= left.recall(s.left, lane, fresh);
  equalized |= right.recall(voice.record.one_sided ? s.left : s.right, lane, fresh);
  FrameBus to_equalize{left.stepped};
  FrameBus plain{left.smooth};
  add_rest(voice, steepness2, to_equalize, plain);
  for (int n = 0; n < quantum_frames; n += lanes) {
    store(right.stepped + n, load<F>(left.stepped + n));
    store(right.smooth + n, load<F>(left.smooth + n));
  }
  RiderUnits(voice, unison).add_all(steepness1, left, right);
  left.sum(equalized, to_left);
  right.sum(equalized, to_right);
  left.keep(s.left, lane);
  right.keep(s.right, lane);
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

// Whether the voices' units are so few that they cost less one by one than side by side in all `count` lanes. Those of
// the first oscillator count for each of a unison.
template <int count>
AURALIS_FN bool few_units(const Record& r, const UnisonRecord& unison, const Levels& levels) {
  if (r.any_per_frame || levels.modulated || r.sources != nullptr) return false;
  constexpr uint32_t of_first = (1u << sine2) - 1u;
  const auto units_of = [](uint32_t rows, int riders) {
    return __builtin_popcount(rows & unit_rows) + (riders - 1) * __builtin_popcount(rows & of_first);
  };
  const int most = r.unison ? unison.use.count : 1;
  int units = 0;
  for (uint32_t left = r.active; left != 0; left &= left - 1) {
    const int lane = __builtin_ctz(left);
    int riders = most;
    while (riders > 1 && unison.left[riders - 1].start[lane] == 0.0F &&
           unison.left[riders - 1].step[lane] == 0.0F) {
      --riders;
    }
    units += units_of(levels.uses[lane], riders);
  }
  return 2 * units <= count * units_of(levels.used, most);
}

// What goes into the filters of the first `count` lanes, lanes side by side; right only where there is a unison.
template <int count>
struct Apart {
  alignas(64) float left[quantum_frames][count];
  alignas(64) float right[quantum_frames][count];
};

template <int count>
AURALIS_FN void sound_apart(const Record& r, const UnisonRecord& unison, const Levels& levels, Sound& s,
                            Apart<count>& out) {
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
    alignas(64) FrameRow left[4];
    alignas(64) FrameRow right[4];
    for (int k = 0; k < 4; ++k) {
      const int lane = first + k;
      const VoiceUnits voice{r, levels, lane, levels.uses[lane]};
      if ((r.active >> lane & 1u) == 0) {
        fill_ramp(0.0F, 0.0F, left[k]);
        if (r.unison) fill_ramp(0.0F, 0.0F, right[k]);
      } else if (r.unison) {
        sound_unison_voice(voice, unison, steepness1[lane], steepness2[lane], s, left[k], right[k]);
      } else {
        sound_voice(voice, steepness1[lane], steepness2[lane], s, left[k]);
      }
    }
    to_columns(left, first, out.left);
    if (r.unison) to_columns(right, first, out.right);
  }
}

}  // namespace
}  // namespace auralis::AURALIS_ISA
