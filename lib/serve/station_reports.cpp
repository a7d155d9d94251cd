// SPDX-License-Identifier: MIT
#include "serve/station_reports.h"

#include <utility>
#include <vector>

#include "base/clock.h"
#include "figures/latency.h"
#include "figures/prometheus.h"
#include "serve/limits.h"

namespace auralis {

using nlohmann::json;

// The share of a core is that since the last time it was asked: over less than a second it would be noise.
const json& StationReports::process() {
  const int64_t now = monotonic_us();
  if (process_figures_.is_null() || now - process_asked_us_ > limits::us_per_s) {
    process_figures_ = process_.figures();
    process_asked_us_ = now;
  }
  return process_figures_;
}

json StationReports::own(const Station* station) {
  json figures = process();
  if (station != nullptr) station->add_figures(figures);
  return figures;
}

SessionFigures StationReports::session(const Station* station) {
  return read_session_figures(station == nullptr ? std::filesystem::path() : station->session(),
                              own(station));
}

SessionFigures StationReports::apart(const Station& station) {
  json figures = json::object();
  station.add_figures(figures);
  return read_session_figures(station.session(), figures);
}

json StationReports::figures(const Station* station, bool with_all) {
  SessionFigures session = this->session(station);
  session.merged["parts"] = std::move(session.parts);
  if (!with_all || !may_be_many_) return session.merged;
  json& all = session.merged["stations"] = json::object();
  for (const auto& one : stations_.all()) all[one->name()] = apart(*one).merged;
  return session.merged;
}

std::string StationReports::prometheus(const Station* station, bool with_all) {
  if (!with_all || !may_be_many_) {
    const SessionFigures session = this->session(station);
    return prometheus_text(session.merged, session.histograms);
  }
  std::vector<StationText> texts{{"", process(), json::object()}};
  for (const auto& one : stations_.all()) {
    SessionFigures session = apart(*one);
    texts.push_back({one->name(), std::move(session.merged), std::move(session.histograms)});
  }
  return prometheus_text(texts);
}

}  // namespace auralis
