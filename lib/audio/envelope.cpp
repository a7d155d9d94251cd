// SPDX-License-Identifier: MIT
#include "audio/envelope.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace auralis {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr double lowest_octave_hz = 31.25;
constexpr int octaves = 9;
constexpr double stretch_s = 40.0;
constexpr double lowest_am_hz = 0.2;
constexpr double highest_am_hz = 10.0;
constexpr double audible_power = 1e-9;  // −90 dBFS
constexpr int windows_a_tenth = 4;
constexpr double shortest_period_s = 2.0;
constexpr double longest_period_s = 60.0;
// A line's neighbours, in bins from it: beyond what Hann spreads it over.
constexpr size_t nearest_bins = 2;
constexpr size_t furthest_bins = 8;
// Of the power of a sine that falls into one bin, Hann leaves two thirds there.
constexpr double own_bin = 2.0 / 3.0;

size_t stretch_windows(double rate_hz) {
  return 2 * static_cast<size_t>(std::lround(stretch_s * rate_hz / 2.0));
}

size_t tenths(double seconds, double rate_hz) {
  return static_cast<size_t>(std::lround(seconds * rate_hz / windows_a_tenth));
}

}  // namespace

Autocorrelation::Autocorrelation(size_t longest_lag)
    : longest_(longest_lag), last_(longest_lag + 1), products_(longest_lag + 1) {
  first_.reserve(longest_);
}

void Autocorrelation::add(double value) {
  const size_t size = last_.size();
  last_[count_ % size] = value;
  if (first_.size() < longest_) first_.push_back(value);
  for (size_t lag = 0; lag <= std::min(longest_, count_); ++lag)
    products_[lag] += value * last_[(count_ - lag) % size];
  sum_ += value;
  ++count_;
}

std::vector<double> Autocorrelation::figures() const {
  const auto count = static_cast<double>(count_);
  const double mean = sum_ / count;
  const double variance = products_[0] / count - mean * mean;
  const size_t lags = std::min(longest_, count_ / 3) + 1;
  if (count_ == 0 || variance <= 1e-9 * mean * mean) return std::vector<double>(lags);
  std::vector<double> r;
  double head = 0.0;  // the first `lag` values, which nothing precedes by as much
  double tail = 0.0;
  for (size_t lag = 0; lag < lags; ++lag) {
    if (lag > 0) {
      head += first_[lag - 1];
      tail += last_[(count_ - lag) % last_.size()];
    }
    const double pairs = count - static_cast<double>(lag);
    const double sums = (sum_ - head) + (sum_ - tail);
    r.push_back((products_[lag] - mean * sums + pairs * mean * mean) / (pairs * variance));
  }
  return r;
}

EnvelopeTrack::EnvelopeTrack(double rate_hz)
    : rate_hz_(rate_hz),
      spectrum_(static_cast<int>(stretch_windows(rate_hz))),
      modulation_(stretch_windows(rate_hz) / 2 + 1),
      autocorrelation_(tenths(longest_period_s, rate_hz)) {}

void EnvelopeTrack::add(double power) {
  power_sum_ += power;
  ++windows_;
  stretch_.push_back(static_cast<float>(std::sqrt(power)));
  if (stretch_.size() == static_cast<size_t>(spectrum_.frames())) add_stretch();
  tenth_power_ += power;
  if (++tenth_windows_ < windows_a_tenth) return;
  autocorrelation_.add(std::sqrt(tenth_power_ / windows_a_tenth));
  tenth_power_ = 0.0;
  tenth_windows_ = 0;
}

void EnvelopeTrack::add_stretch() {
  const auto size = static_cast<float>(stretch_.size());
  const float mean = std::reduce(stretch_.begin(), stretch_.end()) / size;
  if (static_cast<double>(mean * mean) >= audible_power) {
    relative_.resize(stretch_.size());
    std::ranges::transform(stretch_, relative_.begin(), [mean](float x) { return x / mean - 1.0f; });
    const std::span<const float> power = spectrum_.power(relative_);
    for (size_t i = 0; i < power.size(); ++i) modulation_[i] += static_cast<double>(power[i]);
    ++stretches_;
  }
  stretch_.erase(stretch_.begin(), stretch_.begin() + static_cast<long>(stretch_.size() / 2));
}

double EnvelopeTrack::mean_power() const {
  return windows_ > 0 ? power_sum_ / static_cast<double>(windows_) : 0.0;
}

