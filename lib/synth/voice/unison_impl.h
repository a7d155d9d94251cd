// SPDX-License-Identifier: MIT
// Voices that have several oscillators in place of their first, beside others in the same group, which have one:
//
//   osc2, sub, noise ─────────────────┬──┐
//   osc1 ── phase ─┬─ 1 ─ left, right ┴┐ ├→ equalizer, delay → filter → amplitude → pan, each side by itself
//                  ├─ …                ├─┘
//                  └─ 7 ─ left, right ─┘
//
// The oscillators differ from the first in nothing but their distance from its phase, which goes by a ramp of its own
// and so takes part in all that moves the first: modulation of the phase, too. They share its steepness: what they are
// apart is a few hundredths of the kernel's width.
#pragma once

#include "synth/voice/voice_impl.h"

namespace auralis::AURALIS_ISA {
namespace {

// ---- once a quantum, in float64 --------------------------------------------------------------------------------

// After advance_lanes, by what that left. Of the oscillators that none of these lanes has it says nothing.
AURALIS_FN UnisonUse advance_unison(Unison& unison, const Control& c, const Params& p, const Record& r,
                                    UnisonRecord& out, int at) {
  const auto state = [at](const double(&row)[group_lanes]) { return load<D>(row + at); };
  const L active = state(c.active) > 0.0;
  const L fresh = to_double(load<HalfI>(r.fresh + at)) < 0.0;
  const D onset = to_double(load<HalfF>(r.onset + at));
  const D top = D{} + highest_increment;
  const D from1 = to_double(load<HalfI>(r.phase1.increment + at)) * (1.0 / two32);
  const D to1 = state(c.increment1);
  const bool drifting = drifts(p, at);
  const D drift_to = state(c.drift_at);
  const D drift_from = drift_to - (state(p.drift_oct) > 0.0 ? frames * state(p.drift_rate) : D{});
  const D first_to = drifting ? strayed(c, p, at, drift_to, 0) : D{};

  UnisonUse use{.count = 0, .moving = false};
  for (int k = 0; k < most_unison; ++k) {
    UnisonControl& u = unison.control;
    const D left = state(unison.params.left[k]);
    const D right = state(unison.params.right[k]);
    const D left_before = fresh ? left : state(u.left[k]);
    const D right_before = fresh ? right : state(u.right[k]);
    const L sounded = ((left_before != 0.0) | (right_before != 0.0)) & active;
    const L sounds = sounded | (((left != 0.0) | (right != 0.0)) & active);
    store(u.left[k] + at, left);
    store(u.right[k] + at, right);
    if (!any(sounds)) break;  // nor do those after it
    use.count = k + 1;
    use.moving |= any(((left != left_before) | (right != right_before)) & active);
    store_ramp(out.left[k], at, left_before, left);
    store_ramp(out.right[k], at, right_before, right);
    const D detune = state(unison.params.detune_oct[k]);
    const auto distance = [&](D increment1, D drift, D drift1) {
      const D above = k == 0 || !drifting ? detune : detune + (drift - drift1);
      return lower_of(increment1 * exp2_of(above), top) - increment1;
    };
    const D to = distance(to1, drifting && k > 0 ? strayed(c, p, at, drift_to, k) : D{}, first_to);
    D from = state(u.increment[k]);
    D phase = state(u.phase[k]);
    const L begins = fresh | ((left_before == 0.0) & (right_before == 0.0));
    if (any(begins & sounds)) {
      const bool strays = drifting && k > 0;
      const D first = distance(from1, strays ? strayed(c, p, at, drift_from, k) : D{},
                               strays ? strayed(c, p, at, drift_from, 0) : D{});
      from = begins ? first : from;
      phase = fresh ? wrapped(phase - onset * from) : phase;
    }
    const D end = store_phase(out.phase[k], at, phase, from, to);
    store(u.phase[k] + at, sounds ? end : state(u.phase[k]));
    store(u.increment[k] + at, sounds ? to : state(u.increment[k]));
  }
  return use;
}

AURALIS_FN void silence_unison(UnisonRecord& out, int at, int first, int end) {
  for (int k = first; k < end; ++k) {
    store_phase(out.phase[k], at, D{}, D{}, D{});
    store_ramp(out.left[k], at, D{}, D{});
    store_ramp(out.right[k], at, D{}, D{});
  }
}

// ---- every frame, in float32 -----------------------------------------------------------------------------------

// Where the first oscillator is.
struct Carrier {
  I phase;
  F steepness;
};

AURALIS_FN I to_turns(F half_cycles) {  // of 2^32; up to 4 cycles either way
  return (I)((U)to_whole(half_cycles * 0x1.0p28F) << 3);
}

template <bool per_frame>
struct Carriers {
  Turning<per_frame> phase;
  Ramping<per_frame> steepness;
  Bending<per_frame> bending;

