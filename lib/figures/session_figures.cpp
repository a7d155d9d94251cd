// SPDX-License-Identifier: MIT
#include "figures/session_figures.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "figures/known.h"
#include "figures/latency.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr std::time_t stale_after_s = 5;
constexpr size_t longest_part = size_t{1} << 20;

bool is_fresh(const struct stat& file) { return std::time(nullptr) - file.st_mtim.tv_sec <= stale_after_s; }

// The text of a file that this user's commands wrote; nothing where it is something else: a FIFO that is opened to be read
// waits for a writer, and another's file may say anything.
std::optional<std::string> read_own_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::optional<std::string> text;
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == ::geteuid() && is_fresh(info)) {
    text.emplace(std::min(longest_part, static_cast<size_t>(info.st_size)), '\0');
    const ssize_t count = ::read(fd, text->data(), text->size());
    text->resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  }
  ::close(fd);
  return text;
}

json read_part(const std::filesystem::path& file) {
  const std::optional<std::string> text = read_own_file(file);
  const json part = text ? json::parse(*text, nullptr, false) : json();
  return part.is_object() ? part : json(nullptr);
}

}  // namespace

SessionFigures read_session_figures(const std::filesystem::path& session_folder, const json& serve) {
  SessionFigures figures{json::object(), json::object(), json::object()};
  for (const FigureInfo& figure : known_figures()) figures.merged[std::string(figure.name)] = nullptr;
  // The server last, so that of figures that all of them have, its own are taken.
  for (const char* command : {"compose", "render", "serve"}) {
    const bool own = std::string_view(command) == "serve" && serve.is_object();
    json part = own ? serve : json(nullptr);
    if (!own && !session_folder.empty())
      part = read_part(session_folder / (std::string(command) + ".metrics.json"));
    if (part.is_object()) {
      if (const json histograms = part.value(histograms_name, json()); histograms.is_object())
        figures.histograms.update(histograms);
      part.erase(histograms_name);
    }
    figures.parts[command] = part;
    if (!part.is_object()) continue;
    for (const auto& [name, value] : part.items()) {
      json& merged = figures.merged[name];
      if ((name == "memory_mb" || name == "cpu_percent") && merged.is_number() && value.is_number()) {
        merged = merged.get<double>() + value.get<double>();
      } else if (name == "uptime_s" && merged.is_number() && value.is_number() &&
                 std::string_view(command) != "serve") {
        merged = std::max(merged.get<double>(), value.get<double>());
      } else if (!value.is_null()) {
        merged = value;
      }
    }
  }
  return figures;
}

}  // namespace auralis
