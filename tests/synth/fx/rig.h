// SPDX-License-Identifier: MIT
// Runs the effects over whole signals, and measures what comes out.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <numbers>
#include <vector>

#include "model/rng.h"
#include "model/units.h"
#include "synth/fx/effects.h"
#include "synth/fx/limiter/limiter.h"

namespace auralis::test {

using Signal = std::vector<float>;
using Stereo = std::array<Signal, 2>;

// The master with every unit heard at level 1, nothing between units, no modulation: what a measurement wants.
inline MasterPatch plain_master() {
  using P = MasterParam;
  MasterPatch patch = default_master_patch();
  for (P p : {P::delay_level, P::reverb_level, P::cloud_level, P::resonator_level, P::spectral_level})
    patch[p] = 1;
  for (P p : {P::delay_to_reverb, P::cloud_to_reverb, P::resonator_to_reverb, P::spectral_to_reverb,
              P::reverb_predelay_s, P::delay_mod_ms, P::reverb_mod, P::chorus_depth_ms}) {
    patch[p] = 0;
  }
  patch[P::reverb_low_cut_hz] = 20;
  return patch;
}

// Adds the quantum that begins at a frame to buses that were cleared.
using Feed = std::function<void(int64_t frame, Buses& buses)>;
// Sets the parameters of the quantum that begins at a frame.
using Automate = std::function<void(int64_t frame, MasterPatch& patch, EffectsControl& control)>;

// The quanta from `frame` on until `seconds` are over, each made by step(frame, out).
template <class Step>
Stereo collect(int64_t& frame, double seconds, int rate, const Step& step) {
  const int64_t end =
      frame + static_cast<int64_t>(std::ceil(seconds * rate / quantum_frames)) * quantum_frames;
  Stereo result;
  for (Signal& side : result) side.reserve(static_cast<size_t>(end - frame));
  for (; frame < end; frame += quantum_frames) {
    alignas(64) StereoQuantum out;
    step(frame, out);
    for (size_t side = 0; side < 2; ++side)
      result[side].insert(result[side].end(), out[side], out[side] + quantum_frames);
  }
  return result;
}

struct Rig {
  explicit Rig(int rate_hz, const MasterPatch& master = plain_master(), Isa isa = best_isa())
      : rate(rate_hz), patch(master), control(rate_hz), effects(rate_hz, isa) {}

  Stereo run(double seconds, const Feed& feed, const Automate& automate = {}) {
    return collect(frame, seconds, rate, [&](int64_t at, StereoQuantum& out) {
      Buses buses{};
      feed(at, buses);
      if (automate) automate(at, patch, control);
      control.advance(patch, at);
      effects.process(buses, control.frame(), out);
    });
  }

  int rate;
  MasterPatch patch;
  EffectsControl control;
  Effects effects;
  int64_t frame = 0;
};

// The same with the finish after it.
struct FinishRig : Rig {
  explicit FinishRig(int rate_hz, const MasterPatch& master, Isa isa = best_isa())
      : Rig(rate_hz, master, isa), finish(rate_hz, isa) {}

  Stereo run(double seconds, const Feed& feed, const Automate& automate = {}) {
    return collect(frame, seconds, rate, [&](int64_t at, StereoQuantum& out) {
      Buses buses{};
      feed(at, buses);
      if (automate) automate(at, patch, control);
      control.advance(patch, at);
      effects.process(buses, control.frame(), out);
      finish.process(control.frame(), out);
    });
  }

