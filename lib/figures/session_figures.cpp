// SPDX-License-Identifier: MIT
#include "figures/session_figures.h"

#include <chrono>
#include <fstream>
#include <string>
#include <string_view>

#include "figures/known.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr auto stale_after = std::chrono::seconds(5);

json read_part(const std::filesystem::path& file) {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(file, error);
  if (error || std::filesystem::file_time_type::clock::now() - written > stale_after) return nullptr;
  std::ifstream stream(file);
  json part = json::parse(stream, nullptr, false);
  return part.is_object() ? part : json(nullptr);
}

}  // namespace

SessionFigures read_session_figures(const std::filesystem::path& session_folder, const json& serve) {
  SessionFigures figures{json::object(), json::object()};
  for (const FigureInfo& figure : known_figures()) figures.merged[std::string(figure.name)] = nullptr;
  // The server last, so that what all of them have is told of it.
  for (const char* command : {"compose", "render", "serve"}) {
    const bool own = std::string_view(command) == "serve" && serve.is_object();
    const json part = own ? serve : read_part(session_folder / (std::string(command) + ".metrics.json"));
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
