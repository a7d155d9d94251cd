// SPDX-License-Identifier: MIT
#include "synth/fx/reverb/reverb.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;

constexpr double shortest_line_s = 0.040;
constexpr double longest_line_s = 0.110;
constexpr double largest_size = 1.5;
constexpr double longest_predelay_s = 0.25;
// Short and long lines alike among the modulated and the still, the left and the right.
constexpr std::array<int, Reverb::lines> line_rank{0, 15, 5, 10, 12, 3, 9, 6, 14, 1, 11, 4, 2, 13, 7, 8};
constexpr double all_pass_ms[2][Reverb::all_passes] = {{3.1, 5.3, 9.7}, {3.7, 6.1, 8.9}};
constexpr double longest_all_pass_ms = 9.7;
constexpr std::array<double, Reverb::lines> diffusion_ms{1.7, 7.9,  12.9, 14.1, 17.2, 6.1, 11.3, 3.9,
                                                         9.6, 16.3, 5.6,  14.8, 4.3,  8.2, 2.6,  10.7};
constexpr std::array<double, Reverb::lines> spread_ms{16.9, 9.1, 28.3, 38.3, 13.3, 25.7, 7.3,  19.3,
                                                      31.7, 2.3, 5.9,  41.9, 22.1, 35.9, 11.7, 3.1};
constexpr double excursion_s = 0.0004;
constexpr double turn_hz[Reverb::turned_pairs] = {0.053, 0.089, 0.071, 0.113, 0.061, 0.127, 0.097, 0.139};

constexpr double shimmer_grain_s = 0.093;
constexpr double nearest_head_frames = 2;
constexpr double shimmer_top_hz = 8000;

// While parameters move, a new absorption is worked out this often, and reached as late.
constexpr int absorption_quanta = 8;

double shimmer_ratio(const Smoothed& params) { return semitones_to_ratio(params.at(P::shimmer_st)); }

// Two overlapping heads can read a sound 1/ratio times as often as it was written: with this the shifted sound carries at
// most the energy of the straight one.
double shimmer_gain(const Smoothed& params) { return 0.97 * std::sqrt(std::min(1.0, shimmer_ratio(params))); }

int32_t whole_frames(double ms, double rate) { return static_cast<int32_t>(std::lround(0.001 * ms * rate)); }

int64_t grain_quanta(double rate) { return 4 * std::llround(shimmer_grain_s * rate / quantum_frames / 4); }

double longest_line_frames(double rate) {
  constexpr double to_next_prime = 64;  // at these lengths, at most
  return (longest_line_s * largest_size + excursion_s) * rate + to_next_prime;
}
double longest_diffusion_frames(double rate) {
  return (longest_predelay_s + 0.001 * *std::max_element(diffusion_ms.begin(), diffusion_ms.end())) * rate +
         1;
}
double longest_all_pass_frames(double rate) { return 0.001 * longest_all_pass_ms * rate + 1; }
double longest_spread_frames(double rate) {
  return 0.001 * *std::max_element(spread_ms.begin(), spread_ms.end()) * rate + 1;
}
double longest_shimmer_frames(double rate) {
  const double fastest = semitones_to_ratio(master_params[static_cast<size_t>(P::shimmer_st)].max);
  return nearest_head_frames + (fastest - 1) * static_cast<double>(grain_quanta(rate) * quantum_frames);
}

}  // namespace

Reverb::State::State(double rate) {
  for (auto& side : all_pass) {
    for (Ring& ring : side) ring = Ring(longest_all_pass_frames(rate));
  }
  for (Ring& ring : diffusion) ring = Ring(longest_diffusion_frames(rate));
  for (Ring& ring : spread) ring = Ring(longest_spread_frames(rate));
  for (Ring& ring : line) ring = Ring(longest_line_frames(rate));
  for (Ring& ring : shimmer) ring = Ring(longest_shimmer_frames(rate));
}

Reverb::Control::Control(double rate)
    : rate_(rate),
      absorption_(rate),
      predelay_fade_(rate),
      size_fade_(rate),
      grain_quanta_(grain_quanta(rate)) {
  for (size_t i = 0; i < Reverb::lines; ++i) diffusion_[i] = whole_frames(diffusion_ms[i], rate);
}

