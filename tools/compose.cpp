// SPDX-License-Identifier: MIT
// auralis-compose: a preset and a seed become a stream of events, at once or in real time.
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/session.h"
#include "base/stop.h"
#include "cli.h"
#include "compose/chart/chart_reader.h"
#include "compose/composer.h"
#include "compose/live/control_log.h"
#include "compose/live/live.h"
#include "compose/midi/midi_file.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/preset_yaml.h"
#include "model/event_stream.h"
#include "torch_plugin.h"

namespace auralis {
namespace {

constexpr std::array<std::string_view, 2> formats{"jsonl", "midi"};
constexpr double offline_step_s = 10.0;
constexpr const char* default_preset = "focus";

struct Options {
  PieceOptions piece;
  std::string format = "jsonl";
  std::string output = "-";
  bool live = false;
  int lookahead_ms = 40;
  std::string session = "default";
  std::string control;
  std::optional<std::string> log;
  bool list_presets = false;
  std::string show_preset;
};

CLI::Validator number_from(double min, double max, const std::string& range) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        double value = 0.0;
        const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = status == std::errc() && rest == text.data() + text.size();
        return whole && value >= min && value <= max ? ""
                                                     : "is \"" + text + "\", expected a number from " + range;
      },
      "");
}

// --key, --mode, --bpm …: a control's value from the start.
void bind_control(CLI::App& app, const ControlInfo& info, std::optional<ControlValue>& value) {
  if (info.kind == ControlKind::preset) return;  // --preset takes files, too
  app.add_option_function<std::string>(
         "--" + std::string(info.name),
         [&info, &value](const std::string& text) {
           try {
             value = parse_text(info, text);
           } catch (const ControlError& error) {
             throw CLI::ValidationError("--" + std::string(error.what()));
           }
         },
         std::string(info.title) + ": " + std::string(info.meaning) + "; " + expected_value(info))
      ->type_name(std::string(info.kind == ControlKind::number ? "N" : "NAME"));
}

void bind(CLI::App& app, Options& options) {
  PieceOptions& piece = options.piece;
  app.add_option("--preset", piece.preset,
                 "What the piece is like: a name of --list-presets or a YAML file [focus]")
      ->type_name("NAME|FILE");
  app.add_option("--seed", piece.seed,
                 "Which piece; without it one is drawn and told in the stream's first line")
      ->type_name("N")
      ->check([](const std::string& text) -> std::string {
        uint64_t value = 0;
        const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
        return status == std::errc() && rest == text.data() + text.size()
                   ? ""
                   : "is \"" + text + "\", expected a whole number from 0 to 18446744073709551615";
      });
  cli::add_duration(app, "--duration", piece.duration_s, "Length, such as 90s, 10m or 1h; endless without");
  for (size_t i = 0; i < control_count; ++i) bind_control(app, control_table()[i], piece.initial.values[i]);
  app.add_option("--melody", piece.melody,
                 "Who writes the lead: constraint, transformer or none [constraint]")
      ->type_name("KIND")
      ->check(cli::one_of(melody_names));
  app.add_option("--harmony", piece.harmony, "A chord chart or a MIDI file whose chords to play")
      ->type_name("FILE");
  CLI::Option* format = app.add_option("--format", options.format, "jsonl, or midi for a whole piece [jsonl]")
                            ->type_name("FORMAT")
                            ->check(cli::one_of(formats));
  app.add_option("-o,--output", options.output, "Where to write; - is stdout [-]")->type_name("FILE");
  CLI::Option* live =
      app.add_flag("--live", options.live, "In real time, steered through the control socket");
  live->excludes(format);
  app.add_option("--lookahead", options.lookahead_ms,
                 "How far ahead of its time an event is written, 20 to 5000 ms [40]")
      ->type_name("MS")
      ->needs(live)
      ->check(number_from(20, 5000, "20 to 5000"));
  cli::add_session(app, options.session, "Names the folder of socket and figures [default]");
  app.add_option("--control", options.control, "Another place for the control socket")
      ->type_name("PATH")
      ->needs(live);
  app.add_option("--control-log", options.log, "With --live, record the controls there; without, replay them")
      ->type_name("FILE");
  app.add_flag("--list-presets", options.list_presets, "List the presets");
  app.add_option("--show-preset", options.show_preset, "Print a preset whole, as YAML")->type_name("NAME");
}

// Small enough to be read out over a telephone; any 64-bit seed may be given.
uint64_t draw_seed() {
  uint32_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed)
    throw Error(Exit::environment, "no random numbers to be had");
  return seed;
}

MelodyKind melody_kind(const std::optional<std::string>& name) {
  if (!name) return MelodyKind::constraint;
  return static_cast<MelodyKind>(std::ranges::find(melody_names, *name) - melody_names.begin());
}

// Where the stream goes: stdout, or a file that appears when it is whole.
class Output {
 public:
  explicit Output(const std::string& path) {
    if (path != "-") file_.emplace(path);
    name_ = path == "-" ? "<stdout>" : path;
  }
  int fd() const { return file_ ? file_->fd() : STDOUT_FILENO; }
  const std::string& name() const { return name_; }
  void write(std::string_view bytes) { write_all(fd(), bytes, name_); }
  void commit() {
    if (file_) file_->commit();
  }