void EnvelopeTrack::measure_line(size_t first, size_t end, Envelope& envelope) const {
  const auto count = static_cast<double>(stretches_);
  const double stands_out = 1.0 + 9.0 / std::sqrt(count);
  double largest = 0.0;
  for (size_t i = first; i < end; ++i) {
    std::vector<double> around;
    for (size_t off = nearest_bins; off <= furthest_bins; ++off) {
      if (i > off) around.push_back(modulation_[i - off]);
      if (i + off < modulation_.size()) around.push_back(modulation_[i + off]);
    }
    const auto middle = around.begin() + static_cast<long>(around.size() / 2);
    std::ranges::nth_element(around, middle);
    if (modulation_[i] <= stands_out * *middle || modulation_[i] - *middle <= largest) continue;
    largest = modulation_[i] - *middle;
    envelope.line_am_hz = static_cast<double>(i) * rate_hz_ / spectrum_.frames();
  }
  envelope.line_am_percent = 100.0 * std::sqrt(2.0 * largest / own_bin / count);
}

void EnvelopeTrack::measure(Envelope& envelope) const {
  envelope.am_percent = envelope.largest_am_percent = envelope.largest_am_hz = nothing;
  envelope.line_am_percent = envelope.line_am_hz = nothing;
  if (stretches_ > 0) {
    const double bin_hz = rate_hz_ / spectrum_.frames();
    double sum = 0.0;
    const auto first = static_cast<size_t>(std::lround(lowest_am_hz / bin_hz));
    size_t largest = first;
    size_t i = first;
    for (; static_cast<double>(i) * bin_hz <= highest_am_hz; ++i) {
      sum += modulation_[i];
      if (modulation_[i] > modulation_[largest]) largest = i;
    }
    const auto count = static_cast<double>(stretches_);
    envelope.am_percent = 100.0 * std::sqrt(sum / count);
    envelope.largest_am_percent = 100.0 * std::sqrt(2.0 * modulation_[largest] / own_bin / count);
    envelope.largest_am_hz = static_cast<double>(largest) * bin_hz;
    measure_line(first, i, envelope);
  }

  const std::vector<double> r = autocorrelation_.figures();
  const size_t shortest = tenths(shortest_period_s, rate_hz_);
  envelope.period_correlation = envelope.period_s = nothing;
  if (r.size() <= shortest || mean_power() < audible_power) return;
  envelope.period_correlation = 0.0;
  double lowest = 1.0;
  for (size_t lag = 0; lag < r.size(); ++lag) {
    lowest = std::min(lowest, r[lag]);
    const double risen = r[lag] - std::max(0.0, lowest);
    if (lag < shortest || risen <= envelope.period_correlation) continue;
    envelope.period_correlation = risen;
    envelope.period_s = static_cast<double>(lag * windows_a_tenth) / rate_hz_;
  }
}

EnvelopeMeter::EnvelopeMeter(int rate, int frames, double windows_hz) {
  const auto bin_of = [&](double hz) { return static_cast<size_t>(std::lround(hz * frames / rate)); };
  for (int octave = 0; octave < octaves; ++octave) {
    const double low_hz = std::ldexp(lowest_octave_hz, octave);
    const double high_hz = 2.0 * low_hz;
    if (high_hz > rate / 2.0) break;
    bands_.push_back({low_hz, high_hz, bin_of(low_hz), bin_of(high_hz), EnvelopeTrack(windows_hz)});
  }
  bands_.push_back({0.0, rate / 2.0, 0, bin_of(rate / 2.0) + 1, EnvelopeTrack(windows_hz)});
}

void EnvelopeMeter::add(std::span<const float> power) {
  for (Band& band : bands_) {
    const auto bins = power.subspan(band.first_bin, band.end_bin - band.first_bin);
    band.track.add(static_cast<double>(std::reduce(bins.begin(), bins.end())));
  }
}

std::vector<Envelope> EnvelopeMeter::figures() const {
  std::vector<Envelope> out;
  const double whole = bands_.back().track.mean_power();
  for (const Band& band : bands_) {
    Envelope envelope{};
    envelope.low_hz = band.low_hz;
    envelope.high_hz = band.high_hz;
    const double power = band.track.mean_power();
    envelope.level_db = whole > 0.0 ? 10.0 * std::log10(power / whole) : nothing;
    band.track.measure(envelope);
    out.push_back(envelope);
  }
  return out;
}

}  // namespace auralis