Reverb::Control::Lengths Reverb::Control::lengths(double size) const {
  Lengths result{};
  for (size_t i = 0; i < Reverb::lines; ++i) {
    const double share = line_rank[i] / (Reverb::lines - 1.0);
    const double s = shortest_line_s * maths::pow(longest_line_s / shortest_line_s, share) * size;
    auto frames = static_cast<int32_t>(std::lround(s * rate_)) | 1;
    while (!maths::is_prime(frames) || std::find(result.begin(), result.end(), frames) != result.end())
      frames += 2;
    result[i] = frames;
  }
  return result;
}

// Shimmer moves a share of what each pass loses from the absorption to the shift: a band loses as much, by another door.
// The shimmer lines have to shift what all lines lose in the mean, and cannot more than all they carry.
Reverb::Control::Shift Reverb::Control::shifting(const Smoothed& params) const {
  const double mean_s =
      size_ * (longest_line_s - shortest_line_s) / maths::log(longest_line_s / shortest_line_s);
  const double lost_db =
      60 * mean_s / (params.at(P::reverb_time_s) * std::max(1.0, params.at(P::reverb_bass)));
  const double wanted = 1 - db_to_power(-params.at(P::shimmer) * lost_db);
  const double taken = std::min(1.0, wanted * Reverb::lines / shimmer_lines);
  const double taken_db = -power_to_db(1 - taken * shimmer_lines / Reverb::lines);
  // Not all of it is missed: other sound rises into the band, and the modes that are strong in the shimmer lines die
  // first. Measured for an octave; a shift by less than a few semitones leaves the sound in its band.
  const double leaves = std::min(1.0, std::abs(params.at(P::shimmer_st)) / 6);
  // Where the grains that are shifted overlap those that are not, both lose: of a share s, (1 − s)(1 − s/4) is left.
  return {2 * (1.25 - std::sqrt(1.5625 - taken)), leaves * (0.8 - 0.25 * taken_db / lost_db) * taken_db};
}

// Sets out for the absorption that the parameters ask for: it is reached after absorption_quanta.
void Reverb::Control::absorb(const Smoothed& params, Frame& frame) {
  const Lengths& line_frames = size_fade_.active() ? lines_next_ : lines_now_;
  const double open = 1 - params.at(P::reverb_freeze);
  const double missed_db = open * shifting(params).missed_db;
  // A fifth of the absorption stays at any rate: every line still loses at each pass, whatever comes back to it.
  const auto loss = [&](double db) { return std::min(open * db + missed_db, 0.2 * open * db); };
  double power = 0;  // share kept at a pass, the mean of the lines
  for (size_t i = 0; i < Reverb::lines; ++i) {
    const double db = -60.0 * line_frames[i] / (rate_ * params.at(P::reverb_time_s));
    power += db_to_power(db) / Reverb::lines;
    const auto sections = absorption_.sections(
        {loss(db / params.at(P::reverb_bass)), loss(db), loss(db / params.at(P::reverb_treble))});
    for (size_t s = 0; s < 2; ++s) {
      const Section section = state_form(sections[s]);
      for (size_t k = 0; k < section_size; ++k) {
        const auto to = static_cast<float>(section[k]);
        frame.absorption_step[s][k][i] = (to - settled_[s][k][i]) / (absorption_quanta * quantum_frames);
        settled_[s][k][i] = to;
      }
    }
  }
  // Each of a side's eight lines gets 1/8 of its power, a pass keeps `power`, and a side is its own lines and, a fifth
  // as loud, the other's.
  const double gain = std::sqrt((1 - power) / 1.04);
  steady_step_ = (gain - steady_gain_) / absorption_quanta;
  underway_ = absorption_quanta;
}

