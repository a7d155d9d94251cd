// SPDX-License-Identifier: MIT
#include "stats_audio_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <vector>

#include "figures/rounded.h"
#include "sparkline.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr int figure_decimals = 2;

template <typename Values>
ordered_json all_rounded(const Values& values) {
  ordered_json list = ordered_json::array();
  for (const double x : values) list.emplace_back(rounded(x, figure_decimals));
  return list;
}

void add_balance(const Balance& balance, ordered_json& out) {
  ordered_json thirds = ordered_json::array();
  for (const ThirdOctave& third : balance.third_octaves)
    thirds.push_back(
        {{"mid_hz", rounded(third.mid_hz, figure_decimals)}, {"db", rounded(third.db, figure_decimals)}});
  out["third_octaves"] = thirds;
  out["slope_db_per_octave"] = rounded(balance.slope_db_per_octave, figure_decimals);
  out["treble_slope_db_per_octave"] = rounded(balance.treble_slope_db_per_octave, figure_decimals);
  out["below_50_hz_percent"] = rounded(balance.below_50_hz_percent, 3);
  out["presence_db"] = rounded(balance.presence_db, figure_decimals);
  out["air_db"] = rounded(balance.air_db, figure_decimals);
  for (const StereoBand& band : balance.stereo) {
    out["stereo_bands"][std::string(band.name)] = {
        {"low_hz", band.low_hz},
        {"high_hz", band.high_hz},
        {"correlation", rounded(band.correlation, 3)},
        {"mono_loss_db", rounded(band.mono_loss_db, figure_decimals)}};
  }
}

void add_movement(const Movement& movement, ordered_json& out) {
  out["spectral_movement_db"] = rounded(movement.timbre.spectral_movement_db, figure_decimals);
  out["envelopes"] = ordered_json::array();
  for (const Envelope& envelope : movement.envelopes) {
    out["envelopes"].push_back({{"low_hz", envelope.low_hz},
                                {"high_hz", envelope.high_hz},
                                {"level_db", rounded(envelope.level_db, figure_decimals)},
                                {"am_percent", rounded(envelope.am_percent, figure_decimals)},
                                {"largest_am_percent", rounded(envelope.largest_am_percent, figure_decimals)},
                                {"largest_am_hz", rounded(envelope.largest_am_hz, 3)},
                                {"line_am_percent", rounded(envelope.line_am_percent, figure_decimals)},
                                {"line_am_hz", rounded(envelope.line_am_hz, 3)},
                                {"period_correlation", rounded(envelope.period_correlation, 3)},
                                {"period_s", rounded(envelope.period_s, figure_decimals)}});
  }
  out["mfcc_mean"] = all_rounded(movement.timbre.mfcc_mean);
  out["mfcc_spread"] = all_rounded(movement.timbre.mfcc_spread);
}

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 160> text;
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

std::string row(const std::string& name, double value, const std::string& unit) {
  if (std::isnan(value)) return formatted("%-18s %9s\n", name.c_str(), "-");
  if (std::isinf(value)) return formatted("%-18s %9s\n", name.c_str(), "silence");
  return formatted("%-18s %9.2f ", name.c_str(), value) + unit + "\n";
}

// One value of a line with several.
std::string cell(double value, int decimals = 1) {
  return std::isfinite(value) ? formatted("%8.*f", decimals, value) : formatted("%8s", "-");
}

std::string frequency(double hz) {
  return hz < 1000.0 ? formatted("%.4g", hz) : formatted("%.4gk", hz / 1000.0);
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

// Of 20 Hz to 20 kHz, by their usual names.
constexpr std::array<const char*, 31> third_names{
    "20",    "25",  "31.5", "40",   "50",  "63",  "80",    "100",   "125",  "160", "200",
    "250",   "315", "400",  "500",  "630", "800", "1k",    "1.25k", "1.6k", "2k",  "2.5k",
    "3.15k", "4k",  "5k",   "6.3k", "8k",  "10k", "12.5k", "16k",   "20k"};

std::string balance_text(const Balance& balance) {
  std::string text = row("slope", balance.slope_db_per_octave, "dB an octave per Hz, 100 Hz to 4 kHz");
  text += row("  treble", balance.treble_slope_db_per_octave, "dB an octave per Hz, 4 to 16 kHz");
  text += row("below 50 Hz", balance.below_50_hz_percent, "% of the energy");
  text += row("2 to 5 kHz", balance.presence_db, "dB of the whole");
  text += row("above 10 kHz", balance.air_db, "dB of the whole");
  text += "third octaves      dB of the whole\n";
  constexpr size_t in_a_line = 8;
  for (size_t at = 0; at < third_names.size(); at += in_a_line) {
    std::string names = "  Hz";
    std::string levels = "  dB";
    for (size_t i = at; i < std::min(at + in_a_line, third_names.size()); ++i) {
      names += formatted("%8s", third_names[i]);
      levels += cell(balance.third_octaves[i].db);
    }
    text += names + "\n" + levels + "\n";
  }
  text += "stereo             correlation, dB lost in mono\n";
  for (const StereoBand& band : balance.stereo) {
    text +=
        formatted("  %-16s", (frequency(band.low_hz) + " to " + frequency(band.high_hz) + " Hz").c_str()) +
        cell(band.correlation, 3) + cell(band.mono_loss_db, 2) + "\n";
  }
  return text;
}

std::string movement_text(const Movement& movement) {
  std::string text =
      row("movement", movement.timbre.spectral_movement_db, "dB, the spectrum's shape in a second");
  text += "envelopes             level  rms AM  largest      at    line      at  return      at\n";
  text += "                         dB       %        %      Hz       %      Hz       r       s\n";
  for (const Envelope& envelope : movement.envelopes) {
    text += formatted("  %-16s",
                      (frequency(envelope.low_hz) + " to " + frequency(envelope.high_hz) + " Hz").c_str()) +
            cell(envelope.level_db) + cell(envelope.am_percent) + cell(envelope.largest_am_percent) +
            cell(envelope.largest_am_hz, 3) + cell(envelope.line_am_percent) + cell(envelope.line_am_hz, 3) +
            cell(envelope.period_correlation, 2) + cell(envelope.period_s) + "\n";
  }
  return text;
}

std::string clicks_text(const std::vector<double>& clicks_s) {
  std::string text = formatted("%-18s %6zu\n", "clicks", clicks_s.size());
  for (const double t : clicks_s) text += formatted("  at %.3f s\n", t);
  return text;
}

}  // namespace

