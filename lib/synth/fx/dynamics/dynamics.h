// SPDX-License-Identifier: MIT
// Dynamics in three bands, before the limiter, so that what is loud in one band does not push the others down.
//   bands      Linkwitz–Riley, 24 dB an octave; while no band is reduced they sum to the mix, all of it at its level, turned
//              in phase as the crossovers turn it
//   reduction  by the peaks of a band, both sides alike; above its threshold a level rises by 1/ratio, the bend 6 dB wide
//   time       the peaks of a quantum are known before it is heard; attack and release are those of the reduction in dB
//   off        at ratio 1 the mix passes bit for bit
#pragma once

#include <array>

#include "synth/fx/control_math.h"
#include "synth/fx/smoothed.h"
#include "synth/fx/state_variable.h"
#include "synth/simd/functions.h"

namespace auralis {

struct Dynamics {
  static constexpr int bands = 3;
  static constexpr int crossovers = 2;
  static constexpr double held_s = 0.0125;
  static constexpr int most_held = 40;  // quanta: those of 192 kHz

  struct Frame {
    bool on = false;
    Ramp wet;
    VariableRamp low_pass[crossovers];  // heard as low-pass, high-pass or all-pass
    double damping;
    int32_t held;  // quanta that a peak counts: half a period of the lowest sound
    double threshold_db[bands];
    double slope;   // of the reduction above the threshold, dB a dB
    double attack;  // share of the way gone in a quantum
    double release;
  };

  struct State {
    explicit State(double) {}

    bool silent = true;
    VariableState once[crossovers] = {};
    VariableState twice[crossovers][2] = {};  // what was low-pass and high-pass at first
    VariableState turned{};                   // the low band, as the upper crossover turns the others
    int32_t newest = 0;
    double peaks[bands][most_held] = {};
    double reduction_db[bands] = {};
    float gain[bands] = {1, 1, 1};
  };

  class Control {
   public:
    explicit Control(double rate) : rate_(rate), presence_(rate) {}
    void advance(const Smoothed& params, int64_t first_frame, Frame& frame);

   private:
    double rate_;
    bool started_ = false;
    Presence presence_;
    std::array<VariableGlide, crossovers> glides_;
  };
};

namespace AURALIS_ISA {
namespace {

enum class Heard { low, high, all };

// The section's input as one of its outputs.
template <Heard heard>
AURALIS_FN bool pass(VariableState& s, const VariableRamp& ramp, double damping, Sides& x) {
  VariableRamp as = ramp;
  as.from[3] = heard == Heard::low ? 0 : 1;
  as.from[4] = heard == Heard::low ? 0 : (heard == Heard::high ? -damping : -2 * damping);
  as.from[5] = heard == Heard::low ? 1 : (heard == Heard::high ? -1 : 0);
  for (int k = 3; k < variable_size; ++k) as.step[k] = 0;
  return filter(s, as, x);
}

// x becomes what lies below the crossover, `above` what lies above.
AURALIS_FN bool split(VariableState& once, VariableState (&twice)[2], const VariableRamp& ramp,
                      double damping, Sides& x, Sides& above) {
  Pair band = load<Pair>(once.band);
  Pair low = load<Pair>(once.low);
  double c[variable_size];
  for (int k = 0; k < variable_size; ++k) c[k] = ramp.from[k];
  for (int n = 0; n < quantum_frames; ++n) {
    const Pair in = load<Pair>(x[n]);
    const VariableFrame out = tick(band, low, c, in);
    store(x[n], out.low);
    store(above[n], (in - damping * out.band) - out.low);
    if (ramp.moving) {
      for (int k = 0; k < 3; ++k) c[k] += ramp.step[k];
    }
  }
  bool silent = settle(once, band, low);
  silent &= pass<Heard::low>(twice[0], ramp, damping, x);
  silent &= pass<Heard::high>(twice[1], ramp, damping, above);
  return silent;
}

AURALIS_FN double peak_of(const Sides& x) {
  Pair peak{};
  for (int n = 0; n < quantum_frames; ++n) {
    const Pair v = load<Pair>(x[n]);
    peak = higher_of(peak, higher_of(v, -v));
  }
  return higher_of(peak[0], peak[1]);
}

AURALIS_FN double wanted_reduction_db(double peak, double threshold_db, double slope) {
  constexpr double knee_db = 6;
  constexpr double db_per_octave = 6.0205999132796239;
  if (peak < 1e-6) return 0;
  const double over = db_per_octave * log2_of(peak) - threshold_db;
  if (over <= -knee_db / 2) return 0;
  if (over >= knee_db / 2) return slope * over;
  const double into = over + knee_db / 2;
  return slope * into * into / (2 * knee_db);
}

// Where the band's gain goes in this quantum.
AURALIS_FN Ramp reduce(Dynamics::State& s, const Dynamics::Frame& f, int band, const Sides& x) {
  s.peaks[band][s.newest] = peak_of(x);
  double peak = 0;
  for (int i = 0; i < f.held; ++i) peak = higher_of(peak, s.peaks[band][i]);
  const double wanted = wanted_reduction_db(peak, f.threshold_db[band], f.slope);
  double& db = s.reduction_db[band];
  db += (wanted > db ? f.attack : f.release) * (wanted - db);
  if (wanted == 0 && db < 1e-4) db = 0;
  const float from = s.gain[band];
  s.gain[band] = static_cast<float>(db == 0 ? 1.0 : gain_of_db(-db));
  return {from, (s.gain[band] - from) * (1.0f / quantum_frames)};
}

AURALIS_FN void forget(Dynamics::State& s) {
  __builtin_memset(s.once, 0, sizeof s.once);
  __builtin_memset(s.twice, 0, sizeof s.twice);
  __builtin_memset(&s.turned, 0, sizeof s.turned);
  __builtin_memset(s.peaks, 0, sizeof s.peaks);
  __builtin_memset(s.reduction_db, 0, sizeof s.reduction_db);
  for (float& gain : s.gain) gain = 1;
  s.silent = true;
}

AURALIS_FN void run(Dynamics::State& s, const Dynamics::Frame& f, int64_t, StereoQuantum& mix) {
  if (!f.on) {
    if (!s.silent) forget(s);
    return;
  }
  const bool in_quiet = quiet(mix);
  if (in_quiet && s.silent) return;
  alignas(16) Sides band[Dynamics::bands];
  to_sides(mix, band[0]);
  bool silent = split(s.once[0], s.twice[0], f.low_pass[0], f.damping, band[0], band[1]);
  silent &= split(s.once[1], s.twice[1], f.low_pass[1], f.damping, band[1], band[2]);
  silent &= pass<Heard::all>(s.turned, f.low_pass[1], f.damping, band[0]);
  s.newest = (s.newest + 1) % f.held;
  alignas(64) StereoQuantum sum;
  clear(sum);
  for (int b = 0; b < Dynamics::bands; ++b) {
    const Ramp gain = reduce(s, f, b, band[b]);
    silent = silent && s.gain[b] == 1;
    alignas(64) StereoQuantum part;
    from_sides(band[b], part);
    auralis::AURALIS_ISA::mix(gain, part, sum);
  }
  for (int side = 0; side < 2; ++side) crossfade(f.wet, sum[side], mix[side]);
  s.silent = silent && in_quiet;
}

}  // namespace
}  // namespace AURALIS_ISA
}  // namespace auralis
