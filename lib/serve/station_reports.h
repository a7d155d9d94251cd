// SPDX-License-Identifier: MIT
// The figures of stations, with those of their composers and renderers, as JSON and for Prometheus. Where there may be
// several, all of them are told with the server's own beside them: each is counted once.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "figures/process.h"
#include "figures/session_figures.h"
#include "serve/stations.h"

namespace auralis {

class StationReports {
 public:
  // `may_be_many`: stations are told apart.
  StationReports(const Stations& stations, bool may_be_many)
      : stations_(stations), may_be_many_(may_be_many) {}

  // The server's own, with those of this station; nullptr: of none.
  nlohmann::json own(const Station* station);
  // Of its whole session (the server's own where there is no station), merged, with each command's under `parts`. `with_all`: and every station's under `stations`.
  nlohmann::json figures(const Station* station, bool with_all);
  std::string prometheus(const Station* station, bool with_all);

 private:
  const nlohmann::json& process();
  SessionFigures session(const Station* station);
  // Without the server's.
  static SessionFigures apart(const Station& station);

  const Stations& stations_;
  bool may_be_many_;
  ProcessFigures process_;
  nlohmann::json process_figures_;
  int64_t process_asked_us_ = 0;
};

}  // namespace auralis