void Reverb::Control::advance_absorption(const Smoothed& params, int64_t first_frame, bool resized,
                                         Frame& frame) {
  const auto each = [&](auto change) {
    for (size_t s = 0; s < 2; ++s) {
      for (size_t k = 0; k < section_size; ++k) {
        for (size_t i = 0; i < Reverb::lines; ++i)
          change(frame.absorption[s][k][i], frame.absorption_step[s][k][i], settled_[s][k][i]);
      }
    }
  };
  if (underway_ > 0) {
    steady_gain_ += steady_step_;
    const bool arrived = --underway_ == 0;
    each([&](float& at, float step, float settled) { at = arrived ? settled : at + step * quantum_frames; });
  }
  stale_ = stale_ || resized || params.moved(P::reverb_time_s) || params.moved(P::reverb_bass) ||
           params.moved(P::reverb_treble) || params.moved(P::reverb_freeze) || params.moved(P::shimmer) ||
           params.moved(P::shimmer_st);
  if (stale_ && underway_ == 0 && (!started_ || quantum_of(first_frame) % absorption_quanta == 0)) {
    absorb(params, frame);
    stale_ = false;
    if (!started_) {
      steady_gain_ += steady_step_ * underway_;
      underway_ = 0;
      each([](float& at, float, float settled) { at = settled; });
    }
  }
  frame.absorption_moving = underway_ > 0;
  const double from = steady_gain_ * (1 - params.was(P::reverb_freeze));
  const double to = (steady_gain_ + (underway_ > 0 ? steady_step_ : 0)) * (1 - params.at(P::reverb_freeze));
  frame.input = make_ramp(from, to);
}

void Reverb::Control::turn(const Smoothed& params, int64_t first_frame, Frame& frame) const {
  frame.turning = params.away(P::reverb_turn, 0);
  if (!frame.turning) return;
  for (size_t i = 0; i < turned_pairs; ++i) {
    const auto angle = [&](int64_t at_frame, double depth) {  // in cycles, a quarter at most
      const double swing =
          turn_hz[i] * static_cast<double>(at_frame) / rate_ + 0.618034 * static_cast<double>(i);
      return 0.25 * depth * sine(swing);
    };
    const double from = angle(first_frame, params.was(P::reverb_turn));
    const double to = angle(first_frame + quantum_frames, params.at(P::reverb_turn));
    frame.turn[i][0] = make_ramp(sine(from + 0.25), sine(to + 0.25));
    frame.turn[i][1] = make_ramp(sine(from), sine(to));
  }
}

// Two heads a line, half a grain apart, whose windows sum to 1: a grain is either what the line carries, or read by a head
// that glides towards or away from the present at the speed that makes the interval.
void Reverb::Control::shimmer(const Smoothed& params, int64_t first_frame, Frame& frame) {
  if (!started_ || params.moved(P::shimmer_st)) {
    shimmer_ratio_ = shimmer_ratio(params);
    const double top_hz = std::min(shimmer_top_hz, 0.42 * rate_ / std::max(1.0, shimmer_ratio_));
    const Section section = state_form(low_pass(top_hz, std::numbers::sqrt2 / 2, rate_));
    for (size_t i = 0; i < section.size(); ++i) frame.shimmer_low_pass[i] = static_cast<float>(section[i]);
  }
  const double ratio = shimmer_ratio_;
  const double gain = shimmer_gain(params);
  const double share = params.at(P::shimmer) > 0 ? shifting(params).share : 0;
  const double open_before = 1 - params.was(P::reverb_freeze);
  const double open_after = 1 - params.at(P::reverb_freeze);
  const auto grain_frames = static_cast<double>(grain_quanta_ * quantum_frames);
  frame.shimmering = share > 0;
  const int64_t first_grain = quantum_of(first_frame) / grain_quanta_;
  const int64_t into_grain = quantum_of(first_frame) % grain_quanta_;
  for (int64_t line = 0; line < shimmer_lines; ++line) {
    double straight_from = 1;
    double straight_to = 1;
    for (int64_t h = 0; h < shimmer_heads; ++h) {
      int64_t grain = first_grain;
      int64_t quantum = into_grain + line * grain_quanta_ / 4 + h * grain_quanta_ / 2;
      for (; quantum >= grain_quanta_; quantum -= grain_quanta_) ++grain;
      Head& head = heads_[static_cast<size_t>(line)][static_cast<size_t>(h)];
      if (quantum == 0) {
        head.shifts = hash_uniform(grain, static_cast<uint64_t>(16 + line * shimmer_heads + h)) < share;
        head.ratio = ratio;
        head.gain = gain;
        head.delay = nearest_head_frames + std::max(0.0, (ratio - 1) * grain_frames);
      }
      frame.shimmer_heads_on[line][h] = head.shifts;
      if (!head.shifts) continue;
      frame.shimmering = true;
      const double next = std::max(nearest_head_frames, head.delay + (1 - head.ratio) * quantum_frames);
      frame.heads[line][h] = make_tap(head.delay, next);
      head.delay = next;
      const auto window = [&](int64_t q, double open) {
        const double s = sine(0.5 * static_cast<double>(q) / static_cast<double>(grain_quanta_));
        return open * s * s;
      };
      const double from = window(quantum, open_before);
      const double to = window(quantum + 1, open_after);
      frame.windows[line][h] = make_ramp(head.gain * from, head.gain * to);
      straight_from -= from;
      straight_to -= to;
    }
    frame.shimmer_straight[line] = make_ramp(straight_from, straight_to);
  }
}

