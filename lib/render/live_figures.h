// SPDX-License-Identifier: MIT
// The figures of a render in a session's folder, see figures/reporter.h.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "figures/latency.h"
#include "figures/process.h"
#include "figures/reporter.h"
#include "synth/renderer.h"

namespace auralis {

class LiveFigures {
 public:
  // `stages` is asked from another thread.
  LiveFigures(const std::string& session, std::string device, std::function<std::vector<StageTime>()> stages);

  // A block was rendered: the renderer's own figures, how long the block is and what it took.
  void update(const Renderer::Figures& figures, double block_s, double spent_s);

 private:
  nlohmann::json collect();

  std::string device_;
  std::function<std::vector<StageTime>()> stages_;
  ProcessFigures process_;
  Latency latency_;
  std::mutex mutex_;
  Renderer::Figures figures_{};
  double rendered_s_ = 0.0;
  double spent_s_ = 0.0;
  FigureReporter reporter_;  // last: its thread uses all of the above
};

}  // namespace auralis
