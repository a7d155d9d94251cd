// SPDX-License-Identifier: MIT
#include "audio/measure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "audio/loudness.h"
#include "audio/phone.h"
#include "audio/spectrum.h"
#include "model/units.h"

namespace auralis {
namespace {

constexpr int spectrum_frames = 8192;
constexpr double correlation_window_s = 10.0;
constexpr double audible_db = -70.0;

constexpr double click_cell_s = 0.001;
constexpr size_t click_reach_cells = 150;
constexpr size_t click_rank = 5;  // other peaks of the same size that make it part of the sound
constexpr float click_factor = 4.0f;
constexpr double click_step_db = -66.0;
constexpr float residual_of_step = 3.0f;  // the largest of 1 −3 3 −1

double power_db(double mean_square) { return 10.0 * std::log10(mean_square); }

double correlation_of(double cross, double left, double right) {
  return left > 0.0 && right > 0.0 ? cross / std::sqrt(left * right) : 1.0;
}

// The largest residual of each millisecond (a cell) of one channel, and the cells in which it is a click.
class ClickFinder {
 public:
  explicit ClickFinder(int rate)
      : cell_frames_(static_cast<size_t>(std::max(1L, std::lround(click_cell_s * rate)))) {}

  void add(float x) {
    const float first = x - last_[0];
    const float second = first - last_[1];
    const float third = second - last_[2];
    const float fourth = third - last_[3];
    last_ = {x, first, second, third};
    // What comes before the sound is not known: its first samples predict nothing.
    if (seen_++ < 4) return;
    peak_ = std::max(peak_, std::abs(fourth));
    if (seen_ % cell_frames_ != 0) return;
    peaks_.push_back(peak_);
    peak_ = 0.0f;
    // Once all that a cell is held against has been heard.
    for (; cells() >= window && judged_ + click_reach_cells < cells(); ++judged_) {
      if (is_click(judged_)) clicks_.push_back(judged_);
    }
    if (peaks_.size() < 4 * window) return;
    dropped_ += peaks_.size() - window;
    peaks_.erase(peaks_.begin(), peaks_.end() - static_cast<long>(window));
  }

  // Appends when the clicks are.
  void find(int rate, std::vector<double>& clicks_s) const {
    const auto append = [&](size_t cell) {
      clicks_s.push_back(static_cast<double>(cell * cell_frames_) / rate);
    };
    std::ranges::for_each(clicks_, append);
    for (size_t cell = judged_; cell < cells(); ++cell) {
      if (is_click(cell)) append(cell);
    }
  }

 private:
  static constexpr size_t window = 2 * click_reach_cells + 1;

  size_t cells() const { return dropped_ + peaks_.size(); }
  float peak_of(size_t cell) const { return peaks_[cell - dropped_]; }

  bool is_click(size_t cell) const {
    static const auto least = static_cast<float>(db_to_gain(click_step_db)) * residual_of_step;
    if (peak_of(cell) < least) return false;
    // At either end the other side makes up for what lies beyond.
    const size_t last_start = cells() - std::min(cells(), window);
    const size_t from = std::min(cell - std::min(cell, click_reach_cells), last_start);
    const size_t to = std::min(cells(), from + window);
    std::vector<float> others;
    for (size_t i = from; i < to; ++i) {
      // One click may lie on the border of two cells.
      if (i + 1 < cell || i > cell + 1) others.push_back(peak_of(i));
    }
    if (others.size() < click_rank) return true;
    std::nth_element(others.begin(), others.begin() + click_rank - 1, others.end(), std::greater<>());
    return peak_of(cell) > click_factor * others[click_rank - 1];
  }

  size_t cell_frames_;
  size_t seen_ = 0;
  std::array<float, 4> last_{};
  float peak_ = 0.0f;
  std::vector<float> peaks_;  // of the latest cells
  size_t dropped_ = 0;        // cells before them
  size_t judged_ = 0;
  std::vector<size_t> clicks_;
};

}  // namespace

struct AudioMeter::Impl {
  Impl(int sample_rate, int channel_count)
      : rate(sample_rate),
        channels(static_cast<size_t>(channel_count)),
        loudness(sample_rate, channel_count),
        sums(channels, 0.0),
        clicks(channels, ClickFinder(sample_rate)),
        windows(channels),
        phone(sample_rate, channel_count),
        balance(sample_rate, channel_count),
        movement(sample_rate, channel_count) {}

  void add_loudness(std::span<const float> interleaved) {
    loudness.add(interleaved);
    while (!interleaved.empty()) {
      if (!minute) minute.emplace(rate, static_cast<int>(channels), LoudnessMeter::Of::integrated);
      const size_t now = std::min(interleaved.size(), minute_left * channels);
      minute->add(interleaved.first(now));
      interleaved = interleaved.subspan(now);
      minute_left -= now / channels;
      if (minute_left > 0) continue;
      minutes_lufs.push_back(minute->integrated_lufs());
      minute.reset();
      minute_left = minute_frames();
    }
  }

  size_t minute_frames() const { return 60 * static_cast<size_t>(rate); }