  AURALIS_FN Carriers(const Record& r, const Steps& steps, const Sound& s, int at)
      : phase(r.phase1, steps.phase1, r.per_frame, at),
        steepness(r.steepness1, steps.steepness1, r.per_frame, at),
        bending(r, steps, s, at) {}

  template <int block>
  AURALIS_FN void fill(Carrier* out, bool modulated) {
    if (modulated) {
      Point points[block];
      bending.template fill<block>(points);
      // A whole turn more than fits wraps.
      AURALIS_UNROLL for (int n = 0; n < block; ++n) out[n] = {to_turns(points[n].x), points[n].steepness};
    } else {
      AURALIS_UNROLL for (int n = 0; n < block; ++n) {
        out[n].phase = phase.phase;
        phase.next();
        out[n].steepness = steepness.next();
      }
    }
  }
};

template <bool moving>
struct Rider {
  I phase, increment, step;
  Line<moving> left, right;

  Rider() = default;
  AURALIS_FN Rider(const UnisonRecord& r, int k, int at)
      : phase(load<I>(r.phase[k].start + at)),
        increment(load<I>(r.phase[k].increment + at)),
        step(load<I>(r.phase[k].step + at)),
        left(r.left[k], at),
        right(r.right[k], at) {}

  AURALIS_FN F next(I carrier) {  // half cycles, −1 … 1
    const F x = to_float(turned_by(carrier, phase)) * 0x1.0p-31F;
    phase = turned_by(phase, increment);
    increment = turned_by(increment, step);
    return x;
  }
};

// A block of both sides that oscillators add to.
struct Sides {
  F* left;
  F* right;
};

// A row of the levels, and how far ahead of its oscillator a shape stands.
template <bool moving>
struct Placed {
  Line<moving> level;
  I ahead, ahead_step;
};

// A rider's gains in one shape.
template <bool moving>
struct ShapeGains {
  Rider<moving>& rider;
  F left, right;

  AURALIS_FN ShapeGains(Rider<moving>& of, F level)
      : rider(of), left(of.left.value * level), right(of.right.value * level) {}
  AURALIS_FN void next(F level) {
    if constexpr (moving) {
      rider.left.next();
      rider.right.next();
      left = rider.left.value * level;
      right = rider.right.value * level;
    }
  }
};

// So many oscillators at a time, which is less to load and to store: the first two make one sum, as everywhere.
template <int block, bool shifts, int together, bool moving, typename Shape>
[[gnu::always_inline]] AURALIS_FN void add_riders(const Sides& out, const Carrier* carriers,
                                                  Placed<moving>& placed, Rider<moving>* riders,
                                                  Shape shape) {
  static_assert(together <= 3);
  Placed<moving> p = placed;
  Rider<moving> one = riders[0];
  Rider<moving> two = riders[together > 1 ? 1 : 0];
  Rider<moving> three = riders[together > 2 ? 2 : 0];
  ShapeGains<moving> of_one(one, p.level.value);
  ShapeGains<moving> of_two(two, p.level.value);
  ShapeGains<moving> of_three(three, p.level.value);
  AURALIS_UNROLL for (int n = 0; n < block; ++n) {
    const I carrier = shifts ? turned_by(carriers[n].phase, p.ahead) : carriers[n].phase;
    const F steepness = carriers[n].steepness;
    const F y1 = shape(one.next(carrier), steepness);
    F left = of_one.left * y1;
    F right = of_one.right * y1;
    if constexpr (together > 1) {
      const F y2 = shape(two.next(carrier), steepness);
      left += of_two.left * y2;
      right += of_two.right * y2;
    }
    left = out.left[n] + left;
    right = out.right[n] + right;
    if constexpr (together > 2) {
      const F y3 = shape(three.next(carrier), steepness);
      left += of_three.left * y3;
      right += of_three.right * y3;
    }
    out.left[n] = left;
    out.right[n] = right;
    p.level.next();
    if constexpr (shifts) p.ahead = turned_by(p.ahead, p.ahead_step);
    of_one.next(p.level.value);
    if constexpr (together > 1) of_two.next(p.level.value);
    if constexpr (together > 2) of_three.next(p.level.value);
  }
  riders[0] = one;
  if constexpr (together > 1) riders[1] = two;
  if constexpr (together > 2) riders[2] = three;
  placed = p;
}

template <bool moving>
struct Riders {
  Placed<moving> shapes[second_sine1 + 1];  // by row
  uint32_t used;
  int count;
  bool one_corner;
  Rider<moving> riders[most_unison];

