// SPDX-License-Identifier: MIT
// What was rendered, as auralis-render(1) explains in THE REPORT.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "audio/pcm.h"
#include "model/event.h"
#include "synth/renderer.h"

namespace auralis {

struct Report {
  std::string input;
  std::string output;
  StartEvent start;  // seed, preset, key, mode
  int64_t frames = 0;
  bool complete = true;
  PcmFormat format;
  bool lossy = false;  // the output holds no samples of that format
  double wall_s = 0.0;
  double cpu_s = 0.0;
  std::string device;
  int threads = 1;
  double integrated_lufs = 0.0;
  double loudness_range_lu = 0.0;
  double true_peak_dbtp = 0.0;
  Renderer::Figures figures;
  std::vector<std::string> stems;
  std::string events_sha256;  // of the input's bytes, as read
  std::string pcm_sha256;     // see pcm_sum.h
};

nlohmann::ordered_json report_json(const Report& report);

}  // namespace auralis
