// SPDX-License-Identifier: MIT
#include "audio/spectrogram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "audio/spectrum.h"
#include "base/error.h"

namespace auralis {
namespace {

constexpr int left_margin = 90;
constexpr int right_margin = 110;
constexpr int top_margin = 20;
constexpr int bottom_margin = 44;
constexpr double lowest_hz = 25.0;
constexpr double shown_db = 80.0;
constexpr int window_frames = 8192;
constexpr Colour ground{12, 12, 16};
constexpr Colour ink{200, 200, 208};

Colour cubehelix(double level) {
  const double angle = 2.0 * std::numbers::pi * (0.5 / 3.0 + 1.0 - 0.9 * level);
  const double amplitude = 1.1 * level * (1.0 - level) / 2.0;
  const auto part = [&](double cosine, double sine) {
    const double value = level + amplitude * (cosine * std::cos(angle) + sine * std::sin(angle));
    return static_cast<uint8_t>(std::lround(255.0 * std::clamp(value, 0.0, 1.0)));
  };
  return {part(-0.14861, 1.78277), part(-0.29227, -0.90649), part(1.97294, 0.0)};
}

// The step of a time axis that gives about ten marks.
double time_step(double duration_s) {
  constexpr std::array<double, 15> steps{0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200};
  for (const double step : steps) {
    if (duration_s / step <= 12.0) return step;
  }
  return 14400.0;
}

std::string time_label(double seconds, double step) {
  if (step < 1.0) {
    const auto tenths = std::lround(seconds * 10.0);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  }
  const auto whole = std::lround(seconds);
  const auto two = [](long x) { return (x < 10 ? "0" : "") + std::to_string(x); };
  if (whole >= 3600) return std::to_string(whole / 3600) + ":" + two(whole / 60 % 60) + ":" + two(whole % 60);
  return std::to_string(whole / 60) + ":" + two(whole % 60);
}

// The mean power spectrum of each column. Neighbouring columns share windows where there is little sound.
std::vector<std::vector<float>> columns_of(SoundFileReader& file, int columns) {
  const auto channels = static_cast<size_t>(file.channels());
  const int64_t frames = file.frames();
  Spectrum spectrum(window_frames);
  std::vector<std::vector<float>> out;
  std::vector<float> block(4096 * channels);
  std::vector<std::vector<float>> windows(channels);
  int64_t first =
      -window_frames / 2;  // the frame that windows begin with; silence lies before and after the sound
  for (auto& window : windows) window.assign(window_frames / 2, 0.0f);
  for (int column = 0; column < columns; ++column) {
    const int64_t from = frames * column / columns;
    const int64_t to = std::max(from + 1, frames * (column + 1) / columns);
    std::vector<float> mean(window_frames / 2 + 1, 0.0f);
    const int64_t count = std::max<int64_t>(1, (to - from) / (window_frames / 2));
    for (int64_t i = 0; i < count; ++i) {
      const int64_t centre = from + (to - from) * (2 * i + 1) / (2 * count);
      const int64_t wanted = centre - window_frames / 2;
      while (static_cast<int64_t>(windows[0].size()) < wanted - first + window_frames) {
        const size_t got = file.read(block);
        for (size_t c = 0; c < channels; ++c) {
          for (size_t frame = 0; frame < got; ++frame) windows[c].push_back(block[frame * channels + c]);
          if (got == 0) windows[c].resize(windows[c].size() + window_frames, 0.0f);
        }
      }
      for (auto& window : windows) {
        window.erase(window.begin(), window.begin() + (wanted - first));
        const std::span<const float> power = spectrum.power(std::span(window).first(window_frames));
        for (size_t bin = 0; bin < power.size(); ++bin) mean[bin] += power[bin];
      }
      first = wanted;
    }
    for (float& power : mean) power /= static_cast<float>(count);
    out.push_back(std::move(mean));
  }
  return out;
}

// The power between two frequencies: the strongest bin inside, or between the two bins around them.
float power_between(const std::vector<float>& spectrum, double low_bin, double high_bin) {
  const auto last = static_cast<double>(spectrum.size() - 1);
  const double at = std::min(last, (low_bin + high_bin) / 2.0);
  const auto below = static_cast<size_t>(at);
  const auto share = static_cast<float>(at - std::floor(at));
  const size_t above = std::min(below + 1, spectrum.size() - 1);
  float power = spectrum[below] * (1.0f - share) + spectrum[above] * share;
  for (auto bin = static_cast<size_t>(std::ceil(low_bin));
       bin < spectrum.size() && static_cast<double>(bin) < high_bin; ++bin) {
    power = std::max(power, spectrum[bin]);
  }
  return power;
}

// Where what lies in the picture.
struct Axes {
  Axes(const SoundFileReader& file, int width, int height)
      : columns(width - left_margin - right_margin),
        rows(height - top_margin - bottom_margin),
        highest_hz(std::min(20000.0, file.rate() / 2.0)),
        octaves(std::log2(highest_hz / lowest_hz)) {}

