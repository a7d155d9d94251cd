// SPDX-License-Identifier: MIT
#include "audio/balance.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "audio/spectrum.h"
#include "audio/windows.h"

namespace auralis {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr int lowest_third = 13;   // 10^1.3 Hz
constexpr int highest_third = 43;  // 10^4.3 Hz

double third_hz(double number) { return std::pow(10.0, number / 10.0); }

// The sum of the bins between two places, counted in bins from the middle of the first one; those that an edge cuts
// in proportion.
double sum_between(const std::vector<double>& bins, double low, double high) {
  const double end = static_cast<double>(bins.size());
  const double from = std::clamp(low + 0.5, 0.0, end);
  const double to = std::clamp(high + 0.5, 0.0, end);
  double sum = 0.0;
  for (auto i = static_cast<size_t>(from); i < bins.size() && static_cast<double>(i) < to; ++i) {
    const auto at = static_cast<double>(i);
    sum += bins[i] * (std::min(to, at + 1.0) - std::max(from, at));
  }
  return sum;
}

// Of the power per hertz, by least squares; NaN through fewer than three points.
double slope(const std::vector<ThirdOctave>& thirds, double low_hz, double high_hz) {
  double count = 0.0;
  double x_sum = 0.0;
  double y_sum = 0.0;
  double xx_sum = 0.0;
  double xy_sum = 0.0;
  for (const ThirdOctave& third : thirds) {
    if (third.mid_hz < 0.99 * low_hz || third.mid_hz > 1.01 * high_hz) continue;
    if (!std::isfinite(third.db)) return nothing;
    const double x = std::log2(third.mid_hz);
    const double y = third.db - 10.0 * std::log10(third.mid_hz);  // a band is as wide as its mid-band is high
    count += 1.0;
    x_sum += x;
    y_sum += y;
    xx_sum += x * x;
    xy_sum += x * y;
  }
  if (count < 3.0) return nothing;
  return (count * xy_sum - x_sum * y_sum) / (count * xx_sum - x_sum * x_sum);
}

}  // namespace

struct BalanceMeter::Impl {
  Impl(int sample_rate, int channel_count)
      : rate(sample_rate),
        frames(static_cast<int>(std::bit_ceil(static_cast<unsigned>(sample_rate)))),
        windows(channel_count, frames, frames / 2),
        spectrum(frames),
        left(static_cast<size_t>(frames) / 2 + 1),
        right(left.size()),
        cross(left.size()),
        left_bins(left.size()) {}

  void add_window(std::span<const std::vector<float>> window) {
    std::ranges::copy(spectrum.bins(window[0]), left_bins.begin());
    std::span<const std::complex<float>> right_bins = left_bins;
    if (window.size() > 1) right_bins = spectrum.bins(window[1]);
    for (size_t i = 0; i < left.size(); ++i) {
      left[i] += static_cast<double>(std::norm(left_bins[i]));
      right[i] += static_cast<double>(std::norm(right_bins[i]));
      cross[i] += static_cast<double>((left_bins[i] * std::conj(right_bins[i])).real());
    }
  }

  double bin_of(double hz) const { return hz * frames / rate; }
  double between(const std::vector<double>& bins, double low_hz, double high_hz) const {
    return sum_between(bins, low_hz > 0.0 ? bin_of(low_hz) : -1.0, bin_of(high_hz));
  }
  double power(double low_hz, double high_hz) const {
    return between(left, low_hz, high_hz) + between(right, low_hz, high_hz);
  }

  StereoBand measured(StereoBand band) const {
    const double l = between(left, band.low_hz, band.high_hz);
    const double r = between(right, band.low_hz, band.high_hz);
    const double both = between(cross, band.low_hz, band.high_hz);
    band.high_hz = std::min(band.high_hz, rate / 2.0);
    const bool sounds = l + r > 0.0 && band.high_hz > band.low_hz;
    band.correlation = !sounds ? nothing : l > 0.0 && r > 0.0 ? both / std::sqrt(l * r) : 0.0;
    // (|L|² + |R|²) / 2 over |(L + R) / 2|².
    band.mono_loss_db = sounds ? -10.0 * std::log10(std::max(0.0, 0.5 + both / (l + r))) : nothing;
    return band;
  }

  int rate;
  int frames;
  Windows windows;
  Spectrum spectrum;
  std::vector<double> left;
  std::vector<double> right;
  std::vector<double> cross;
  std::vector<std::complex<float>> left_bins;
};

BalanceMeter::BalanceMeter(int rate, int channels) : impl_(std::make_unique<Impl>(rate, channels)) {}
BalanceMeter::~BalanceMeter() = default;

void BalanceMeter::add(std::span<const float> interleaved) {
  impl_->windows.add(interleaved, [this](auto window) { impl_->add_window(window); });
}

Balance BalanceMeter::figures() const {
  const Impl& meter = *impl_;
  const double highest_hz = meter.rate / 2.0;
  const double whole = meter.power(0.0, highest_hz);
  const auto db_of_whole = [&](double low_hz, double high_hz) {
    if (whole <= 0.0 || low_hz >= highest_hz) return nothing;
    return 10.0 * std::log10(meter.power(low_hz, high_hz) / whole);
  };
  Balance out{};
  for (int n = lowest_third; n <= highest_third; ++n) {
    const bool is_there = third_hz(n) < highest_hz;
    out.third_octaves.push_back(
        {third_hz(n), is_there ? db_of_whole(third_hz(n - 0.5), third_hz(n + 0.5)) : nothing});
  }
  out.slope_db_per_octave = slope(out.third_octaves, 100.0, 4000.0);
  out.treble_slope_db_per_octave = slope(out.third_octaves, 4000.0, 16000.0);
  out.below_50_hz_percent = whole > 0.0 ? 100.0 * meter.power(0.0, 50.0) / whole : nothing;
  out.presence_db = db_of_whole(2000.0, 5000.0);
  out.air_db = db_of_whole(10000.0, highest_hz);
  out.stereo = stereo_bands;
  for (StereoBand& band : out.stereo) band = meter.measured(band);
  return out;
}

}  // namespace auralis
