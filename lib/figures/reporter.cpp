// SPDX-License-Identifier: MIT
#include "figures/reporter.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/io.h"
#include "base/log.h"

namespace auralis {

using nlohmann::json;

FigureReporter::FigureReporter(const std::filesystem::path& session_folder, const std::string& name,
                               std::function<json()> collect)
    : file_(session_folder / (name + ".metrics.json")),
      collect_(std::move(collect)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

FigureReporter::~FigureReporter() {
  thread_.request_stop();
  thread_.join();
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

void FigureReporter::run(const std::stop_token& stop) {
  bool warned = false;
  for (long second = 0; !stop.stop_requested(); ++second) {
    try {  // whatever fails here, the sound goes on
      const json figures = collect_();
      if (second % 10 == 9) log_info(figures_line(figures));
      write_file(file_, figures.dump() + "\n");
    } catch (const std::exception& error) {
      if (!std::exchange(warned, true)) log_warning(std::string("figures are not written: ") + error.what());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
  }
}

std::string figures_line(const json& figures) {
  std::string line;
  for (const auto& [name, value] : figures.items()) {
    if (value.is_object()) {
      for (const auto& [member, part] : value.items()) {
        line += (line.empty() ? "" : " ") + name + "." + member + "=" + part.dump();
      }
    } else {
      line += (line.empty() ? "" : " ") + name + "=" +
              (value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  return line;
}

}  // namespace auralis
