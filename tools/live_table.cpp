// SPDX-License-Identifier: MIT
#include "live_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <string_view>

#include "base/text.h"
#include "sparkline.h"

namespace auralis {
namespace {

using nlohmann::json;

std::string number(const json& value, const char* unit, int decimals) {
  if (!value.is_number()) return "–";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f%s", decimals, value.get<double>(), unit);
  return text;
}

std::string quantity(const json& value) {
  if (!value.is_number()) return "–";
  double scaled = value.get<double>();
  const char* suffix = "";
  for (const char* next : {" k", " M", " G", " T"}) {
    if (std::abs(scaled) < 10'000) break;
    scaled /= 1000;
    suffix = next;
  }
  return number(scaled, suffix, *suffix == '\0' ? 0 : 1);
}

std::string text_of(const json& value) {
  return value.is_string() ? printable(value.get<std::string>()) : "–";
}

std::string duration(const json& value) {
  if (!value.is_number()) return "–";
  const auto seconds = static_cast<long>(value.get<double>());
  char text[64];
  if (seconds >= 3600) {
    std::snprintf(text, sizeof text, "%ld h %02ld min", seconds / 3600, seconds / 60 % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld min %02ld s", seconds / 60, seconds % 60);
  }
  return text;
}

std::string latency(const json& value) {
  if (!value.is_object() || !value.value("p50", json()).is_number()) return "–";
  std::string text = number(value["p50"], "", 1);
  for (const char* name : {"p95", "p99", "max"}) {
    if (value.contains(name)) text += " · " + number(value[name], "", 1);
  }
  return text;
}

// Columns on a screen, not bytes.
size_t width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

struct Row {
  std::string name;
  std::string value;
  std::string track;   // the figure that a sparkline follows, such as "encode_ms.p50"
  bool minor = false;  // left out first where the window is low
};
struct Group {
  std::string title;
  std::vector<Row> rows;
};

std::vector<Group> groups_of(const Snapshot& snapshot) {
  const auto figure = [&snapshot](const char* name) { return snapshot.figures.value(name, json()); };
  return {
      {"Making",
       {{"notes and other events", quantity(figure("events_total")), "", true},
        {"voices sounding", number(figure("voices"), "", 0), "voices"},
        {"voices stolen", quantity(figure("voices_stolen")), ""},
        {"voices shed", quantity(figure("voices_shed_total")), ""},
        {"real-time factor", number(figure("realtime_factor"), " ×", 1), "realtime_factor"},
        {"synthesis, ms", latency(figure("synthesis_latency_ms")), "synthesis_latency_ms.p95"},
        {"late events", quantity(figure("late_events_total")), ""},
        {"pacer slips", quantity(figure("pacer_slips_total")), ""},
        {"device", text_of(figure("device")), "", true}}},
      {"Sending",
       {{"listeners now", number(figure("clients"), "", 0), "clients"},
        {"of them over WebRTC", number(figure("webrtc_clients"), "", 0), "webrtc_clients", true},
        {"listeners ever", quantity(figure("clients_total")), "", true},
        {"sent", quantity(figure("bytes_sent_total")) + "B", "", true},
        {"chunks sent", quantity(figure("chunks_sent_total")), "", true},
        {"chunks dropped", quantity(figure("chunks_dropped_total")), ""},
        {"send lateness, ms", latency(figure("send_lateness_ms")), "send_lateness_ms.p95"},
        {"encoding, ms", latency(figure("encode_ms")), "encode_ms.p50", true},
        {"control to sound, ms", latency(figure("control_latency_ms")), "control_latency_ms.p95"},
        {"composer to sending, ms", latency(figure("end_to_end_latency_ms")), "end_to_end_latency_ms.p95"},
        {"held in the server", number(figure("buffer_depth_ms"), " ms", 0), "buffer_depth_ms"},
        {"interruptions of the input", quantity(figure("underruns_total")), ""}}},
      {"Listening",
       {{"held by listeners, ms",
         figure("client_buffer_ms").is_object() && figure("client_buffer_ms").value("p50", json()).is_number()
             ? number(figure("client_buffer_ms")["p50"], "", 0) + ", least " +
                   number(figure("client_buffer_ms").value("min", json()), "", 0)
             : "–",
         "client_buffer_ms.p50"},
        {"interruptions at listeners", quantity(figure("client_underruns_total")), ""}}},
      {"Machine",
       {{"processor, of one core", number(figure("cpu_percent"), " %", 1), "cpu_percent"},
        {"memory", number(figure("memory_mb"), " MB", 1), "memory_mb"},
        {"running for", duration(figure("uptime_s")), ""},
        {"version", text_of(figure("version")), "", true}}}};
}

std::string headline(const Snapshot& snapshot) {
  const json& from =
      snapshot.status.is_object() ? snapshot.status : snapshot.parts.value("compose", json::object());
  const json state = from.is_object() && from.contains("state") ? from["state"] : from;
  std::string text;
  for (const char* name : {"preset", "key", "mode", "chord"}) {
    if (state.is_object() && state.value(name, json()).is_string()) {
      text += (text.empty() ? "" : " · ") + printable(state[name].get<std::string>());
    }
  }
  if (state.is_object() && state.value("bpm", json()).is_number())
    text += " · " + number(state["bpm"], " bpm", 0);
  return "Auralis, " + snapshot.source + (text.empty() ? "" : ": " + text);
}

std::string missing_line(const Snapshot& snapshot) {
  std::string text;
  for (const std::string& name : missing_commands(snapshot)) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "" : "not running in this session: " + text;
}

std::string padded(const std::string& text, size_t columns) {
  return text + std::string(columns - std::min(width(text), columns - 1), ' ');
}

// A station a row, beside what one looks for first.
std::vector<std::string> station_lines(const json& stations) {
  std::vector<std::string> lines;
  if (!stations.is_object()) return lines;
  const auto line = [](const std::string& name, std::initializer_list<std::string> columns) {
    std::string text = "  " + padded(name, 20);
    for (const std::string& column : columns) text += padded(column, 13);
    return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };
  lines.push_back(
      line("", {"listeners", "over WebRTC", "voices", "interrupted", "late, ms p99", "processor", "memory"}));
  for (const auto& [name, figures] : stations.items()) {
    if (!figures.is_object()) continue;
    const auto figure = [&figures = figures](const char* wanted) { return figures.value(wanted, json()); };
    const json late = figure("send_lateness_ms");
    lines.push_back(line(printable(name),
                         {number(figure("clients"), "", 0), number(figure("webrtc_clients"), "", 0),
                          number(figure("voices"), "", 0), quantity(figure("underruns_total")),
                          number(late.is_object() ? late.value("p99", json()) : json(), "", 1),
                          number(figure("cpu_percent"), " %", 1), number(figure("memory_mb"), " MB", 1)}));
  }
  return lines;
}

// One row: the figure's name, its value, how it moved.
std::string row_line(const Row& row, const History& history) {
  const auto values = history.find(row.track);
  const bool moved = values != history.end() && values->second.size() > 1;
  std::string line = "  " + padded(row.name, 30);
  line +=
      moved ? padded(row.value, 30) + sparkline({values->second.begin(), values->second.end()}) : row.value;
  return line + "\n";
}

}  // namespace

void remember(const Snapshot& snapshot, size_t kept, History& history) {
  for (const Group& group : groups_of(snapshot)) {
    for (const Row& row : group.rows) {
      if (row.track.empty()) continue;
      const size_t dot = row.track.find('.');
      json value = snapshot.figures.value(row.track.substr(0, dot), json());
      if (dot != std::string::npos)
        value = value.is_object() ? value.value(row.track.substr(dot + 1), json()) : json();
      std::deque<double>& values = history[row.track];
      values.push_back(value.is_number() ? value.get<double>() : NAN);
      while (values.size() > kept) values.pop_front();
    }
  }
}

std::string live_table(const Snapshot& snapshot, const History& history, size_t lines, bool emphasised) {
  const std::vector<Group> groups = groups_of(snapshot);
  const std::string missing = missing_line(snapshot);
  size_t needed = missing.empty() ? 1 : 2;
  const std::vector<std::string> stations = station_lines(snapshot.stations);
  for (const Group& group : groups) needed += 2 + group.rows.size();
  needed += stations.empty() ? 0 : 2 + stations.size();
  const bool low = needed > lines;

  const auto heading = [emphasised](const std::string& text) {
    return (emphasised ? "\x1b[1m" + text + "\x1b[0m" : text) + "\n";
  };
  std::string out = heading(headline(snapshot));
  if (!missing.empty()) out += missing + "\n";
  for (const Group& group : groups) {
    out += (low ? "" : "\n") + heading(group.title);
    for (const Row& row : group.rows) {
      if (!low || !row.minor) out += row_line(row, history);
    }
  }
  if (!stations.empty()) out += (low ? "" : "\n") + heading("Stations");
  for (const std::string& line : stations) out += line;
  if (history.empty()) out += "\nof a latency: median · 95 % · 99 % · most, over the last minute\n";
  return out;
}

}  // namespace auralis
