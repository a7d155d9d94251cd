// SPDX-License-Identifier: MIT
// `auralis-stats score EVENTS`: what was composed, as a table, JSON or a picture.
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "compose/score/score.h"
#include "compose/score/score_plot.h"
#include "render/event_input.h"
#include "render/input.h"
#include "stats.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr size_t most_events = 2'000'000;  // some 200 hours of music
constexpr const char* midi_preset = "focus";

struct Options {
  std::string events;
  std::string plot;
  bool json = false;
};

std::vector<Event> read_events(const std::string& path) {
  Input input(path, false);
  EventInput reader(input, midi_preset);
  std::vector<Event> events;
  bool ended = false;
  const auto keep = [&](const Event& event) {
    if (std::holds_alternative<AdvanceEvent>(event)) return;
    if (events.size() == most_events) {
      throw Error(Exit::bad_input, input.name() + ": more than " + std::to_string(most_events) +
                                       " events, expected a piece that ends");
    }
    ended = std::holds_alternative<EndEvent>(event);
    events.push_back(event);
  };
  while (reader.read(keep)) {
  }
  if (!ended) log_warning("the stream has no \"end\"; it is measured to its last event");
  return events;
}

std::string shown(const ordered_json& value) {
  if (value.is_null()) return "-";
  if (!value.is_structured()) return value.dump();
  std::string out;
  for (const auto& [name, part] : value.items()) {
    out += (out.empty() ? "" : "  ") + (value.is_object() ? name + " " : std::string()) + shown(part);
  }
  return out.empty() ? "-" : out;
}

void score(const Options& options) {
  if (!options.plot.empty() && !options.plot.ends_with(".svg")) {
    throw Error(Exit::usage, "--plot is \"" + options.plot + "\", expected a name that ends in .svg");
  }
  // A stream may be broken off to be measured to there, a file is measured whole.
  if (options.events != "-") end_at_once_on_stop();
  const std::vector<Event> events = read_events(options.events);
  end_at_once_on_stop();
  if (!options.plot.empty()) write_file(options.plot, score_svg(events));
  const ordered_json measures = measure_score(events);
  std::string text;
  if (options.json) {
    text = measures.dump(2) + "\n";
  } else {
    for (const auto& [name, value] : measures.items()) {
      text +=
          name + std::string(name.size() < 32 ? 32 - name.size() : 1, ' ') + printable(shown(value)) + "\n";
    }
  }
  write_all(STDOUT_FILENO, text, "<stdout>");
}

}  // namespace

void bind_score_stats(cli::Command& command) {
  const auto options = std::make_shared<Options>();
  command.bind("EVENTS", options->events);
  command.bind("--json", options->json);
  command.bind("--plot", options->plot);
  command.on_run([options] { score(*options); });
}

}  // namespace auralis