  Finish finish;
};

inline void silence(int64_t, Buses&) {}

using Bus = StereoQuantum Buses::*;
// An impulse into one bus, on both sides or on one, at frame 0.
inline Feed impulse(Bus bus, float left = 1, float right = 1) {
  return [=](int64_t frame, Buses& buses) {
    if (frame != 0) return;
    (buses.*bus)[0][0] = left;
    (buses.*bus)[1][0] = right;
  };
}
inline Feed sine(Bus bus, double hz, double rate, double level = 0.5) {
  return [=](int64_t frame, Buses& buses) {
    for (int n = 0; n < quantum_frames; ++n) {
      const double phase = hz * static_cast<double>(frame + n) / rate;
      const auto x = static_cast<float>(level * std::sin(2 * std::numbers::pi * (phase - std::floor(phase))));
      (buses.*bus)[0][n] += x;
      (buses.*bus)[1][n] += x;
    }
  };
}
// White noise, uniform within ±level, each side its own; a function of the frame.
inline Feed noise(Bus bus, double level, uint64_t seed = 1) {
  return [=](int64_t frame, Buses& buses) {
    Rng rng(seed + static_cast<uint64_t>(frame), "noise");
    for (auto& side : buses.*bus) {
      for (float& x : side) x += static_cast<float>(rng.uniform(-level, level));
    }
  };
}

inline double peak(const Signal& x, size_t from = 0, size_t to = SIZE_MAX) {
  double most = 0;
  for (size_t n = from; n < std::min(to, x.size()); ++n)
    most = std::max(most, std::abs(static_cast<double>(x[n])));
  return most;
}
inline double power(const Signal& x, size_t from = 0, size_t to = SIZE_MAX) {
  double sum = 0;
  to = std::min(to, x.size());
  for (size_t n = from; n < to; ++n) sum += static_cast<double>(x[n]) * x[n];
  return sum / static_cast<double>(to - from);
}
inline double rms(const Signal& x, size_t from = 0, size_t to = SIZE_MAX) {
  return std::sqrt(power(x, from, to));
}

inline Signal difference(const Signal& a, const Signal& b) {
  Signal d(a);
  for (size_t n = 0; n < d.size(); ++n) d[n] -= b[n];
  return d;
}

// The amplitude of one frequency over frames from … to, through a Hann window.
inline double amplitude(const Signal& x, double hz, double rate, size_t from, size_t to) {
  std::complex<double> sum = 0;
  const auto length = static_cast<double>(to - from);
  for (size_t n = from; n < to; ++n) {
    const double t = static_cast<double>(n - from);
    const double window = 1 - std::cos(2 * std::numbers::pi * t / length);
    sum += window * x[n] * std::polar(1.0, -2 * std::numbers::pi * hz * t / rate);
  }
  return 2 * std::abs(sum) / length;
}

// Power spectrum by a radix-2 transform of a Hann-windowed stretch; a power of two frames.
inline std::vector<double> power_spectrum(const Signal& x, size_t from, size_t length) {
  std::vector<std::complex<double>> v(length);
  for (size_t n = 0; n < length; ++n) {
    const double window =
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(length));
    v[n] = from + n < x.size() ? window * x[from + n] : 0.0;
  }
  for (size_t i = 1, j = 0; i < length; ++i) {
    size_t bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(v[i], v[j]);
  }
  for (size_t span = 2; span <= length; span *= 2) {
    const std::complex<double> turn = std::polar(1.0, -2 * std::numbers::pi / static_cast<double>(span));
    for (size_t start = 0; start < length; start += span) {
      std::complex<double> w = 1;
      for (size_t k = 0; k < span / 2; ++k) {
        const auto a = v[start + k];
        const auto b = v[start + k + span / 2] * w;
        v[start + k] = a + b;
        v[start + k + span / 2] = a - b;
        w *= turn;
      }
    }
  }
  std::vector<double> spectrum(length / 2);
  for (size_t k = 0; k < spectrum.size(); ++k) spectrum[k] = std::norm(v[k]);
  return spectrum;
}

// An octave band: Butterworth, 24 dB an octave either side.
inline Signal octave_band(const Signal& x, double centre_hz, double rate) {
  std::vector<double> y(x.begin(), x.end());
  for (bool high : {true, false}) {
    const double w =
        2 * std::numbers::pi * centre_hz * (high ? std::numbers::sqrt2 / 2 : std::numbers::sqrt2) / rate;
    const double c = std::cos(w);
    for (double q : {0.5411961, 1.3065630}) {
      const double alpha = std::sin(w) / (2 * q);
      const double edge = (high ? 1 + c : 1 - c) / (1 + alpha);
      const double b0 = edge / 2, b1 = high ? -edge : edge, a1 = -2 * c / (1 + alpha),
                   a2 = (1 - alpha) / (1 + alpha);
      double s1 = 0, s2 = 0;
      for (double& v : y) {
        const double out = b0 * v + s1;
        s1 = b1 * v - a1 * out + s2;
        s2 = b0 * v - a2 * out;
        v = out;
      }
    }
  }
  return {y.begin(), y.end()};
}

