// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "audio/measure.h"
#include "audio/sound_file.h"
#include "audio/spectrogram.h"
#include "base/error.h"
#include "base/io.h"
#include "base/stop.h"
#include "sparkline.h"
#include "stats.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string file;
  bool json = false;
  std::string spectrogram;
};

ordered_json rounded(double x) {
  return std::isfinite(x) ? ordered_json(std::round(x * 100.0) / 100.0) : ordered_json(nullptr);
}

ordered_json json_of(const std::string& file, const SoundFileReader& reader, const AudioFigures& figures) {
  ordered_json band_levels;
  for (const BandLevel& band : figures.bands) {
    band_levels[std::string(band.name)] = {
        {"low_hz", band.low_hz}, {"high_hz", band.high_hz}, {"rms_dbfs", rounded(band.rms_dbfs)}};
  }
  ordered_json clicks = ordered_json::array();
  for (const double t : figures.clicks_s) clicks.push_back(std::round(t * 1000.0) / 1000.0);
  ordered_json minutes = ordered_json::array();
  for (const double lufs : figures.minutes_lufs) minutes.push_back(rounded(lufs));
  return {{"file", file},
          {"format", reader.description()},
          {"rate", reader.rate()},
          {"channels", reader.channels()},
          {"duration_s", std::round(figures.duration_s * 1e6) / 1e6},
          {"integrated_lufs", rounded(figures.integrated_lufs)},
          {"loudness_range_lu", rounded(figures.loudness_range_lu)},
          {"minutes_lufs", minutes},
          {"minutes_range_lu", rounded(figures.minutes_range_lu)},
          {"true_peak_dbtp", rounded(figures.true_peak_dbtp)},
          {"sample_peak_dbfs", rounded(figures.sample_peak_dbfs)},
          {"rms_dbfs", rounded(figures.rms_dbfs)},
          {"dc_dbfs", rounded(figures.dc_dbfs)},
          {"clicks", figures.clicks_s.size()},
          {"clicks_s", clicks},
          {"stereo_correlation", rounded(figures.correlation)},
          {"lowest_correlation", rounded(figures.lowest_correlation)},
          {"bands", band_levels}};
}

std::string row(const std::string& name, double value, const std::string& unit) {
  std::array<char, 48> text;
  if (!std::isfinite(value)) {
    std::snprintf(text.data(), text.size(), "%-18s %9s\n", name.c_str(), "silence");
    return text.data();
  }
  std::snprintf(text.data(), text.size(), "%-18s %9.2f ", name.c_str(), value);
  return text.data() + unit + "\n";
}

// At most a line of them: each the mean of those it stands for.
std::vector<double> thinned(const std::vector<double>& values) {
  constexpr size_t most = 48;
  const size_t each = (values.size() + most - 1) / most;
  std::vector<double> means;
  for (size_t at = 0; at < values.size(); at += each) {
    const auto here = std::span(values).subspan(at, std::min(each, values.size() - at));
    means.push_back(std::accumulate(here.begin(), here.end(), 0.0) / static_cast<double>(here.size()));
  }
  return means;
}

std::string text_of(const SoundFileReader& reader, const AudioFigures& figures) {
  std::string text = row("duration", figures.duration_s,
                         "s, " + reader.description() + ", " + std::to_string(reader.rate()) + " Hz, " +
                             std::to_string(reader.channels()) + " ch");
  text += row("integrated", figures.integrated_lufs, "LUFS");
  text += row("loudness range", figures.loudness_range_lu, "LU");
  if (figures.minutes_lufs.size() > 1) {
    text +=
        row("  by the minute", figures.minutes_range_lu, "LU  " + sparkline(thinned(figures.minutes_lufs)));
  }
  text += row("true peak", figures.true_peak_dbtp, "dBTP");
  text += row("sample peak", figures.sample_peak_dbfs, "dBFS");
  text += row("RMS", figures.rms_dbfs, "dBFS");
  text += row("DC", figures.dc_dbfs, "dBFS");
  text += row("correlation", figures.correlation, "left to right");
  text += row("  lowest", figures.lowest_correlation, "over 10 s");
  for (const BandLevel& band : figures.bands) {
    const std::string range = "dBFS, " + std::to_string(std::lround(band.low_hz)) + " to " +
                              std::to_string(std::lround(band.high_hz)) + " Hz";
    text += row("band " + std::string(band.name), band.rms_dbfs, range);
  }
  std::array<char, 32> line;
  std::snprintf(line.data(), line.size(), "%-18s %6zu\n", "clicks", figures.clicks_s.size());
  text += line.data();
  for (const double t : figures.clicks_s) {
    std::snprintf(line.data(), line.size(), "  at %.3f s\n", t);
    text += line.data();
  }
  return text;
}

void measure(const Options& options) {
  SoundFileReader reader(options.file);
  AudioMeter meter(reader.rate(), reader.channels());
  std::vector<float> block(8192 * static_cast<size_t>(reader.channels()));
  while (const size_t frames = reader.read(block)) {
    if (stop_requested()) throw Error(Exit::interrupted, "interrupted");
    meter.add(std::span(block).first(frames * static_cast<size_t>(reader.channels())));
  }
  const AudioFigures figures = meter.figures();
  write_all(STDOUT_FILENO,
            options.json ? json_of(options.file, reader, figures)
                                   .dump(2, ' ', false, ordered_json::error_handler_t::replace) +
                               "\n"
                         : text_of(reader, figures),
            "<stdout>");
  if (options.spectrogram.empty()) return;
  reader.rewind();
  draw_spectrogram(reader).write_png(options.spectrogram);
}

}  // namespace

void bind_audio_stats(cli::Command& command) {
  const auto options = std::make_shared<Options>();
  command.bind("FILE", options->file);
  command.bind("--json", options->json);
  command.bind("--spectrogram", options->spectrogram);
  command.on_run([options] { measure(*options); });
}

}  // namespace auralis
