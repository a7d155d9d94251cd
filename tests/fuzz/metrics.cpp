// SPDX-License-Identifier: MIT
// Figures that commands left in the session's folder: auralis-serve and auralis-stats merge and show them. Up to the
// first newline they are the composer's, then the renderer's.
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "figures/figures_line.h"
#include "figures/known.h"
#include "figures/prometheus.h"
#include "figures/reporter.h"
#include "figures/session_figures.h"
#include "fuzz/harness/target.h"
#include "live_table.h"

namespace auralis {
namespace {

class Folder {
 public:
  Folder() : path((std::filesystem::temp_directory_path() / "auralis-fuzz-XXXXXX").string()) {
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder " + path);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  void put(const char* name, std::string_view bytes) const {
    std::ofstream(std::filesystem::path(path) / name, std::ios::binary) << bytes;
  }

  std::string path;
};

}  // namespace

AURALIS_FUZZ_TARGET(metrics) {
  static const Folder folder;
  const std::string_view composer = bytes.substr(0, bytes.find('\n'));
  folder.put("compose.metrics.json", composer);
  folder.put("render.metrics.json", bytes.substr(std::min(bytes.size(), composer.size() + 1)));
  const SessionFigures figures = read_session_figures(folder.path);
  for (const FigureInfo& known : known_figures())
    AURALIS_CLAIM(figures.merged.contains(std::string(known.name)));
  prometheus_text(figures.merged, figures.histograms);
  figures_line(figures.merged);
  const Snapshot snapshot{figures.merged, figures.parts, nullptr, nullptr, "session"};
  History history;
  remember(snapshot, 8, history);
  live_table(snapshot, history, std::numeric_limits<size_t>::max(), false);
}

}  // namespace auralis
