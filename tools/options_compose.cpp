// SPDX-License-Identifier: MIT
#include <array>

#include "compose/composer.h"
#include "options.h"

namespace auralis::cli {
namespace {

constexpr std::array<std::string_view, 2> formats{"jsonl", "midi"};
constexpr std::array<std::string_view, 2> midi_tunings{"mts", "bend"};

constexpr const char* piece = "The piece";
constexpr const char* output = "Where it goes";
constexpr const char* live = "In real time";
constexpr const char* presets = "Presets";

std::string_view placeholder(ControlKind kind) {
  if (kind == ControlKind::key) return "KEY";
  if (kind == ControlKind::mode) return "MODE";
  if (kind == ControlKind::mix) return "MIX";
  return kind == ControlKind::number ? "N" : "NAME";
}

// --key, --mode, --bpm …: a control's value from the start. What takes files, too, stands in the tables below.
void add_controls(std::vector<OptionInfo>& options) {
  for (const ControlInfo& info : control_table) {
    if (takes_files(info)) continue;
    options.push_back({.names = "--" + std::string(info.name),
                       .alias = &info == &info_of(ControlId::bpm) ? "--tempo" : "",
                       .value = std::string(placeholder(info.kind)),
                       .kind = ValueKind::control,
                       .help = std::string(info.title) + ": " + std::string(info.meaning),
                       .control = &info,
                       .group = piece});
  }
}

std::vector<OptionInfo> piece_options() {
  using enum ValueKind;
  std::vector<OptionInfo> options{
      {.names = "--preset",
       .value = "NAME|FILE",
       .kind = preset,
       .help = "What the piece is like: a name of --list-presets or a YAML file",
       .example = "sleep",
       .initial = "focus",
       .group = piece},
      {.names = "--seed",
       .value = "N",
       .kind = seed,
       .help = "Which piece; without it one is drawn and written into the stream's first line",
       .example = "7",
       .group = piece},
      {.names = "--duration",
       .alias = "--length",
       .value = "TIME",
       .kind = duration,
       .help = "Length, such as 90s, 10m or 1h30m; endless without",
       .example = "10m",
       .group = piece}};
  add_controls(options);
  options.push_back({.names = "--melody",
                     .value = "KIND",
                     .kind = choice,
                     .help = "Who writes the lead",
                     .example = "none",
                     .initial = "constraint",
                     .choices = melody_names,
                     .group = piece});
  options.push_back({.names = "--harmony",
                     .value = "FILE",
                     .kind = file,
                     .help = "A chord chart or a MIDI file whose chords to play",
                     .example = "chart.txt",
                     .group = piece});
  add_tuning(options, piece);
  options.push_back({.names = "--schedule",
                     .value = "FILE",
                     .kind = file,
                     .help = "What plays when: presets and controls by times of the day, or from the start",
                     .example = "day.yaml",
                     .group = piece});
  options.push_back(
      {.names = "--start-at",
       .value = "TIME",
       .kind = text,
       .help = "The time of the day at which the piece begins, for a schedule; with --live the clock's",
       .example = "22:00",
       .group = piece});
  options.push_back({.names = "--cut",
                     .value = "TIME",
                     .kind = duration,
                     .help = "The endless piece's beginning, so long, with a fade of 3 s before the end",
                     .example = "10m",
                     .excludes = "--duration",
                     .group = piece});
  return options;
}

std::vector<OptionInfo> output_options() {
  using enum ValueKind;
  return {{.names = "-o,--output",
           .value = "FILE",
           .kind = file,
           .help = "Where to write; - is standard output",
           .example = "piece.jsonl",
           .initial = "-",
           .written = true,
           .group = output},
          {.names = "--format",
           .value = "FORMAT",
           .kind = choice,
           .help = "The event stream, or MIDI for a whole piece",
           .example = "midi",
           .initial = "jsonl",
           .choices = formats,
           .group = output},
          {.names = "--midi-tuning",
           .value = "HOW",
           .kind = choice,
           .help = "How a MIDI file tells a tuning: by the MIDI Tuning Standard, or by bends of channels",
           .example = "bend",
           .initial = "mts",
           .choices = midi_tunings,
           .group = output},
          {.names = "--live",
           .kind = flag,
           .help = "In real time, steered through the control socket",
           .excludes = "--format",
           .group = live},
          {.names = "--lookahead",
           .value = "MS",
           .kind = integer,
           .help = "How far ahead of its time an event is written",
           .example = "20",
           .initial = "40",
           .min = 20,
           .max = 5000,
           .needs = "--live",
           .group = live},
          {.names = "--session",
           .value = "NAME",
           .kind = session,
           .help = "Names the folder of socket and figures",
           .example = "evening",
           .initial = "default",
           .group = live},
          {.names = "--control",
           .value = "PATH",
           .kind = file,
           .help = "Another place for the control socket",
           .example = "/tmp/c.sock",
           .needs = "--live",
           .group = live},
          {.names = "--control-log",
           .value = "FILE",
           .kind = file,
           .help = "With --live, record the controls there; without, replay them",
           .example = "evening.jsonl",
           .written = true,
           .group = live},
          {.names = "--list-presets", .kind = flag, .help = "List the presets", .group = presets},
          {.names = "--show-preset",
           .value = "NAME",
           .kind = preset,
           .help = "Print a preset whole, as YAML",
           .example = "sleep",
           .group = presets},
          {.names = "--check",
           .value = "PRESET...",
           .kind = preset,
           .help = "Say all that is wrong with these presets, and compose nothing",
           .example = "mine.yaml",
           .repeated = true,
           .group = presets},
          {.names = "--json",
           .kind = flag,
           .help = "Print it as JSON, with the tables of harmony: what the engine alone reads",
           .needs = "--show-preset",
           .group = presets}};
}

}  // namespace

CommandInfo compose_command() {
  return {
      .name = "auralis-compose",
      .examples = {"auralis-compose --preset focus --seed 7 --duration 10m | auralis-render -o piece.flac"},
      .summary =
          "Composes ambient music as a stream of events, one JSON object a line; see auralis-compose(1).",
      .options = joined({piece_options(), output_options()})};
}

}  // namespace auralis::cli
