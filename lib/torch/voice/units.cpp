// SPDX-License-Identifier: MIT
#include "torch/voice/units.h"

#include <ATen/ATen.h>

#include "synth/simd/oscillator_design.h"

namespace auralis::voice {
namespace {

using at::Tensor;
using namespace design;

// As in synth/simd/drive.h and synth/voice/voice_impl.h.
constexpr double driven_g = 0.27356904F;
constexpr double driven_damping = 2.0;
constexpr double second_damping = 1.4142135F;
constexpr double ringing_band = 2.75;
constexpr double least_fresh = 0x1.0p-9;  // what a filter that rings by itself begins with
constexpr double least_ringing = 0x1.0p-19;

Tensor wrapped(const Tensor& t) { return t - at::round(t); }

template <size_t count>
Tensor polynomial(const Tensor& w, const float (&coefficients)[count]) {
  Tensor y = at::zeros_like(w);
  for (float c : coefficients) y = y * w + static_cast<double>(c);
  return y;
}

Tensor smooth_step(const Tensor& u) { return polynomial(u * u, step_polynomial) * u; }
Tensor corner(const Tensor& u) { return polynomial(u * u, corner_polynomial) - u; }

// Each frame gets the one before it, the first what came before the block.
Tensor shifted(const Tensor& x, const Tensor& before) {
  return at::cat({before, x.narrow(1, 0, x.size(1) - 1)}, 1);
}

Tensor with_history(const Tensor& history, const Tensor& x, int64_t frames) {
  const Tensor past = history.defined() ? history : at::zeros({x.size(0), frames}, x.options());
  return at::cat({past, x}, 1);
}

Tensor last(const Tensor& x, int64_t frames) { return x.narrow(1, x.size(1) - frames, frames); }

// One oscillator: each shape at its level; the parts with steps and corners apart from those without.
struct Parts {
  Tensor stepped, smooth;
};
Parts oscillator(const Signals& s, int first, const Tensor& t, const Tensor& increment) {
  const Tensor steepness = 1.0 / (static_cast<double>(kernel_half_width) * increment);
  const auto level = [&](int row) { return s.levels[first + row]; };
  const Tensor later = wrapped(t - s.levels[pulse_width]);
  return {level(step1) * edge(t, steepness) + level(second_step1) * edge(later, steepness) +
              level(triangle1) * triangle(wrapped(t + 0.25), steepness),
          level(sine1) * sine(t) + level(second_sine1) * sine(later)};
}

}  // namespace

Tensor sine(const Tensor& t) { return -at::sin(2.0 * M_PI * t); }

Tensor edge(const Tensor& t, const Tensor& steepness) {
  return 2.0 * t - smooth_step(at::clamp(t * steepness, -1.0, 1.0));
}

Tensor triangle(const Tensor& ahead, const Tensor& steepness) {
  const Tensor from_top = at::abs(ahead);
  const Tensor rounding = corner(at::clamp_max(from_top * steepness, 1.0)) -
                          corner(at::clamp_max((0.5 - from_top) * steepness, 1.0));
  return 1.0 - 4.0 * (from_top + rounding / steepness);
}

Tensor equalize(const Tensor& x) {
  const int64_t frames = x.size(1) - equalizer_history;
  Tensor y = at::zeros({x.size(0), frames}, x.options());
  for (int64_t k = -equalizer_delay; k <= equalizer_delay; ++k) {
    y = y + static_cast<double>(equalizer_taps[std::abs(k)]) * x.narrow(1, equalizer_delay + k, frames);
  }
  return y;
}

Tensor white_noise(const Tensor& counter, const Tensor& key) {
  constexpr int64_t word = 0xffffffff;
  const auto low32 = [](const Tensor& x) { return at::bitwise_and(x, at::Scalar(word)); };
  const auto mix = [](const Tensor& h, int64_t shift) {
    return at::bitwise_xor(h, at::bitwise_right_shift(h, at::Scalar(shift)));
  };
  Tensor h = low32(counter * at::Scalar(int64_t{0x9e3779b9}) + key);
  h = low32(mix(h, 16) * at::Scalar(int64_t{0x21f0aaad}));
  h = low32(mix(h, 15) * at::Scalar(int64_t{0x735a2d97}));
  h = mix(h, 15);
  return at::where(h < int64_t{1} << 31, h, h - (int64_t{1} << 32));
}

Tensor wander(const Tensor& position, const Tensor& key) {
  const Tensor whole = at::floor(position.detach());
  const Tensor f = position - whole;
  const Tensor counter = whole.to(at::kLong);
  const auto drawn = [&](int64_t ahead) {
    return white_noise(counter + ahead, key).to(position.scalar_type()) * 0x1.0p-31;
  };
  const Tensor left = 1.0 - f;
  const Tensor of_b = (3.0 * f - 6.0) * f * f + 4.0;
  const Tensor of_c = (3.0 * left - 6.0) * left * left + 4.0;
  return (left * left * left * drawn(0) + of_b * drawn(1) + of_c * drawn(2) + f * f * f * drawn(3)) / 6.0;
}

FilterBands filter(const Tensor& x, const Tensor& g, const Tensor& k, const Tensor& state,
                   const Tensor& kept) {
  // A frame maps the integrators' state linearly: (s1, s2) → [[a, b], [c, d]]·(s1, s2) + (e, f).
  const Tensor a1 = 1.0 / (1.0 + g * (g + k));
  const Tensor a2 = g * a1;
  const Tensor a3 = g * a2;
  Tensor a = (2.0 * a1 - 1.0) * kept;
  Tensor b = -2.0 * a2 * kept;
  Tensor c = 2.0 * a2 * kept;
  Tensor d = (1.0 - 2.0 * a3) * kept;
  Tensor e = 2.0 * a2 * x;
  Tensor f = 2.0 * a3 * x;
  // Each round composes every frame's map with the one `reach` frames earlier, so that log2(frames) rounds give
  // every frame the map from the block's beginning.
  const int64_t frames = x.size(1);
  for (int64_t reach = 1; reach < frames; reach *= 2) {
    const auto head = [reach](const Tensor& m) { return m.narrow(1, 0, reach); };
    const auto now = [reach, frames](const Tensor& m) { return m.narrow(1, reach, frames - reach); };
    const auto before = [reach, frames](const Tensor& m) { return m.narrow(1, 0, frames - reach); };
    const auto joined = [&](const Tensor& m, const Tensor& composed) {
      return at::cat({head(m), composed}, 1);
    };
    const Tensor next_a = joined(a, now(a) * before(a) + now(b) * before(c));
    const Tensor next_b = joined(b, now(a) * before(b) + now(b) * before(d));
    const Tensor next_c = joined(c, now(c) * before(a) + now(d) * before(c));
    const Tensor next_d = joined(d, now(c) * before(b) + now(d) * before(d));
    const Tensor next_e = joined(e, now(a) * before(e) + now(b) * before(f) + now(e));
    f = joined(f, now(c) * before(e) + now(d) * before(f) + now(f));
    a = next_a;
    b = next_b;
    c = next_c;
    d = next_d;
    e = next_e;
  }
  const Tensor first = state.defined() ? state : at::zeros({x.size(0), 2}, x.options());
  const Tensor first1 = first.narrow(1, 0, 1);
  const Tensor first2 = first.narrow(1, 1, 1);
  const Tensor after1 = a * first1 + b * first2 + e;
  const Tensor after2 = c * first1 + d * first2 + f;
  const Tensor s1 = shifted(after1, first1) * kept;
  const Tensor s2 = shifted(after2, first2) * kept;
  const Tensor band = a1 * s1 + a2 * (x - s2);
  const Tensor low = s2 + a2 * s1 + a3 * (x - s2);
  return {low, band, x - k * band - low, at::cat({last(after1, 1), last(after2, 1)}, 1)};
}

FilterBands ringing_filter(const Tensor& x, const Tensor& g, const Tensor& k, const Tensor& resist,
                           const Tensor& state, const Tensor& kept) {
  const auto by_frame = [&x](const Tensor& t) { return t.expand_as(x).unbind(1); };
  const auto xs = x.unbind(1), gs = by_frame(g), ks = by_frame(k), resists = by_frame(resist);
  const auto keeps = by_frame(kept);
  const Tensor first = state.defined() ? state : at::zeros({x.size(0), 2}, x.options());
  Tensor s1 = first.select(1, 0);
  Tensor s2 = first.select(1, 1);
  std::vector<Tensor> low, band, high;
  for (size_t n = 0; n < xs.size(); ++n) {
    s1 = s1 * keeps[n];
    s2 = s2 * keeps[n];
    if (n % quantum_frames == 0) {
      const bool fresh = n == 0 && !state.defined();
      const Tensor least = (fresh ? at::ones_like(s1) : 1.0 - keeps[n]) * least_fresh + least_ringing;
      const Tensor asleep = (s1 * s1 + s2 * s2 < least * least) & (resists[n] > 0.0);
      s1 = at::where(asleep, least, s1);
    }
    const Tensor back = gs[n] + ks[n] + resists[n] * (s1 * s1 + s2 * s2);
    const Tensor solved = 1.0 / (1.0 + gs[n] * back);
    const Tensor open = (xs[n] - s2) - back * s1;
    const Tensor to_band = gs[n] * solved * open;
    band.push_back(to_band + s1);
    const Tensor to_low = gs[n] * band.back();
    low.push_back(to_low + s2);
    high.push_back(solved * open);
    s1 = band.back() + to_band;
    s2 = low.back() + to_low;
  }
  return {at::stack(low, 1), at::stack(band, 1), at::stack(high, 1), at::stack({s1, s2}, 1)};
}

Tensor drive(const Tensor& x, const Tensor& a, Tensor& memory, const Tensor& kept) {
  const bool begins = !memory.defined();
  const FilterBands passed = filter(x, at::full_like(x, driven_g), at::full_like(x, driven_damping),
                                    begins ? Tensor() : memory.narrow(1, 0, 2), kept);
  const Tensor& low = passed.low;
  const Tensor first = begins ? at::zeros({x.size(0), 1}, x.options()) : memory.narrow(1, 2, 1);
  const Tensor before = shifted(low, first) * kept;
  const auto root = [&a](const Tensor& y) { return at::sqrt(1.0 + at::square(a * y)); };
  memory = at::cat({passed.state, last(low, 1)}, 1);
  return x + 0.5 * (low + before) * (2.0 / (root(low) + root(before)) - 1.0);
}

namespace {

// Whether a row does anything; one whose gradient is wanted does.
bool is_used(const Tensor& row) { return row.requires_grad() || (row != 0.0).any().item<bool>(); }

Tensor driven(const Signals& s, const Tensor& x, int row, Tensor& memory) {
  if (!is_used(s.levels[row])) return x;
  return drive(x, s.levels[row], memory, s.kept) * (1.0 + s.levels[row + 1]);
}

Tensor mixed(const Signals& s, const FilterBands& bands, const Tensor& unit) {
  return s.levels[low] * bands.low + s.levels[band] * (unit * bands.band) + s.levels[high] * bands.high;
}

// One side, from what its units give to what its amplitude shapes.
Tensor shape(const Signals& s, const Parts& parts, UnitMemory::Side& memory) {
  const Tensor stepped = with_history(memory.stepped, parts.stepped, equalizer_history);
  const Tensor smooth = with_history(memory.smooth, parts.smooth, equalizer_delay);
  memory.stepped = last(stepped, equalizer_history);
  memory.smooth = last(smooth, equalizer_delay);
  const Tensor x =
      driven(s, equalize(stepped) + smooth.narrow(1, 0, s.phase1.size(1)), pre_drive, memory.pre);

  const Tensor& k = s.levels[damping];
  const Tensor& resists = s.levels[resist];
  const bool rings = (resists > 0.0).any().item<bool>();
  const FilterBands bands = rings ? ringing_filter(x, s.cutoff_g, k, resists, memory.filter, s.kept)
                                  : filter(x, s.cutoff_g, k, memory.filter, s.kept);
  memory.filter = bands.state;
  Tensor y = mixed(s, bands, k + ringing_band * resists);
  if (is_used(s.levels[steeper])) {
    const Tensor damped = at::full_like(x, second_damping);
    const FilterBands again = filter(y, s.cutoff_g, damped, memory.steeper, s.kept);
    memory.steeper = again.state;
    y = y + s.levels[steeper] * (mixed(s, again, damped) - y);
  }
  return driven(s, y, post_drive, memory.post) * s.amplitude;
}

}  // namespace

Tensor play(const Signals& s, UnitMemory& memory) {
  // The first oscillator, its phase modulated; its steps are as steep as it moves.
  const Tensor modulation = s.fm_depth * sine(s.phase_fm);
  const Tensor before =
      memory.modulation.defined()
          ? memory.modulation
          : (s.fm_depth * sine(2.0 * s.phase_fm - at::roll(s.phase_fm, -1, 1))).narrow(1, 0, 1);
  const Tensor speed =
      at::where(s.fm_depth != 0.0,
                at::clamp_max(at::maximum(at::abs(s.increment1 + modulation - shifted(modulation, before)),
                                          s.increment1 * static_cast<double>(slowest_share)),
                              static_cast<double>(fastest_increment)),
                s.increment1);
  memory.modulation = last(modulation, 1);
  const Tensor bent = s.phase1 + modulation;
  Parts rest = oscillator(s, sine2, wrapped(s.phase2), s.increment2);
  const Tensor noise_sound = white_noise(s.noise_counter, s.noise_key).to(s.phase1.scalar_type()) * 0x1.0p-31;
  rest.smooth = rest.smooth + s.levels[sub] * sine(s.phase_sub) + s.levels[noise] * noise_sound;
  if (s.sources.defined()) rest.smooth = rest.smooth + s.sources;

  if (s.riders.empty()) {
    const Parts first = oscillator(s, sine1, wrapped(bent), speed);
    const Tensor sound = shape(s, {rest.stepped + first.stepped, rest.smooth + first.smooth}, memory.left);
    return at::stack({sound * s.left, sound * s.right}, 1);
  }
  Parts left = rest, right = rest;
  for (const Rider& rider : s.riders) {
    const Parts one = oscillator(s, sine1, wrapped(bent + rider.phase), speed);
    left = {left.stepped + rider.left * one.stepped, left.smooth + rider.left * one.smooth};
    right = {right.stepped + rider.right * one.stepped, right.smooth + rider.right * one.smooth};
  }
  return at::stack({shape(s, left, memory.left) * s.left, shape(s, right, memory.right) * s.right}, 1);
}

}  // namespace auralis::voice
