// SPDX-License-Identifier: MIT
#include "figures/reporter.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/io.h"
#include "base/log_output.h"
#include "base/session.h"
#include "figures/figures_line.h"

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

FigureReporter::FigureReporter(std::string session, const std::string& name, std::function<json()> collect)
    : session_(std::move(session)),
      file_(name + ".metrics.json"),
      unfinished_("." + name + ".metrics." + std::to_string(::getpid())),
      collect_(std::move(collect)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

FigureReporter::~FigureReporter() {
  thread_.request_stop();
  thread_.join();
  try {
    if (const auto folder = find_session(session_)) std::filesystem::remove(*folder / file_);
  } catch (const std::exception&) {  // a folder that is gone, or was never there
  }
}

// Where another process of that name lives, it is left its own.
void FigureReporter::sweep() const {
  const std::string prefix = unfinished_.substr(0, unfinished_.rfind('.') + 1);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(open_session(session_), ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && !is_process(std::string_view(name).substr(prefix.size())))
      std::filesystem::remove(entry.path(), ignored);
  }
}

// Nobody needs these after the machine has stopped, so nothing is forced to its disk.
void FigureReporter::replace(const std::string& text) const {
  const std::filesystem::path folder = open_session(session_);
  const std::filesystem::path file = folder / file_;
  const std::filesystem::path unfinished = folder / unfinished_;
  const int fd = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) throw Error(Exit::environment, "cannot create " + file.string() + ": " + std::strerror(errno));
  try {
    write_all(fd, text, file.string());
  } catch (...) {
    ::close(fd);
    ::unlink(unfinished.c_str());
    throw;
  }
  ::close(fd);
  std::filesystem::rename(unfinished, file);
}

void FigureReporter::run(const std::stop_token& stop) {
  bool warned = false;
  for (long second = 0; !stop.stop_requested(); ++second) {
    try {  // whatever fails here, the sound goes on
      if (second == 0) sweep();
      const json figures = collect_();
      const bool is_watched = log_is_on_terminal() && !log_shows(LogLevel::detail);
      if (second % 10 == 9 && !is_watched) log_info(figures_line(figures));
      replace(figures.dump() + "\n");
    } catch (const std::exception& error) {
      if (!std::exchange(warned, true)) log_warning(std::string("figures are not written: ") + error.what());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
  }
}

}  // namespace auralis