  AURALIS_FN Riders(const UnisonRecord& r, const Levels& levels, const Parts& parts, int at)
      : shapes{placed(levels, 0, at), placed(levels, 1, at), placed(levels, 2, at), placed(levels, 3, at),
               placed(levels, 4, at)},
        used(parts.used),
        count(parts.unison.count),
        one_corner(parts.one_corner1 && !parts.modulated),
        riders{{r, 0, at}, {r, 1, at}, {r, 2, at}, {r, 3, at}, {r, 4, at}, {r, 5, at}, {r, 6, at}} {
    each_shape(false, [&](auto unit, auto) {
      Placed<moving>& shape = shapes[unit.row];
      if constexpr (unit.place == Place::ahead) shape.ahead = I{} + (1 << 30);
      if constexpr (unit.place == Place::second) {
        shape.ahead = turns_behind(load<F>(levels.rows[pulse_width].start + at));
        shape.ahead_step = turns_behind(load<F>(levels.rows[pulse_width].step + at));
      }
    });
  }

  template <int block>
  AURALIS_FN void add(const Sides& stepped, const Sides& smooth, const Carrier* carriers) {
    // Three at a time only where that is the same sum: each bus has one shape at most.
    constexpr uint32_t smooth_rows = 1u << sine1 | 1u << second_sine1;
    const uint32_t of_first = used & ((1u << sine2) - 1u);
    const auto one_at_most = [](uint32_t rows) { return (rows & (rows - 1u)) == 0; };
    const bool one_each = one_at_most(of_first & smooth_rows) && one_at_most(of_first & ~smooth_rows);
    const int last = count % 2 == 0 ? 2 : count > 1 && one_each ? 3 : 1;
    for (int k = 0; k + last < count; k += 2) add_together<block, 2>(stepped, smooth, carriers, k, false);
    if (last == 3) add_together<block, 3>(stepped, smooth, carriers, count - 3, true);
    if (last == 2) add_together<block, 2>(stepped, smooth, carriers, count - 2, true);
    if (last == 1) add_together<block, 1>(stepped, smooth, carriers, count - 1, true);
  }

 private:
  template <int block, int together>
  AURALIS_FN void add_together(const Sides& stepped, const Sides& smooth, const Carrier* carriers, int first,
                               bool last) {
    Rider<moving> after[together];
    each_shape(block == quantum_frames && one_corner, [&](auto unit, auto shape) {
      if ((used >> unit.row & 1u) == 0) return;
      constexpr bool shifts = unit.place != Place::own;
      Placed<moving> place = shapes[unit.row];
      AURALIS_UNROLL for (int i = 0; i < together; ++i) after[i] = riders[first + i];
      add_riders<block, shifts, together>(unit.equalized ? stepped : smooth, carriers, place, after, shape);
      if (block < quantum_frames && last) shapes[unit.row] = place;
    });
    if constexpr (block < quantum_frames) {
      if ((used & ((1u << sine2) - 1u)) == 0) return;
      AURALIS_UNROLL for (int i = 0; i < together; ++i) riders[first + i] = after[i];
    }
  }
  AURALIS_FN static Placed<moving> placed(const Levels& levels, int row, int at) {
    return {{levels.rows[row], at}, I{}, I{}};
  }
};

// As Shaping, each side by itself.
template <typename Filter, typename Amplitude>
struct StereoShaping {
  Filter filter;
  typename Filter::Memory of_left, of_right;
  Amplitude amplitude;
  Line<true> left, right;

  AURALIS_FN StereoShaping(const Record& r, const Steps& steps, const Levels& levels, const Parts& parts,
                           const Sound& s, int at)
      : filter(r, steps, levels, parts, at),
        of_left(Filter::recall(s.left, ~load<I>(r.fresh + at), at, filter)),
        of_right(Filter::recall(parts.one_sided ? s.left : s.right, ~load<I>(r.fresh + at), at, filter)),
        amplitude(r, at),
        left(r.left, at),
        right(r.right, at) {}

  template <int block, typename Out, typename LeftAt, typename RightAt>
  [[gnu::always_inline]] AURALIS_FN void place(int from, Out& out, LeftAt left_at, RightAt right_at) {
    AURALIS_UNROLL for (int n = 0; n < block; ++n) {
      const typename Filter::Frame frame = filter.next();
      const F level = amplitude.next(from + n);
      const F to_left = (filter.pass(of_left, frame, left_at(n)) * level) * left.next();
      out.put(from + n, to_left, (filter.pass(of_right, frame, right_at(n)) * level) * right.next());
    }
  }

