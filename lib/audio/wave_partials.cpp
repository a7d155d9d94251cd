// SPDX-License-Identifier: MIT
#include "audio/wave_partials.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <span>

#include "audio/sound_file.h"
#include "base/error.h"

namespace auralis {
namespace {

constexpr int64_t usual_cycle = 2048;
constexpr int64_t longest_cycle = 1 << 16;
constexpr int64_t most_frames = int64_t{1} << 24;
constexpr int64_t most_cycles = 16;
constexpr int64_t most_partials = 512;
constexpr double inaudible = 1e-4;

std::vector<float> mono_of(const std::string& file) {
  SoundFileReader reader(file);
  const auto channels = static_cast<size_t>(reader.channels());
  if (reader.frames() > most_frames)
    throw Error(Exit::bad_input, file + ": is longer than a wave of cycles, expected at most " +
                                     std::to_string(most_frames) + " frames");
  std::vector<float> interleaved(static_cast<size_t>(reader.frames()) * channels);
  const size_t frames = reader.read(interleaved);
  std::vector<float> mono(frames, 0.0F);
  for (size_t i = 0; i < frames * channels; ++i) mono[i / channels] += interleaved[i];
  return mono;
}

std::vector<double> partials_of(std::span<const float> cycle) {
  const auto frames = static_cast<int64_t>(cycle.size());
  std::vector<double> partials;
  for (int64_t k = 1; k <= std::min(most_partials, (frames - 1) / 2); ++k) {
    std::complex<double> sum = 0.0;
    for (int64_t n = 0; n < frames; ++n) {
      const double angle =
          2.0 * std::numbers::pi * static_cast<double>(k * n % frames) / static_cast<double>(frames);
      sum += static_cast<double>(cycle[static_cast<size_t>(n)]) * std::polar(1.0, -angle);
    }
    partials.push_back(std::abs(sum) / static_cast<double>(frames));
  }
  return partials;
}

}  // namespace

std::vector<std::vector<double>> wave_partials(const std::string& file, int64_t cycle_frames) {
  const std::vector<float> wave = mono_of(file);
  const auto frames = static_cast<int64_t>(wave.size());
  const bool usual = frames >= usual_cycle && frames % usual_cycle == 0;
  const int64_t length = cycle_frames > 0 ? cycle_frames : usual ? usual_cycle : frames;
  if (length > frames || length < 4 || length > longest_cycle) {
    throw Error(Exit::bad_input, file + ": has " + std::to_string(frames) +
                                     " frames, expected cycles of 4 to " + std::to_string(longest_cycle) +
                                     " (--cycle says how long one is)");
  }
  const int64_t cycles = frames / length;
  const int64_t taken = std::min(cycles, most_cycles);
  std::vector<std::vector<double>> all;
  double loudest = 0.0;
  for (int64_t i = 0; i < taken; ++i) {
    const int64_t at = taken == 1 ? 0 : i * (cycles - 1) / (taken - 1);
    all.push_back(
        partials_of(std::span(wave).subspan(static_cast<size_t>(at * length), static_cast<size_t>(length))));
    loudest = std::max(loudest, *std::max_element(all.back().begin(), all.back().end()));
  }
  for (std::vector<double>& cycle : all) {
    for (double& partial : cycle) partial = loudest > 0.0 ? std::round(partial / loudest * 1e4) / 1e4 : 0.0;
    while (!cycle.empty() && cycle.back() < inaudible) cycle.pop_back();
    if (cycle.empty()) throw Error(Exit::bad_input, file + ": has a silent cycle, expected partials in each");
  }
  return all;
}

}  // namespace auralis
