// SPDX-License-Identifier: MIT
#include "render/live_figures.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "figures/rounded.h"

namespace auralis {

using nlohmann::json;

LiveFigures::LiveFigures(const std::string& session, std::string device,
                         std::function<std::vector<StageTime>()> stages)
    : device_(std::move(device)),
      stages_(std::move(stages)),
      reporter_(session, "render", [this] { return collect(); }) {}

void LiveFigures::update(const Renderer::Figures& figures, double block_s, double spent_s) {
  latency_.observe(spent_s * 1e3);
  const std::lock_guard lock(mutex_);
  figures_ = figures;
  rendered_s_ += block_s;
  spent_s_ += spent_s;
}

json LiveFigures::collect() {
  json out = process_.figures();
  for (const StageTime& stage : stages_())
    out["render_stage_s_total"][stage.name] = rounded(stage.seconds, 3);
  const std::lock_guard lock(mutex_);
  latency_.add_to(out, "synthesis_latency_ms");
  out["realtime_factor"] = spent_s_ > 0.0 ? rounded(rendered_s_ / spent_s_, 1) : json(nullptr);
  out["voices"] = figures_.voices;
  out["voices_stolen"] = figures_.voices_stolen;
  out["voices_shed_total"] = figures_.voices_shed;
  out["events_total"] = figures_.events;
  out["late_events_total"] = figures_.late_events;
  out["device"] = device_;
  return out;
}

}  // namespace auralis
