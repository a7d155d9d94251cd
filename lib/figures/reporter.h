// SPDX-License-Identifier: MIT
// A command's own figures, published while it runs.
//   file   NAME.metrics.json in the session's folder, replaced atomically every second and removed at the end: a figure
//          that is there is a figure of a living process. A folder that was removed meanwhile is made again
//   killed what a process leaves that is killed while it writes, the next of that NAME takes away
//   log    one line every ten seconds (figures_line.h), where stderr is no terminal or details are shown
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <thread>

namespace auralis {

class FigureReporter {
 public:
  // `collect` is called from a thread of the reporter's own. Where it throws or the file cannot be written, one
  // warning is logged and the command goes on.
  FigureReporter(std::string session, const std::string& name, std::function<nlohmann::json()> collect);
  ~FigureReporter();

 private:
  void run(const std::stop_token& stop);
  void sweep() const;
  void replace(const std::string& text) const;

  std::string session_;
  std::string file_;        // both in its folder
  std::string unfinished_;  // what is written before it is renamed, with our number
  std::function<nlohmann::json()> collect_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace auralis
