// SPDX-License-Identifier: MIT
// auralis-stats live: the figures of a running station, from its server or, where none answers, from the session folder.
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/io.h"
#include "base/stop.h"
#include "base/text.h"
#include "live_snapshot.h"
#include "live_table.h"
#include "stats.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr size_t any_number = std::numeric_limits<size_t>::max();
constexpr int table_columns = 64;  // left of the sparklines
constexpr double shortest_watch_s = 0.1;
constexpr double longest_watch_s = 3600.0;

struct LiveOptions {
  std::string url;
  std::string session;
  double watch_s = 0.0;
  bool as_json = false;
  bool as_prometheus = false;
};

Snapshot take_snapshot(const LiveOptions& options) {
  return options.url.empty() ? snapshot_of_session(options.session) : snapshot_of_server(options.url);
}

void put(const std::string& text) { write_all(STDOUT_FILENO, text, "<stdout>"); }

bool emphasised() { return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

std::string one_shot(const LiveOptions& options, const Snapshot& snapshot) {
  if (!options.as_json) return live_table(snapshot, {}, any_number, emphasised());
  json out = snapshot.figures;
  out["parts"] = snapshot.parts;
  out["missing"] = missing_commands(snapshot);
  if (snapshot.stations.is_object()) out["stations"] = snapshot.stations;
  return out.dump(options.watch_s > 0 ? -1 : 2) + "\n";
}

// The terminal's size; zeros where it is not known.
winsize screen_size() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size : winsize{};
}

// Each line over what was there before, then whatever is left below: nothing flickers. What is too wide is cut, and
// what is too much left out, since it would push the first lines off the screen.
std::string drawn_over(const std::string& text, size_t lines) {
  std::string out = "\x1b[?7l\x1b[H";
  for (const char c : text) {
    if (lines == 0) break;
    out += c == '\n' ? std::string("\x1b[K\n") : std::string(1, c);
    if (c == '\n') --lines;
  }
  return out + "\x1b[J\x1b[?7h";
}

std::string next_screen(const LiveOptions& options, History& history) {
  const winsize size = screen_size();
  const size_t lines = size.ws_row > 1 ? size.ws_row - 1u : any_number;
  std::string text;
  try {
    const Snapshot snapshot = take_snapshot(options);
    const int room = std::clamp(size.ws_col - table_columns, 8, 120);
    remember(snapshot, size.ws_col > 0 ? static_cast<size_t>(room) : 16, history);
    text = live_table(snapshot, history, lines, emphasised());
  } catch (const Error& error) {
    text = std::string(error.what()) + "\n";  // it may come back
  }
  return drawn_over(text, lines);
}

// Once, where nobody watches a screen.
std::string next_text(const LiveOptions& options) {
  return options.as_prometheus ? prometheus_text_of(options.url, options.session)
                               : one_shot(options, take_snapshot(options));
}

void watch(const LiveOptions& options) {
  const bool screen = ::isatty(STDOUT_FILENO) == 1 && !options.as_json && !options.as_prometheus;
  History history;
  while (!stop_requested()) {
    put(screen ? next_screen(options, history) : next_text(options));
    pollfd stop{stop_fd(), POLLIN, 0};
    ::poll(&stop, 1, static_cast<int>(options.watch_s * 1000));
  }
  if (screen) put("\n");
}

void run_live(const LiveOptions& options) {
  if (options.watch_s > 0) return watch(options);
  const Snapshot snapshot = take_snapshot(options);
  put(options.as_prometheus ? next_text(options) : one_shot(options, snapshot));
  if (missing_commands(snapshot).size() == 3) {
    throw Error(Exit::environment, "nothing runs in " + snapshot.source + "; scripts/play starts a station");
  }
}

void set_url(LiveOptions& options, const std::string& text) {
  // What is nearly a subcommand is no host.
  constexpr std::array<std::string_view, 3> subcommands{"live", "score", "audio"};
  const std::string_view nearest = nearest_name(text, subcommands);
  if (!nearest.empty()) {
    throw Error(Exit::usage, "URL is \"" + text + "\", did you mean " + std::string(nearest) +
                                 "? (a server of that name: http://" + text + ")");
  }
  options.url = text;
}

// What follows --watch may be its seconds or, where it is no number, the URL.
void set_watch(LiveOptions& options, const std::string& text) {
  char* end = nullptr;
  options.watch_s = std::strtod(text.c_str(), &end);
  const bool number = end != text.c_str() && *end == '\0';
  if (!number && options.url.empty()) {
    options.url = text;
    options.watch_s = 1.0;
  } else if (!number || !(options.watch_s >= shortest_watch_s && options.watch_s <= longest_watch_s)) {
    throw Error(Exit::usage, "--watch is \"" + text + "\", expected 0.1 to 3600 seconds");
  }
}

}  // namespace

void bind_live_stats(cli::Command& command) {
  const auto options = std::make_shared<LiveOptions>();
  command.bind("URL", [options](const std::string& text) { set_url(*options, text); });
  command.bind("--session", options->session);
  command.bind("--watch", [options](const std::string& text) { set_watch(*options, text); });
  command.bind("--json", options->as_json);
  command.bind("--prometheus", options->as_prometheus);
  command.on_run([options, &command] {
    if (!options->url.empty() && command.given("--session"))
      throw Error(Exit::usage, "a URL and --session exclude each other");
    run_live(*options);
  });
}

}  // namespace auralis
