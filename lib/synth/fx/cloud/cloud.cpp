// SPDX-License-Identifier: MIT
#include "synth/fx/cloud/cloud.h"

#include <algorithm>
#include <cmath>

#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr double nearest_frames = 2;
constexpr double shortest = 0.75;  // of cloud_size_ms
constexpr double longest = 1.25;
constexpr double widest_pan = 0.8;
constexpr double window_power = 128.0 / 315;  // the mean square of (1 − u²)²

double longest_delay_frames(double rate) {
  const double grain_s = 0.001 * greatest(P::cloud_size_ms) * longest;
  const double glide = semitones_to_ratio(greatest(P::cloud_pitch_st)) - 1;
  return (greatest(P::cloud_reach_s) + grain_s * glide) * rate + nearest_frames + quantum_frames * glide;
}

}  // namespace

Cloud::State::State(double rate) {
  for (Ring& ring : plain) ring = Ring(longest_delay_frames(rate));
  for (Ring& ring : filtered) ring = Ring(longest_delay_frames(rate));
}

Cloud::Control::Control(double rate) : rate_(rate) { live_.reserve(max_grains); }

Cloud::Control::Live Cloud::Control::make_grain(const Smoothed& params, int64_t number, double age) const {
  const auto draw = [&](uint64_t purpose) { return hash_uniform(number, purpose); };
  const double length =
      0.001 * params.at(P::cloud_size_ms) * rate_ * (shortest + (longest - shortest) * draw(1));
  const double ratio = draw(2) < 0.5 ? semitones_to_ratio(params.at(P::cloud_pitch_st)) : 1.0;
  const double nearest = nearest_frames + std::max(0.0, (ratio - 1) * (length + quantum_frames));
  const double overlap = 0.001 * params.at(P::cloud_size_ms) * params.at(P::cloud_density_hz) * window_power;
  const double level = 1 / std::sqrt(std::max(1.0, overlap));
  const double pan = widest_pan * (2 * draw(4) - 1);
  return {nearest + draw(3) * params.at(P::cloud_reach_s) * rate_,
          ratio,
          length,
          age,
          {static_cast<float>(level * std::sqrt(1 - pan)), static_cast<float>(level * std::sqrt(1 + pan))}};
}

void Cloud::Control::begin_grains(const Smoothed& params, int64_t first_frame) {
  const double per_frame = params.at(P::cloud_density_hz) / rate_;
  if (!started_) count_ = per_frame * static_cast<double>(first_frame);
  const double count_after = count_ + per_frame * quantum_frames;
  for (auto number = static_cast<int64_t>(std::floor(count_)); static_cast<double>(number) < count_after;
       ++number) {
    const double begins = static_cast<double>(number) + hash_uniform(number, 0);
    if (begins < count_ || begins >= count_after || live_.size() == max_grains) continue;
    live_.push_back(make_grain(params, number, -std::floor((begins - count_) / per_frame)));
  }
  count_ = count_after;
}

void Cloud::Control::advance(const Smoothed& params, int64_t first_frame, Frame& frame) {
  begin_grains(params, first_frame);
  frame.grains.count = 0;
  for (Live& grain : live_) {
    const auto delay = [&](double age) { return grain.start_delay + (1 - grain.ratio) * age; };
    const double end = grain.age + quantum_frames;
    frame.grains.grain[frame.grains.count++] = {
        make_tap(delay(grain.age), delay(end)),
        make_ramp(2 * grain.age / grain.length - 1, 2 * end / grain.length - 1),
        {grain.gain[0], grain.gain[1]},
        grain.ratio > 1};
    grain.age = end;
  }
  std::erase_if(live_, [](const Live& grain) { return grain.age >= grain.length; });

  frame.level = params.ramp(P::cloud_level);
  frame.to_reverb = params.ramp(P::cloud_to_reverb);
  // A fourth-order Butterworth low-pass that lets through what stays below the Nyquist frequency when transposed.
  constexpr double q[] = {0.5411961, 1.3065630};
  for (size_t i = 0; i < low_pass_.size(); ++i) {
    frame.low_pass[i] = low_pass_[i].advance(params.moved(P::cloud_pitch_st), [&] {
      const double top_hz = 0.42 * rate_ / std::max(1.0, semitones_to_ratio(params.at(P::cloud_pitch_st)));
      return low_pass(top_hz, q[i], rate_);
    });
  }
  started_ = true;
}

}  // namespace auralis