ordered_json json_of(const MeasuredSound& sound) {
  const AudioFigures& figures = sound.figures;
  ordered_json band_levels;
  for (const BandLevel& band : figures.bands) {
    band_levels[std::string(band.name)] = {{"low_hz", band.low_hz},
                                           {"high_hz", band.high_hz},
                                           {"rms_dbfs", rounded(band.rms_dbfs, figure_decimals)}};
  }
  ordered_json clicks = ordered_json::array();
  for (const double t : figures.clicks_s) clicks.emplace_back(rounded(t, 3));
  ordered_json out{{"file", sound.files.front()},
                   {"format", sound.format},
                   {"rate", sound.rate},
                   {"channels", sound.channels},
                   {"duration_s", rounded(figures.duration_s, 6)},
                   {"integrated_lufs", rounded(figures.integrated_lufs, figure_decimals)},
                   {"loudness_range_lu", rounded(figures.loudness_range_lu, figure_decimals)},
                   {"minutes_lufs", all_rounded(figures.minutes_lufs)},
                   {"minutes_range_lu", rounded(figures.minutes_range_lu, figure_decimals)},
                   {"true_peak_dbtp", rounded(figures.true_peak_dbtp, figure_decimals)},
                   {"sample_peak_dbfs", rounded(figures.sample_peak_dbfs, figure_decimals)},
                   {"rms_dbfs", rounded(figures.rms_dbfs, figure_decimals)},
                   {"dc_dbfs", rounded(figures.dc_dbfs, figure_decimals)},
                   {"clicks", figures.clicks_s.size()},
                   {"clicks_s", clicks},
                   {"stereo_correlation", rounded(figures.correlation, figure_decimals)},
                   {"lowest_correlation", rounded(figures.lowest_correlation, figure_decimals)},
                   {"bands", band_levels},
                   {"phone_loss_lu", rounded(figures.phone_loss_lu, figure_decimals)}};
  add_balance(figures.balance, out);
  add_movement(figures.movement, out);
  if (sound.files.size() > 1) {
    out.erase("file");
    out["files"] = sound.files;
  }
  if (sound.reduction) {
    out["reduction"] = {
        {"largest_db", rounded(sound.reduction->largest_db, figure_decimals)},
        {"largest_s", rounded(sound.reduction->largest_s, figure_decimals)},
        {"mean_db", rounded(sound.reduction->mean_db, figure_decimals)},
        {"over_half_db_percent", rounded(sound.reduction->over_half_db_percent, figure_decimals)}};
  }
  return out;
}

std::string text_of(const MeasuredSound& sound) {
  const AudioFigures& figures = sound.figures;
  std::string text = row("duration", figures.duration_s,
                         "s, " + sound.format + ", " + std::to_string(sound.rate) + " Hz, " +
                             std::to_string(sound.channels) + " ch");
  text += row("integrated", figures.integrated_lufs, "LUFS");
  text += row("  lost on a phone", figures.phone_loss_lu, "LU, below 350 Hz");
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
  text += balance_text(figures.balance);
  text += movement_text(figures.movement);
  if (sound.reduction) {
    text += row("reduction", sound.reduction->largest_db,
                "dB, at " + formatted("%.2f s", sound.reduction->largest_s));
    text += row("  mean", sound.reduction->mean_db, "dB");
    text += row("  over 0.5 dB", sound.reduction->over_half_db_percent, "% of the time");
  }
  return text + clicks_text(figures.clicks_s);
}

}  // namespace auralis
