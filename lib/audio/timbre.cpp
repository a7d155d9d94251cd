// SPDX-License-Identifier: MIT
#include "audio/timbre.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "audio/movement.h"

namespace auralis {
namespace {

constexpr double lowest_hz = 40.0;
constexpr double highest_hz = 16000.0;
constexpr double range_db = 80.0;
constexpr double audible_power = 1e-7;  // −70 dBFS
constexpr double step_db = 0.01;
constexpr double most_change_db = 100.0;  // more than range_db allows

double mel_of(double hz) { return 2595.0 * std::log10(1.0 + hz / 700.0); }
double hz_of(double mel) { return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0); }

}  // namespace

TimbreMeter::TimbreMeter(int rate, int frames)
    : changes_(static_cast<size_t>(std::lround(most_change_db / step_db)) + 1) {
  const double low_mel = mel_of(lowest_hz);
  const double step_mel = (mel_of(std::min(highest_hz, rate / 2.0)) - low_mel) / (mel_bands + 1);
  const double bins_per_hz = static_cast<double>(frames) / rate;
  for (size_t band = 0; band < mel_bands; ++band) {
    const auto edge = [&](size_t number) {
      return hz_of(low_mel + step_mel * static_cast<double>(number)) * bins_per_hz;
    };
    const double low = edge(band);
    const double middle = edge(band + 1);
    const double high = edge(band + 2);
    Triangle& triangle = triangles_[band];
    triangle.first_bin = static_cast<size_t>(std::ceil(low));
    for (double bin = std::ceil(low); bin < high && bin <= frames / 2; bin += 1.0) {
      triangle.weights.push_back(
          static_cast<float>(std::min((bin - low) / (middle - low), (high - bin) / (high - middle))));
    }
  }
  for (size_t k = 0; k < mfcc_count; ++k) {
    for (size_t band = 0; band < mel_bands; ++band) {
      const double turn = std::numbers::pi * static_cast<double>(k + 1) / mel_bands;
      cosines_[k][band] = std::sqrt(2.0 / mel_bands) * std::cos(turn * (static_cast<double>(band) + 0.5));
    }
  }
}

namespace {

// In dB, none of them further under the loudest than what is heard beside it.
template <size_t count>
std::array<double, count> levels_of(const std::array<double, count>& power) {
  const double least = std::ranges::max(power) * std::pow(10.0, -range_db / 10.0);
  std::array<double, count> levels;
  std::ranges::transform(power, levels.begin(),
                         [least](double x) { return 10.0 * std::log10(std::max(x, least)); });
  return levels;
}

}  // namespace

void TimbreMeter::add(std::span<const float> power) {
  Bands bands;
  for (size_t band = 0; band < mel_bands; ++band) {
    const Triangle& triangle = triangles_[band];
    const auto bins = power.subspan(std::min(power.size(), triangle.first_bin));
    double sum = 0.0;
    for (size_t i = 0; i < std::min(bins.size(), triangle.weights.size()); ++i)
      sum += static_cast<double>(bins[i] * triangle.weights[i]);
    bands[band] = sum;
    recent_[band] += sum;
  }
  add_coefficients(bands);
  if (++recent_windows_ < windows_per_second / 2) return;
  for (double& sum : recent_) sum /= recent_windows_;
  add_shape(recent_);
  recent_ = {};
  recent_windows_ = 0;
}

void TimbreMeter::add_coefficients(const Bands& power) {
  if (std::reduce(power.begin(), power.end()) < audible_power) return;
  const Bands levels = levels_of(power);
  for (size_t k = 0; k < mfcc_count; ++k) {
    const double c = std::inner_product(levels.begin(), levels.end(), cosines_[k].begin(), 0.0);
    sums_[k] += c;
    squares_[k] += c * c;
  }
  ++windows_;
}

void TimbreMeter::add_shape(const Bands& power) {
  const bool sounds = std::reduce(power.begin(), power.end()) >= audible_power;
  Bands shape{};
  if (sounds) {
    shape = levels_of(power);
    const double mean = std::reduce(shape.begin(), shape.end()) / mel_bands;
    for (double& level : shape) level -= mean;
  }
  Bands& before = shapes_[static_cast<size_t>(half_seconds_ % 2)];
  bool& sounded = sounded_[static_cast<size_t>(half_seconds_ % 2)];
  if (sounds && sounded) {
    double squares = 0.0;
    for (size_t band = 0; band < mel_bands; ++band) squares += std::pow(shape[band] - before[band], 2);
    ++changes_[static_cast<size_t>(std::lround(std::sqrt(squares / mel_bands) / step_db))];
  }
  before = shape;
  sounded = sounds;
  ++half_seconds_;
}

Timbre TimbreMeter::figures() const {
  Timbre out{};
  const int64_t all = std::reduce(changes_.begin(), changes_.end());
  out.spectral_movement_db = std::numeric_limits<double>::quiet_NaN();
  int64_t seen = 0;
  for (size_t i = 0; i < changes_.size() && seen * 2 < all; ++i) {
    seen += changes_[i];
    if (seen * 2 >= all) out.spectral_movement_db = static_cast<double>(i) * step_db;
  }
  const auto count = static_cast<double>(windows_);  // of none, 0 / 0 is NaN
  for (size_t k = 0; k < mfcc_count; ++k) {
    out.mfcc_mean[k] = sums_[k] / count;
    out.mfcc_spread[k] = std::sqrt(std::max(0.0, squares_[k] / count - std::pow(out.mfcc_mean[k], 2)));
    if (windows_ == 0) out.mfcc_spread[k] = out.mfcc_mean[k];
  }
  return out;
}

}  // namespace auralis
