// SPDX-License-Identifier: MIT
#include "synth/fx/cloud/cloud.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr double nearest_frames = 2;
constexpr double shortest = 0.75;  // of cloud_size_ms
constexpr double longest = 1.25;
constexpr double widest_pan = 0.8;
constexpr double window_power = 128.0 / 315;  // the mean square of (1 − u²)²
constexpr double window_mean = 8.0 / 15;
// Grains at even distances: how far their onsets stray, of the distance, and how long they are at least and at most.
constexpr double stray = 0.25;
constexpr double even_shortest = 0.9;
constexpr double even_longest = 1.1;
constexpr int places = 512;  // at which a grain is tried
constexpr double places_a_cycle = 10;
constexpr size_t most_tones = 6;
constexpr double in_step_share =
    0.85;  // what grains in step with a chord of four add up to, of one with themselves
constexpr double golden = 0.6180339887498949;  // its multiples fill the circle evenly

// Of a tone at each place, from so many cycles on: what tones add up to within rough_error.
constexpr float rough_error = 0.001F;
void add_roughly(std::array<float, places>& sums, double from_cycles, double cycles_a_place) {
  const auto from = static_cast<float>(from_cycles);
  const auto step = static_cast<float>(cycles_a_place);
  for (int place = 0; place < places; ++place) {
    constexpr float rounding = 0x1.8p23F;
    const float cycles = from + step * static_cast<float>(place);
    const float half_cycles = 2 * (cycles - ((cycles + rounding) - rounding));  // −1 … 1
    const float w = half_cycles * half_cycles;
    // sin(πx), as simd/functions.h has it
    const float q =
        ((((w * 3.8589475e-4F - 6.8600798e-3F) * w + 7.5187169e-2F) * w - 5.2403612e-1F) * w + 2.0261195F) *
            w -
        3.1415926F;
    sums[static_cast<size_t>(place)] += half_cycles * (w - 1) * q;
  }
}

double even_overlap(const Smoothed& params) { return std::max(1.0, params.at(P::cloud_overlap)); }

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

Cloud::Control::Control(double rate) : rate_(rate) {
  live_.reserve(max_grains);
  tones_.reserve(most_tones);
}

void Cloud::Control::tune(std::span<const double> pitches) {
  tones_.clear();
  for (size_t i = 0; i < std::min(pitches.size(), most_tones); ++i)
    tones_.push_back(midi_to_hz(pitches[i]) / rate_);
}

// A delay from `nearest` on, within reach, at which the chord's tones have, with `turned` frames more, as nearly whole cycles
// as can be found: so every grain is in step with every other. Only places that a rough look has near the best are looked
// at closely.
double Cloud::Control::in_step(double nearest, double reach, double drawn, double turned) const {
  if (tones_.empty()) return nearest + drawn * reach;
  const double highest = *std::max_element(tones_.begin(), tones_.end());
  const double span = std::min(reach, places / (places_a_cycle * highest));
  const double first = nearest + drawn * (reach - span);
  std::array<float, places> rough{};
  for (const double tone : tones_) {
    add_roughly(rough, fraction(tone * (first + turned) + 0.25), tone * span / places);
  }
  const float enough = *std::max_element(rough.begin(), rough.end()) - 2 * rough_error;
  double best = first;
  double most = -1e9;
  for (int place = 0; place < places; ++place) {
    if (rough[static_cast<size_t>(place)] < enough) continue;
    const double at = first + place * span / places;
    double sum = 0;
    for (const double tone : tones_) sum += sine(tone * (at + turned) + 0.25);
    if (sum <= most) continue;
    most = sum;
    best = at;
  }
  return best;
}

Cloud::Control::Live Cloud::Control::make_even_grain(const Smoothed& params, int64_t number,
                                                     int64_t first_frame, double age) const {
  const auto draw = [&](uint64_t purpose) { return hash_uniform(number, purpose); };
  const double shifted = semitones_to_ratio(params.at(P::cloud_pitch_st));
  const double ratio = number % 2 != 0 ? shifted : 1.0;
  const double share = even_shortest + (even_longest - even_shortest) * draw(1);
  const double length = 0.001 * params.at(P::cloud_size_ms) * rate_ * share;
  const double nearest = nearest_frames + std::max(0.0, (ratio - 1) * (length + quantum_frames));
  // What is heard at frame t was sent at ratio·t − (delay + (ratio − 1)·onset).
  const double turned = (ratio - 1) * (static_cast<double>(first_frame) - age);
  const double delay = in_step(nearest, params.at(P::cloud_reach_s) * rate_, draw(3), turned);
  // Grains of one pitch add up by amplitude, those of two by power.
  const double of_two = shifted == 1 ? 0.5 : 0.5 * std::numbers::sqrt2;
  const double level = of_two / (even_overlap(params) * window_mean * share * in_step_share);
  const double pan = widest_pan * (2 * fraction(golden * static_cast<double>(number / 2)) - 1);
  return {delay,
          ratio,
          length,
          age,
          {static_cast<float>(level * std::sqrt(1 - pan)), static_cast<float>(level * std::sqrt(1 + pan))}};
}

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
  const bool even = params.at(P::cloud_overlap) > 0;
  const double density_hz = even ? 2 * even_overlap(params) / (0.001 * params.at(P::cloud_size_ms))
                                 : params.at(P::cloud_density_hz);
  const double per_frame = density_hz / rate_;
  if (!started_) count_ = per_frame * static_cast<double>(first_frame);
  const double count_after = count_ + per_frame * quantum_frames;
  for (auto number = static_cast<int64_t>(std::floor(count_)); static_cast<double>(number) < count_after;
       ++number) {
    const double place = hash_uniform(number, 0);
    const double begins = static_cast<double>(number) + (even ? 0.5 + stray * (place - 0.5) : place);
    if (begins < count_ || begins >= count_after || live_.size() == max_grains) continue;
    const double age = -std::floor((begins - count_) / per_frame);
    live_.push_back(even ? make_even_grain(params, number, first_frame, age)
                         : make_grain(params, number, age));
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
