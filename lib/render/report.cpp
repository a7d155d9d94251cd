// SPDX-License-Identifier: MIT
#include "render/report.h"

#include <nlohmann/json.hpp>

#include "figures/rounded.h"

namespace auralis {

using nlohmann::json;

namespace {

// null where the stream does not say.
json known(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

}  // namespace

nlohmann::ordered_json report_json(const Report& report) {
  const double duration_s = static_cast<double>(report.frames) / report.format.rate;
  return {
      {"version", AURALIS_VERSION},
      {"input", report.input},
      {"output", report.output},
      {"seed", known(report.start.seed)},
      {"preset", known(report.start.preset)},
      {"key", known(report.start.key)},
      {"mode", known(report.start.mode)},
      {"duration_s", rounded(duration_s, 6)},
      {"frames", report.frames},
      {"complete", report.complete},
      {"rate", report.format.rate},
      {"channels", report.format.channels},
      {"bits", report.lossy ? json(nullptr) : json(sample_format_name(report.format.sample))},
      {"wall_s", rounded(report.wall_s, 3)},
      {"cpu_s", rounded(report.cpu_s, 3)},
      {"realtime_factor", rounded(duration_s / report.wall_s, 1)},
      {"device", report.device},
      {"threads", report.threads},
      {"integrated_lufs", rounded(report.integrated_lufs, 2)},
      {"loudness_range_lu", rounded(report.loudness_range_lu, 2)},
      {"true_peak_dbtp", rounded(report.true_peak_dbtp, 2)},
      {"peak_voices", report.figures.peak_voices},
      {"voices_stolen", report.figures.voices_stolen},
      {"events", report.figures.events},
      {"late_events", report.figures.late_events},
      {"stems", report.stems},
      {"events_sha256", report.events_sha256},
      {"pcm_sha256", report.pcm_sha256},
  };
}

}  // namespace auralis