// Seconds to −60 dB, from the slope of the backward-integrated decay between −5 and −35 dB (ISO 3382, T30).
inline double decay_s(const Signal& response, double rate) {
  std::vector<double> left(response.size() + 1, 0.0);
  for (size_t n = response.size(); n-- > 0;)
    left[n] = left[n + 1] + static_cast<double>(response[n]) * response[n];
  double count = 0, sum_t = 0, sum_db = 0, sum_tt = 0, sum_tdb = 0;
  for (size_t n = 0; n < response.size(); n += 64) {
    const double db = 10 * std::log10(left[n] / left[0] + 1e-300);
    if (db > -5 || db < -35) continue;
    const double t = static_cast<double>(n) / rate;
    count += 1;
    sum_t += t;
    sum_db += db;
    sum_tt += t * t;
    sum_tdb += t * db;
  }
  const double slope = (count * sum_tdb - sum_t * sum_db) / (count * sum_tt - sum_t * sum_t);
  return -60 / slope;
}

// Normalised echo density: the share of samples beyond one deviation in a Hann window of 20 ms, over that of Gaussian
// noise (Abel & Huang, AES 121, 2006).
inline double echo_density(const Signal& x, size_t centre, double rate) {
  const auto half = static_cast<size_t>(0.01 * rate);
  double weight = 0, variance = 0;
  const auto window = [&](size_t n) {
    return 0.5 + 0.5 * std::cos(std::numbers::pi * (static_cast<double>(n) - static_cast<double>(centre)) /
                                static_cast<double>(half));
  };
  const size_t from = centre > half ? centre - half : 0;
  for (size_t n = from; n < centre + half; ++n) {
    weight += window(n);
    variance += window(n) * x[n] * x[n];
  }
  const double deviation = std::sqrt(variance / weight);
  double beyond = 0;
  for (size_t n = from; n < centre + half; ++n) beyond += std::abs(x[n]) > deviation ? window(n) : 0;
  return beyond / weight / std::erfc(std::numbers::sqrt2 / 2);
}

// Cosine of the angle between the sides: 1 mono, 0 unrelated, −1 out of phase.
inline double correlation(const Stereo& x, size_t from, size_t to) {
  double lr = 0;
  for (size_t n = from; n < std::min(to, x[0].size()); ++n) lr += static_cast<double>(x[0][n]) * x[1][n];
  return lr / static_cast<double>(std::min(to, x[0].size()) - from) /
         (rms(x[0], from, to) * rms(x[1], from, to));
}

#define AURALIS_BUS(name, Effect) , &Buses::name
inline constexpr Bus all_buses[] = {&Buses::dry AURALIS_SENDS(AURALIS_BUS)};
#undef AURALIS_BUS

// Every unit at work, modulated and feeding the next.
inline MasterPatch everything() {
  MasterPatch patch = default_master_patch();
  patch[MasterParam::cloud_level] = 0.7f;
  patch[MasterParam::resonator_level] = 0.3f;
  patch[MasterParam::shimmer] = 0.4f;
  patch[MasterParam::spectral_level] = 0.5f;
  patch[MasterParam::reverb_turn] = 0.5f;
  return patch;
}

inline Feed everywhere(const std::vector<Feed>& feeds) {
  return [feeds](int64_t frame, Buses& buses) {
    for (const Feed& feed : feeds) feed(frame, buses);
  };
}

inline Feed busy(uint64_t seed, double level = 0.1) {
  std::vector<Feed> feeds;
  for (size_t i = 0; i < std::size(all_buses); ++i) feeds.push_back(noise(all_buses[i], level, seed + i));
  return everywhere(feeds);
}

inline void chord(Rig& rig) { rig.control.tune_resonators(std::vector<double>{50, 57, 62, 65}); }

// The frequency of a tone known roughly: how far its phase runs from one stretch to the next.
inline double frequency_near(const Signal& x, double hz, double rate, size_t length) {
  const auto phase = [&](size_t from) {
    std::complex<double> sum = 0;
    for (size_t n = from; n < from + length; ++n) {
      const double window =
          1 - std::cos(2 * std::numbers::pi * static_cast<double>(n - from) / static_cast<double>(length));
      sum += window * x[n] * std::polar(1.0, -2 * std::numbers::pi * hz * static_cast<double>(n) / rate);
    }
    return sum;
  };
  return hz + std::arg(phase(length / 2) / phase(0)) / (2 * std::numbers::pi) * 2 * rate /
                  static_cast<double>(length);
}

inline size_t peak_at(const Signal& x, size_t from, size_t to) {
  size_t best = from;
  for (size_t n = from; n < std::min(to, x.size()); ++n) {
    if (std::abs(x[n]) > std::abs(x[best])) best = n;
  }
  return best;
}

}  // namespace auralis::test