 private:
  std::optional<AtomicFile> file_;
  std::string name_;
};

// The whole piece as fast as it goes: what the log holds takes effect at its times, a stop request ends it musically.
void compose_offline(Composer& composer, const ControlLog& log, double duration_s,
                     const std::function<void(std::vector<Event>&)>& write) {
  std::vector<Event> events;
  auto control = log.controls.begin();
  bool finishing = false;
  for (double t = 0.0; !composer.ended();) {
    double next = t + offline_step_s;
    if (control != log.controls.end() && control->t <= next) {
      next = control->t;
      try {
        composer.apply(control->control, next, events);
      } catch (const ControlError& error) {
        throw Error::at(log.path, control->line, error.what());
      }
      ++control;
    } else if (!finishing && (stop_requested() || (log.stop_s && *log.stop_s <= next))) {
      finishing = true;
      if (log.stop_s && *log.stop_s >= t) next = std::min(next, *log.stop_s);
      composer.compose_until(next, events);
      if (!composer.ended()) composer.finish(next, events);
      control = log.controls.end();
    } else {
      composer.compose_until(next, events);
    }
    t = next;
    write(events);
    events.clear();
    if (duration_s > 0.0) {
      show_progress("composed " + std::to_string(static_cast<int>(100.0 * std::min(1.0, t / duration_s))) +
                    " %");
    }
  }
}

void compose(Options options) {
  ControlLog log;
  if (options.log && !options.live) {
    log = read_control_log(*options.log);
    options.piece.complete(log.options);
  }
  PieceOptions& piece = options.piece;
  const bool midi = options.format == "midi";
  if (midi && !piece.duration_s && !log.stop_s) {
    throw Error(Exit::usage,
                "--format midi writes whole pieces, so it needs --duration, such as --duration 10m");
  }
  if (midi && options.output == "-") {
    cli::refuse_terminal("a MIDI file", "add -o piece.mid, or pipe it on");
  }
  if (!piece.preset) piece.preset = default_preset;
  if (!piece.seed) piece.seed = draw_seed();
  const Preset preset = load_preset(*piece.preset);

  ComposeSettings settings;
  settings.seed = *piece.seed;
  settings.duration_s = piece.duration_s;
  settings.initial = piece.initial;
  settings.harmony = installed_harmony_tables();
  settings.find_preset = load_preset;
  settings.melody = melody_kind(piece.melody);
  std::unique_ptr<MelodySource> source;
  if (settings.melody == MelodyKind::transformer) {
    source = open_transformer(settings.seed);
    settings.source = source.get();
  }
  if (piece.harmony) {
    const std::string* key = piece.initial.text(ControlId::key);
    const std::string* mode = piece.initial.text(ControlId::mode);
    const Scale scale{key_pitch_class(key != nullptr ? *key : preset.key).value_or(0),
                      find_mode(mode != nullptr ? *mode : preset.mode)};
    settings.chart = read_harmony(*piece.harmony, scale);
  }
  Composer composer(preset, settings);
  Output output(options.output);

  if (options.live) {
    LiveSettings live;
    live.lookahead_s = options.lookahead_ms * 1e-3;
    live.session = open_session(options.session);
    live.socket =
        options.control.empty() ? live.session / control_socket_name : std::filesystem::path(options.control);
    live.log = options.log;
    live.options = piece;
    live.output_fd = output.fd();
    live.output_name = output.name();
    play_live(composer, live);
  } else if (midi) {
    std::vector<Event> all;
    compose_offline(composer, log, piece.duration_s.value_or(0.0), [&](std::vector<Event>& events) {
      all.insert(all.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
    });
    output.write(midi_from_events(all));
  } else {
    compose_offline(composer, log, options.output == "-" ? 0.0 : piece.duration_s.value_or(0.0),
                    [&](std::vector<Event>& events) {
                      std::string lines;
                      for (const Event& event : events) lines += to_line(event);
                      output.write(lines);
                    });
  }
  output.commit();
}

void print_presets() {
  std::string text;
  for (const PresetInfo& info : list_presets()) {
    text += info.name + std::string(info.name.size() < 16 ? 16 - info.name.size() : 1, ' ') + info.title;
    if (!info.description.empty()) text += ": " + info.description;
    text += "\n";
  }
  write_all(STDOUT_FILENO, text, "<stdout>");
}

}  // namespace
}  // namespace auralis

int main(int argc, char** argv) {
  using namespace auralis;
  CLI::App app{
      "Example: auralis-compose --preset focus --seed 7 --duration 10m | auralis-render -o piece.flac\n\n"
      "Composes ambient music as a stream of events, one JSON object a line; see auralis-compose(1).",
      "auralis-compose"};
  Options options;
  bind(app, options);
  return cli::run(app, argc, argv, [&options] {
    if (options.list_presets) {
      print_presets();
    } else if (!options.show_preset.empty()) {
      write_all(STDOUT_FILENO, preset_yaml(load_preset(options.show_preset)), "<stdout>");
    } else {
      compose(options);
    }
  });
}
