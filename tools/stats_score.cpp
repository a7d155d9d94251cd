// SPDX-License-Identifier: MIT
// `auralis-stats score EVENTS`: what was composed, as a table, JSON or a picture.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "compose/midi/midi_file.h"
#include "compose/preset/preset_files.h"
#include "compose/score/score.h"
#include "compose/score/score_plot.h"
#include "model/event_stream.h"
#include "stats.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string events;
  std::string plot;
  bool json = false;
};

std::string read_input(const std::string& path) {
  if (path != "-") return read_file(path);
  std::string bytes;
  std::array<char, 65536> buffer;
  for (long count = 0; (count = read_some(STDIN_FILENO, buffer, "<stdin>")) > 0;) {
    bytes.append(buffer.data(), static_cast<size_t>(count));
  }
  return bytes;
}

std::vector<Event> read_events(const std::string& path) {
  const std::string bytes = read_input(path);
  if (is_midi(bytes)) return events_from_midi(bytes, load_preset("focus"), path == "-" ? "<stdin>" : path);
  std::vector<Event> events;
  EventReader reader(path, log_warning);
  const auto keep = [&events](Event&& event) {
    if (!std::holds_alternative<AdvanceEvent>(event)) events.push_back(std::move(event));
  };
  reader.feed(bytes, keep);
  if (!reader.finish(keep)) log_warning("the stream has no \"end\"; it is measured to its last event");
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
  const std::vector<Event> events = read_events(options.events);
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
