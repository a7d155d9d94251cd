// SPDX-License-Identifier: MIT
// auralis-stats live: the figures of a running station, from its server or, where none answers, from the session folder.
#include <curl/curl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/io.h"
#include "base/session.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli.h"
#include "figures/prometheus.h"
#include "figures/session_figures.h"
#include "model/music.h"
#include "sparkline.h"
#include "stats.h"

namespace auralis {
namespace {

using nlohmann::json;

struct LiveOptions {
  std::string url;
  std::string session = "default";
  double watch_s = 0.0;
  bool as_json = false;
  bool as_prometheus = false;
};

struct Snapshot {
  json figures;
  json parts;
  json status;         // null without a server
  std::string source;  // where the figures come from
};

// libcurl, for it knows TLS, proxies and redirects, and is on every Debian.
json get_json(const std::string& url) {
  static const bool ready = ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> request(::curl_easy_init(),
                                                                      ::curl_easy_cleanup);
  if (!ready || !request) throw Error(Exit::environment, "libcurl cannot start");
  std::string body;
  const auto append = +[](char* data, size_t size, size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
  };
  CURL* curl = request.get();
  ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl, CURLOPT_TIMEOUT, 5L);
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  const CURLcode result = ::curl_easy_perform(curl);
  if (result != CURLE_OK)
    throw Error(Exit::environment, "cannot reach " + url + ": " + ::curl_easy_strerror(result));
  long status = 0;
  ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  json answer = json::parse(body, nullptr, false);
  if (status != 200 || !answer.is_object()) {
    throw Error(Exit::environment,
                url + " answered " + std::to_string(status) + ", expected the figures of an auralis-serve");
  }
  return answer;
}

Snapshot take_snapshot(const LiveOptions& options) {
  if (options.url.empty()) {
    SessionFigures figures = read_session_figures(session_path(options.session));
    return {std::move(figures.merged), std::move(figures.parts), nullptr, "session " + options.session};
  }
  std::string base = options.url.find("://") == std::string::npos ? "http://" + options.url : options.url;
  while (base.ends_with('/')) base.pop_back();
  Snapshot snapshot;
  snapshot.figures = get_json(base + "/api/metrics");
  snapshot.parts = snapshot.figures.value("parts", json::object());
  snapshot.figures.erase("parts");
  snapshot.status = get_json(base + "/api/status");
  snapshot.source = base;
  return snapshot;
}

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

std::vector<Group> table(const Snapshot& snapshot) {
  const auto figure = [&snapshot](const char* name) { return snapshot.figures.value(name, json()); };
  return {
      {"Making",
       {{"notes and other events", quantity(figure("events_total")), "", true},
        {"voices sounding", number(figure("voices"), "", 0), "voices"},
        {"voices stolen", quantity(figure("voices_stolen")), ""},
        {"real-time factor", number(figure("realtime_factor"), " ×", 1), "realtime_factor"},
        {"synthesis, ms", latency(figure("synthesis_latency_ms")), "synthesis_latency_ms.p95"},
        {"late events", quantity(figure("late_events_total")), ""},
        {"pacer slips", quantity(figure("pacer_slips_total")), ""},
        {"device", figure("device").is_string() ? figure("device").get<std::string>() : "–", "", true}}},
      {"Sending",
       {{"listeners now", number(figure("clients"), "", 0), "clients"},
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
        {"version", figure("version").is_string() ? figure("version").get<std::string>() : "–", "", true}}}};
}

std::string headline(const Snapshot& snapshot) {
  const json& from =
      snapshot.status.is_object() ? snapshot.status : snapshot.parts.value("compose", json::object());
  const json state = from.is_object() && from.contains("state") ? from["state"] : from;
  std::string text;
  for (const char* name : {"preset", "key", "mode", "chord"}) {
    if (state.is_object() && state.value(name, json()).is_string()) {
      text += (text.empty() ? "" : " · ") + state[name].get<std::string>();
    }
  }
  if (state.is_object() && state.value("bpm", json()).is_number())
    text += " · " + number(state["bpm"], " bpm", 0);
  return "Auralis, " + snapshot.source + (text.empty() ? "" : ": " + text);
}

std::vector<std::string> missing(const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const char* name : {"compose", "render", "serve"}) {
    if (!snapshot.parts.value(name, json()).is_object()) names.push_back(std::string("auralis-") + name);
  }
  return names;
}

std::string missing_line(const Snapshot& snapshot) {
  std::string text;
  for (const std::string& name : missing(snapshot)) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "" : "not running in this session: " + text;
}

using History = std::map<std::string, std::deque<double>>;