  AURALIS_FN void keep(Sound& s, int at) const {
    Filter::keep(of_left, s.left, at);
    Filter::keep(of_right, s.right, at);
  }
};

template <int block, bool per_frame, bool moving, typename Filter, typename Amplitude, typename Out>
AURALIS_RARE void sound_unison_blocks(const Record& r, const Steps& steps, const UnisonRecord& unison,
                                      const Levels& levels, const Parts& parts, Sound& s, Out out, int at) {
  const I kept = ~load<I>(r.fresh + at);
  SideFrames<block> left;
  SideFrames<block> right;
  left.recall(s.left, kept, at);
  right.recall(parts.one_sided ? s.left : s.right, kept, at);
  Carriers<per_frame> carrier(r, steps, s, at);
  Riders<moving> riders(unison, levels, parts, at);
  Rest<per_frame, moving> rest(r, steps, levels, parts, at);
  StereoShaping<Filter, Amplitude> shaping(r, steps, levels, parts, s, at);

  for (int from = 0; from < quantum_frames; from += block) {
    F* const stepped = left.stepped + equalizer_history;
    F* const smooth = left.smooth + equalizer_delay;
    Bus to_equalize{stepped, true};
    Bus plain{smooth, true};
    rest.template add<block>(to_equalize, plain, parts);
    const Sides both_stepped{stepped, right.stepped + equalizer_history};
    const Sides both_smooth{smooth, right.smooth + equalizer_delay};
    AURALIS_UNROLL for (int n = 0; n < block; ++n) {
      both_stepped.right[n] = stepped[n];
      both_smooth.right[n] = smooth[n];
    }
    Carrier carriers[block];
    carrier.template fill<block>(carriers, parts.modulated);
    riders.template add<block>(both_stepped, both_smooth, carriers);

    if (parts.equalized) {
      shaping.template place<block>(
          from, out, [&](int n) { return left.smooth[n] + equalize(left.stepped + n); },
          [&](int n) { return right.smooth[n] + equalize(right.stepped + n); });
    } else {
      shaping.template place<block>(
          from, out, [&](int n) { return left.smooth[n]; }, [&](int n) { return right.smooth[n]; });
    }
    left.go_on();
    right.go_on();
  }
  left.keep(s.left, at);
  right.keep(s.right, at);
  shaping.keep(s, at);
  store(s.modulation + at, parts.modulated ? carrier.bending.last : F{});
}

// Calls as<Filter, Amplitude, moving>() as shape_as does, for both sides.
template <int block, bool per_frame, typename As>
[[gnu::always_inline]] AURALIS_FN void shape_sides_as(const Parts& parts, As as) {
  const bool only_low = (parts.used & (1u << band | 1u << high)) == 0;
  if ((parts.used & rich_rows) != 0) {
    as.template operator()<RichFilter<per_frame>, StagedAmplitude, true>();
  } else if (per_frame || parts.stage_changes) {
    as.template operator()<PlainFilter<true, false, per_frame>, StagedAmplitude, true>();
  } else if (block < quantum_frames || parts.moving || parts.unison.moving || !only_low) {
    as.template operator()<PlainFilter<true, false, false>, HeldAmplitude, true>();
  } else {
    as.template operator()<PlainFilter<false, true, false>, HeldAmplitude, false>();
  }
}

// As sound_lanes, with the unison that these parts name.
template <int block = quantum_frames, typename Out>
AURALIS_FN void sound_lanes_of(const Record& r, const Steps& steps, const UnisonRecord& unison,
                               const Levels& levels, const Parts& parts, Sound& s, Out out, int at) {
  if (parts.unison.count == 0) return sound_lanes<block>(r, steps, levels, parts, s, out, at);
  const auto play = [&]<bool per_frame>() {
    shape_sides_as<block, per_frame>(parts, [&]<typename Filter, typename Amplitude, bool moving>() {
      if constexpr (!per_frame || std::is_same_v<Amplitude, StagedAmplitude>) {
        sound_unison_blocks<block, per_frame, moving, Filter, Amplitude>(r, steps, unison, levels, parts, s,
                                                                         out, at);
      }
    });
  };
  parts.any_per_frame ? play.template operator()<true>() : play.template operator()<false>();
}

}  // namespace
}  // namespace auralis::AURALIS_ISA
