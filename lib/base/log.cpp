// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <unistd.h>

#include <cstdio>
#include <mutex>

#include "base/text.h"

namespace auralis {
namespace {

std::mutex mutex;
std::string program_name = "auralis";
LogLevel shown = LogLevel::info;
bool progress_on_screen = false;

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

void set_log(std::string program, LogLevel shown_up_to) {
  const std::lock_guard lock(mutex);
  program_name = std::move(program);
  shown = shown_up_to;
}

void log(LogLevel level, const std::string& message) {
  const std::lock_guard lock(mutex);
  if (level > shown) return;
  const char* prefix = level == LogLevel::error ? "error: " : level == LogLevel::warning ? "warning: " : "";
  put((progress_on_screen ? "\r\x1b[K" : "") + program_name + ": " + prefix + printable(message) + "\n");
  progress_on_screen = false;
}

void show_progress(const std::string& text) {
  static const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const std::lock_guard lock(mutex);
  if (!terminal || shown < LogLevel::info) return;
  if (text.empty() && !progress_on_screen) return;
  put("\r\x1b[K" + printable(text));
  progress_on_screen = !text.empty();
}

}  // namespace auralis