void remember(const Snapshot& snapshot, const std::vector<Group>& groups, size_t kept, History& history) {
  for (const Group& group : groups) {
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

// `lines`: how many there is room for.
std::string print_table(const Snapshot& snapshot, const std::vector<Group>& groups, const History& history,
                        size_t lines = 1000) {
  size_t needed = missing_line(snapshot).empty() ? 1 : 2;
  for (const Group& group : groups) needed += 2 + group.rows.size();
  const bool low = needed > lines;

  const bool plain = ::isatty(STDOUT_FILENO) != 1 || std::getenv("NO_COLOR") != nullptr;
  const auto strong = [plain](const std::string& text) {
    return plain ? text : "\x1b[1m" + text + "\x1b[0m";
  };
  std::string out = strong(headline(snapshot)) + "\n";
  if (const std::string line = missing_line(snapshot); !line.empty()) out += line + "\n";
  for (const Group& group : groups) {
    out += (low ? "" : "\n") + strong(group.title) + "\n";
    for (const Row& row : group.rows) {
      if (low && row.minor) continue;
      out += "  " + row.name + std::string(30 - std::min<size_t>(width(row.name), 29), ' ') + row.value;
      const auto values = history.find(row.track);
      if (values != history.end() && values->second.size() > 1) {
        out += std::string(30 - std::min<size_t>(width(row.value), 29), ' ') +
               sparkline({values->second.begin(), values->second.end()});
      }
      out += "\n";
    }
  }
  if (history.empty()) out += "\nof a latency: median · 95 % · 99 % · most, over the last minute\n";
  return out;
}

void put(const std::string& text) { write_all(STDOUT_FILENO, text, "stdout"); }

std::string one_shot(const LiveOptions& options, const Snapshot& snapshot) {
  if (options.as_prometheus) return prometheus_text(snapshot.figures);
  if (!options.as_json) return print_table(snapshot, table(snapshot), {});
  json out = snapshot.figures;
  out["parts"] = snapshot.parts;
  out["missing"] = missing(snapshot);
  return out.dump(options.watch_s > 0 ? -1 : 2) + "\n";
}

void watch(const LiveOptions& options) {
  const bool screen = ::isatty(STDOUT_FILENO) == 1 && !options.as_json && !options.as_prometheus;
  History history;
  size_t known_rows = 0;
  while (!stop_requested()) {
    std::string text;
    try {
      const Snapshot snapshot = take_snapshot(options);
      if (screen) {
        winsize size{};
        const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
        known_rows = known ? size.ws_row : 0;
        const std::vector<Group> groups = table(snapshot);
        remember(snapshot, groups, known ? static_cast<size_t>(std::clamp(size.ws_col - 64, 8, 120)) : 16,
                 history);
        text = print_table(snapshot, groups, history, known_rows > 1 ? known_rows - 1 : 1000);
      } else {
        text = one_shot(options, snapshot);
      }
    } catch (const Error& error) {
      if (!screen) throw;
      text = std::string(error.what()) + "\n";  // it may come back
    }
    if (screen) {
      // Each line over what was there before, then whatever is left below: nothing flickers.
      // What is too wide is cut, and what is too much left out: it would push the first lines out.
      std::string lines = "\x1b[?7l\x1b[H";
      size_t room = known_rows > 1 ? known_rows - 1 : 1000;
      for (const char c : text) {
        if (room == 0) break;
        lines += c == '\n' ? std::string("\x1b[K\n") : std::string(1, c);
        if (c == '\n') --room;
      }
      text = lines + "\x1b[J\x1b[?7h";
    }
    put(text);
    pollfd stop{stop_fd(), POLLIN, 0};
    ::poll(&stop, 1, static_cast<int>(options.watch_s * 1000));
  }
  if (screen) put("\n");
}

void run_live(const LiveOptions& options) {
  if (options.watch_s > 0) return watch(options);
  const Snapshot snapshot = take_snapshot(options);
  put(one_shot(options, snapshot));
  if (missing(snapshot).size() == 3) {
    throw Error(Exit::environment, "nothing runs in " + snapshot.source + "; scripts/play starts a station");
  }
}

}  // namespace

StatsCommand add_live_stats(CLI::App& app) {
  CLI::App* live =
      app.add_subcommand("live", "Figures of a running station (what is shown without a subcommand)");
  const auto options = std::make_shared<LiveOptions>();
  auto* url = live->add_option("URL", options->url, "Its server, such as http://localhost:8000")
                  ->check([](const std::string& text) -> std::string {
                    // What is nearly a subcommand is no host.
                    constexpr std::array<std::string_view, 3> subcommands{"live", "score", "audio"};
                    const std::string_view nearest = nearest_name(text, subcommands);
                    return nearest.empty() ? ""
                                           : "is \"" + text + "\", did you mean " + std::string(nearest) +
                                                 "? (a server of that name: http://" + text + ")";
                  });
  auto* session =
      cli::add_session(*live, options->session, "Without a URL: the session whose figures to read")
          ->excludes(url)
          ->capture_default_str();
  // What follows --watch may be its seconds or, where it is no number, the URL.
  live->add_option_function<std::string>(
          "--watch",
          [options](const std::string& text) {
            char* end = nullptr;
            options->watch_s = std::strtod(text.c_str(), &end);
            const bool number = end != text.c_str() && *end == '\0';
            if (!number && options->url.empty()) {
              options->url = text;
              options->watch_s = 1.0;
            } else if (!number || !(options->watch_s >= 0.1 && options->watch_s <= 3600.0)) {
              throw CLI::ValidationError("--watch", "is \"" + text + "\", expected 0.1 to 3600 seconds");
            }
          },
          "Again every S seconds (1), as a dashboard on a terminal")
      ->type_name("[S]")
      ->expected(0, 1)
      ->default_str("1");
  auto* as_json = live->add_flag("--json", options->as_json, "As JSON");
  live->add_flag("--prometheus", options->as_prometheus, "In the Prometheus text format")->excludes(as_json);
  return {live, [options, session] {
            if (!options->url.empty() && session->count() > 0)
              throw Error(Exit::usage, "a URL and --session exclude each other");
            run_live(*options);
          }};
}

}  // namespace auralis
