// SPDX-License-Identifier: MIT
#include "synth/fx/resonator/resonator.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr size_t most_pitches = 16;
constexpr double most_partials = 8;
constexpr double resonance_gain = 4;
constexpr double highest_hz = 12000;
constexpr double listen_s = 0.05;
constexpr double fade_s = 1.5;
constexpr double widest_pan = 0.6;

}  // namespace

Resonator::Control::Control(double rate) : rate_(rate) {
  wanted_.reserve(most_pitches);
  for (Bank& bank : banks_) bank.pitches.reserve(most_pitches);
}

void Resonator::Control::tune(std::span<const double> pitches) {
  wanted_.assign(pitches.begin(),
                 pitches.begin() + static_cast<ptrdiff_t>(std::min(pitches.size(), most_pitches)));
}

void Resonator::Control::set_modes(const Bank& bank, double decay_s, FrameBank& frame) const {
  const double radius = db_to_gain(-60 / (decay_s * rate_));
  for (size_t m = 0; m < modes; ++m) {
    const size_t count = bank.pitches.size();
    const double partial = static_cast<double>(m / count + 1);
    const double hz = midi_to_hz(bank.pitches[m % count]) * partial;
    const bool sounds = partial <= most_partials && hz < std::min(highest_hz, 0.45 * rate_);
    const double angle = 2 * std::numbers::pi * hz / rate_;
    const double pan = widest_pan * (2 * hash_uniform(static_cast<int64_t>(m), 5) - 1);
    const double level = 1 / (partial * std::sqrt(static_cast<double>(count)));
    frame.tuned.cosine[m] = static_cast<float>(radius * maths::cos(angle));
    frame.tuned.sine[m] = static_cast<float>(radius * maths::sin(angle));
    // A real tone is two rotations, of which one resonates: hence 2.
    frame.tuned.input[m] = static_cast<float>(sounds ? 2 * resonance_gain * (1 - radius) * level : 0);
    frame.tuned.gain[0][m] = static_cast<float>(std::sqrt(1 - pan));
    frame.tuned.gain[1][m] = static_cast<float>(std::sqrt(1 + pan));
  }
}

void Resonator::Control::advance(const Smoothed& params, int64_t, Frame& frame) {
  const size_t other = 1 - current_;
  bool tuned = false;
  if (wanted_ != banks_[current_].pitches && banks_[other].fade == 0) {
    current_ = other;
    Bank& bank = banks_[current_];
    bank.pitches.assign(wanted_.begin(), wanted_.end());
    bank.listen = 0;
    bank.fade = bank.pitches.empty() ? 0 : 1;
    ++frame.banks[current_].generation;
    tuned = true;
  }
  for (size_t b = 0; b < banks_.size(); ++b) {
    Bank& bank = banks_[b];
    FrameBank& f = frame.banks[b];
    f.active = bank.fade > 0;
    if (!f.active) continue;
    if (params.moved(P::resonator_decay_s) || (tuned && b == current_)) {
      set_modes(bank, params.at(P::resonator_decay_s), f);
    }
    const bool on = b == current_;
    const double listen =
        std::clamp(bank.listen + (on ? 1 : -1) * quantum_frames / (listen_s * rate_), 0.0, 1.0);
    const double fade = on ? 1.0 : std::max(0.0, bank.fade - quantum_frames / (fade_s * rate_));
    f.listen = make_ramp(bank.listen, listen);
    f.fade = make_ramp(bank.fade, fade);
    bank.listen = listen;
    bank.fade = fade;
  }
  frame.level = params.ramp(P::resonator_level);
  frame.to_reverb = params.ramp(P::resonator_to_reverb);
}

}  // namespace auralis