  void add_frame(const float* frame) {
    for (size_t c = 0; c < channels; ++c) {
      const auto x = static_cast<double>(frame[c]);
      peak = std::max(peak, std::abs(frame[c]));
      squares += x * x;
      sums[c] += x;
      clicks[c].add(frame[c]);
      windows[c].push_back(frame[c]);
    }
    if (windows[0].size() == spectrum_frames) add_spectrum();
    if (channels == 2) {
      const auto left = static_cast<double>(frame[0]);
      const auto right = static_cast<double>(frame[1]);
      for (Stereo* stereo : {&whole, &recent}) {
        stereo->left += left * left;
        stereo->right += right * right;
        stereo->cross += left * right;
      }
    }
    ++frames;
    if (frames % static_cast<int64_t>(correlation_window_s * rate) == 0) end_window();
  }

  void add_spectrum() {
    for (auto& window : windows) {
      const std::span<const float> power = spectrum.power(window);
      for (size_t i = 0; i < power.size(); ++i) {
        const double hz = static_cast<double>(i) * rate / spectrum_frames;
        size_t band = 0;
        while (hz >= layer_bands[band].high_hz) ++band;
        band_power[band] += static_cast<double>(power[i]) / static_cast<double>(channels);
      }
      window.erase(window.begin(), window.begin() + spectrum_frames / 2);
    }
    ++spectra;
  }

  void end_window() {
    const double mean_square = (recent.left + recent.right) / (2.0 * correlation_window_s * rate);
    if (power_db(mean_square) > audible_db) {
      lowest_correlation =
          std::min(lowest_correlation, correlation_of(recent.cross, recent.left, recent.right));
    }
    recent = {};
  }

  struct Stereo {
    double left = 0.0;
    double right = 0.0;
    double cross = 0.0;
  };

  int rate;
  size_t channels;
  LoudnessMeter loudness;
  std::optional<LoudnessMeter> minute;
  size_t minute_left = minute_frames();
  std::vector<double> minutes_lufs;
  std::vector<double> sums;
  std::vector<ClickFinder> clicks;
  std::vector<std::vector<float>> windows;
  Spectrum spectrum{spectrum_frames};
  std::array<double, layer_bands.size()> band_power{};
  int64_t spectra = 0;
  int64_t frames = 0;
  float peak = 0.0f;
  double squares = 0.0;
  Stereo whole;
  Stereo recent;
  double lowest_correlation = 1.0;
  PhoneMeter phone;
  BalanceMeter balance;
  MovementMeter movement;
};

AudioMeter::AudioMeter(int rate, int channels) : impl_(std::make_unique<Impl>(rate, channels)) {}
AudioMeter::~AudioMeter() = default;

void AudioMeter::add(std::span<const float> interleaved) {
  impl_->add_loudness(interleaved);
  impl_->phone.add(interleaved);
  impl_->balance.add(interleaved);
  impl_->movement.add(interleaved);
  for (size_t at = 0; at < interleaved.size(); at += impl_->channels) impl_->add_frame(&interleaved[at]);
}

AudioFigures AudioMeter::figures() const {
  const Impl& meter = *impl_;
  const double frames = std::max(1.0, static_cast<double>(meter.frames));
  AudioFigures out{};
  out.duration_s = static_cast<double>(meter.frames) / meter.rate;
  out.integrated_lufs = meter.loudness.integrated_lufs();
  out.loudness_range_lu = meter.loudness.range_lu();
  out.minutes_lufs = meter.minutes_lufs;
  if (!out.minutes_lufs.empty()) {
    const auto [softest, loudest] = std::minmax_element(out.minutes_lufs.begin(), out.minutes_lufs.end());
    out.minutes_range_lu = *loudest == *softest ? 0.0 : *loudest - *softest;
  }
  out.true_peak_dbtp = meter.loudness.true_peak_dbtp();
  out.sample_peak_dbfs = gain_to_db(static_cast<double>(meter.peak));
  out.rms_dbfs = power_db(meter.squares / (frames * static_cast<double>(meter.channels)));
  double dc = 0.0;
  for (const double sum : meter.sums) dc = std::max(dc, std::abs(sum / frames));
  out.dc_dbfs = gain_to_db(dc);
  out.correlation = correlation_of(meter.whole.cross, meter.whole.left, meter.whole.right);
  out.lowest_correlation = std::min(out.correlation, meter.lowest_correlation);
  std::vector<double> found;
  for (const ClickFinder& clicks : meter.clicks) clicks.find(meter.rate, found);
  std::sort(found.begin(), found.end());
  for (const double t : found) {
    if (out.clicks_s.empty() || t - out.clicks_s.back() > 2.5 * click_cell_s) out.clicks_s.push_back(t);
  }
  out.bands = layer_bands;
  for (size_t i = 0; i < layer_bands.size(); ++i) {
    out.bands[i].high_hz = std::min(layer_bands[i].high_hz, meter.rate / 2.0);
    out.bands[i].rms_dbfs = power_db(meter.band_power[i] / std::max(1.0, static_cast<double>(meter.spectra)));
  }
  const double phone_lufs = meter.phone.integrated_lufs();
  const bool heard = std::isfinite(out.integrated_lufs) && std::isfinite(phone_lufs);
  out.phone_loss_lu = heard ? out.integrated_lufs - phone_lufs : std::numeric_limits<double>::quiet_NaN();
  out.balance = meter.balance.figures();
  out.movement = meter.movement.figures();
  return out;
}

}  // namespace auralis