void Reverb::Control::advance_predelay(const Smoothed& params, Frame& frame) {
  const auto predelay = static_cast<int32_t>(params.target(P::reverb_predelay_s) * rate_ + 0.5);
  if (!started_) predelay_now_ = predelay;
  if (!predelay_fade_.active() && predelay != predelay_now_) {
    predelay_next_ = predelay;
    predelay_fade_.begin();
  }
  for (size_t i = 0; i < Reverb::lines; ++i) {
    frame.diffusion_now[i] = predelay_now_ + diffusion_[i];
    frame.diffusion_next[i] = predelay_next_ + diffusion_[i];
  }
  frame.predelay_fading = predelay_fade_.active();
  if (frame.predelay_fading) frame.predelay_mix = predelay_fade_.ramp();
  if (predelay_fade_.finish_quantum()) predelay_now_ = predelay_next_;
}

void Reverb::Control::advance(const Smoothed& params, int64_t first_frame, Frame& frame) {
  if (!started_) {
    for (size_t i = 0; i < Reverb::lines; ++i) frame.spread[i] = whole_frames(spread_ms[i], rate_);
    for (size_t side = 0; side < 2; ++side) {
      for (size_t i = 0; i < all_passes; ++i)
        frame.all_pass[side][i] = whole_frames(all_pass_ms[side][i], rate_);
    }
  }
  frame.low_cut = low_cut_.advance(params.moved(P::reverb_low_cut_hz), [&] {
    return high_pass(params.at(P::reverb_low_cut_hz), std::numbers::sqrt2 / 2, rate_);
  });

  advance_predelay(params, frame);

  bool resized = !started_;
  if (!started_) {
    size_ = params.target(P::reverb_size);
    lines_now_ = lengths(size_);
  }
  if (!size_fade_.active() && params.target(P::reverb_size) != size_) {
    size_ = params.target(P::reverb_size);
    lines_next_ = lengths(size_);
    size_fade_.begin();
    resized = true;
  }
  advance_absorption(params, first_frame, resized, frame);
  std::copy(lines_now_.begin(), lines_now_.end(), frame.line_now);
  std::copy(lines_next_.begin(), lines_next_.end(), frame.line_next);
  frame.size_fading = size_fade_.active();
  if (frame.size_fading) frame.size_mix = size_fade_.ramp();
  if (size_fade_.finish_quantum()) lines_now_ = lines_next_;

  frame.level = params.ramp(P::reverb_level);
  const auto excursion = [&](double depth, double freeze) {
    return depth * (1 - freeze) * excursion_s * rate_;
  };
  frame.rate = rate_;
  frame.excursion_from = excursion(params.was(P::reverb_mod), params.was(P::reverb_freeze));
  frame.excursion_to = excursion(params.at(P::reverb_mod), params.at(P::reverb_freeze));
  turn(params, first_frame, frame);
  shimmer(params, first_frame, frame);
  started_ = true;
}

}  // namespace auralis