  double hz_of(double row) const { return lowest_hz * std::exp2(octaves * (1.0 - row / rows)); }
  int row_of(double hz) const { return static_cast<int>(rows * (1.0 - std::log2(hz / lowest_hz) / octaves)); }

  int columns;
  int rows;
  double highest_hz;
  double octaves;
};

void draw_levels(SoundFileReader& file, const Axes& axes, Picture& picture) {
  const std::vector<std::vector<float>> spectra = columns_of(file, axes.columns);
  const double bins_per_hz = static_cast<double>(window_frames) / file.rate();
  const auto rows = static_cast<size_t>(axes.rows);
  std::vector<float> levels;
  levels.reserve(spectra.size() * rows);
  float loudest = 1e-12f;
  for (const std::vector<float>& spectrum : spectra) {
    for (int y = 0; y < axes.rows; ++y) {
      levels.push_back(power_between(spectrum, axes.hz_of(y + 1) * bins_per_hz, axes.hz_of(y) * bins_per_hz));
      loudest = std::max(loudest, levels.back());
    }
  }
  for (size_t i = 0; i < levels.size(); ++i) {
    const double share = static_cast<double>(levels[i] / loudest);
    const double level = 1.0 + 10.0 * std::log10(std::max(share, 1e-12)) / shown_db;
    picture.point(left_margin + static_cast<int>(i / rows), top_margin + static_cast<int>(i % rows),
                  cubehelix(std::clamp(level, 0.0, 1.0)));
  }
}

void draw_frequencies(const Axes& axes, Picture& picture) {
  constexpr std::array<std::pair<double, const char*>, 9> marks{{{50.0, "50 Hz"},
                                                                 {100.0, "100 Hz"},
                                                                 {200.0, "200 Hz"},
                                                                 {500.0, "500 Hz"},
                                                                 {1000.0, "1 kHz"},
                                                                 {2000.0, "2 kHz"},
                                                                 {5000.0, "5 kHz"},
                                                                 {10000.0, "10 kHz"},
                                                                 {20000.0, "20 kHz"}}};
  for (const auto& [hz, label] : marks) {
    if (hz > axes.highest_hz) return;
    const int y = top_margin + axes.row_of(hz);
    picture.box(left_margin - 8, y, 6, 2, ink);
    picture.text(left_margin - 12 - Picture::text_width(label), y - Picture::text_height() / 2 + 1, label,
                 ink);
  }
}

void draw_times(double duration_s, const Axes& axes, Picture& picture) {
  const double step = time_step(duration_s);
  for (int mark = 0; mark * step <= duration_s; ++mark) {
    const int x = left_margin + static_cast<int>(mark * step / duration_s * axes.columns);
    const std::string label = time_label(mark * step, step);
    picture.box(x, top_margin + axes.rows + 2, 2, 6, ink);
    picture.text(x - Picture::text_width(label) / 2, top_margin + axes.rows + 14, label, ink);
  }
}

void draw_colour_scale(int bar_x, const Axes& axes, Picture& picture) {
  for (int y = 0; y < axes.rows; ++y)
    picture.box(bar_x, top_margin + y, 14, 1, cubehelix(1.0 - static_cast<double>(y) / axes.rows));
  for (int db = 0; db <= static_cast<int>(shown_db); db += 20) {
    const int y = top_margin + static_cast<int>(axes.rows * db / shown_db);
    const std::string label = (db == 0 ? "0" : "-" + std::to_string(db)) + " dB";
    picture.text(bar_x + 20, std::clamp(y - 7, top_margin, top_margin + axes.rows - 14), label, ink, 1);
  }
}

}  // namespace

Picture draw_spectrogram(SoundFileReader& file, int width, int height) {
  if (file.frames() == 0) throw Error(Exit::bad_input, "no sound in it, expected some to draw");
  const Axes axes(file, width, height);
  Picture picture(width, height, ground);
  draw_levels(file, axes, picture);
  draw_frequencies(axes, picture);
  draw_times(static_cast<double>(file.frames()) / file.rate(), axes, picture);
  draw_colour_scale(width - right_margin + 24, axes, picture);
  return picture;
}

}  // namespace auralis
