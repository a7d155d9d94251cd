// SPDX-License-Identifier: MIT
#include "figures/reporter.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

namespace auralis {

using nlohmann::json;

namespace {

bool is_process(std::string_view number) {
  pid_t pid = 0;
  const auto [rest, status] = std::from_chars(number.data(), number.data() + number.size(), pid);
  return status == std::errc() && rest == number.data() + number.size() &&
         (::kill(pid, 0) == 0 || errno != ESRCH);
}

}  // namespace

FigureReporter::FigureReporter(const std::filesystem::path& session_folder, const std::string& name,
                               std::function<json()> collect)
    : file_(session_folder / (name + ".metrics.json")),
      unfinished_(session_folder / ("." + name + ".metrics." + std::to_string(::getpid()))),
      collect_(std::move(collect)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

FigureReporter::~FigureReporter() {
  thread_.request_stop();
  thread_.join();
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

// Where another process of that name lives, it is left its own.
void FigureReporter::sweep() const {
  const std::string prefix = unfinished_.stem().string() + ".";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(file_.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && !is_process(std::string_view(name).substr(prefix.size())))
      std::filesystem::remove(entry.path(), ignored);
  }
}

// Nobody needs these after the machine has stopped, so nothing is forced to its disk.
void FigureReporter::replace(const std::string& text) const {
  const int fd = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) throw Error(Exit::environment, "cannot create " + file_.string() + ": " + std::strerror(errno));
  try {
    write_all(fd, text, file_.string());
  } catch (...) {
    ::close(fd);
    ::unlink(unfinished_.c_str());
    throw;
  }
  ::close(fd);
  std::filesystem::rename(unfinished_, file_);
}

void FigureReporter::run(const std::stop_token& stop) {
  sweep();
  bool warned = false;
  for (long second = 0; !stop.stop_requested(); ++second) {
    try {  // whatever fails here, the sound goes on
      const json figures = collect_();
      if (second % 10 == 9) log_info(figures_line(figures));
      replace(figures.dump() + "\n");
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
