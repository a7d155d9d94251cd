// SPDX-License-Identifier: MIT
#include "core/session_figures.h"

#include <array>
#include <chrono>
#include <fstream>
#include <string>
#include <string_view>

namespace auralis {
namespace {

using nlohmann::json;

constexpr auto stale_after = std::chrono::seconds(5);

constexpr std::array<std::string_view, 25> figure_names{"synthesis_latency_ms",
                                                        "realtime_factor",
                                                        "voices",
                                                        "voices_stolen",
                                                        "events_total",
                                                        "late_events_total",
                                                        "pacer_slips_total",
                                                        "buffer_depth_ms",
                                                        "underruns_total",
                                                        "clients",
                                                        "clients_total",
                                                        "chunks_sent_total",
                                                        "chunks_dropped_total",
                                                        "send_lateness_ms",
                                                        "control_latency_ms",
                                                        "end_to_end_latency_ms",
                                                        "client_buffer_ms",
                                                        "client_underruns_total",
                                                        "bytes_sent_total",
                                                        "encode_ms",
                                                        "memory_mb",
                                                        "cpu_percent",
                                                        "uptime_s",
                                                        "device",
                                                        "version"};

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
  for (const std::string_view name : figure_names) figures.merged[std::string(name)] = nullptr;
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
