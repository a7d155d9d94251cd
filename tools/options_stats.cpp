// SPDX-License-Identifier: MIT
#include "options.h"

namespace auralis::cli {
namespace {

OptionInfo json_option() { return {.names = "--json", .kind = ValueKind::flag, .help = "As JSON"}; }

CommandInfo live_command() {
  using enum ValueKind;
  return {.name = "live",
          .examples = {"auralis-stats live http://localhost:8000 --watch"},
          .summary = "Figures of a running station (what is shown without a subcommand)",
          .options = {{.names = "URL",
                       .value = "URL",
                       .kind = text,
                       .help = "Its server",
                       .example = "http://localhost:8000"},
                      {.names = "--session",
                       .value = "NAME",
                       .kind = session,
                       .help = "Without a URL: the session whose figures to read",
                       .example = "evening",
                       .initial = "default",
                       .excludes = "URL"},
                      {.names = "--watch",
                       .value = "[S]",
                       .kind = number,
                       .help = "Again every S seconds, as a dashboard on a terminal",
                       .example = "5",
                       .initial = "1",
                       .min = 0.1,
                       .max = 3600},
                      json_option(),
                      {.names = "--prometheus",
                       .kind = flag,
                       .help = "In the Prometheus text format",
                       .excludes = "--json"}}};
}

CommandInfo score_command() {
  using enum ValueKind;
  return {.name = "score",
          .examples = {"auralis-stats score piece.jsonl --plot piece.svg"},
          .summary = "What was composed: harmony, melody, rhythm, repetition in numbers",
          .options = {{.names = "EVENTS",
                       .value = "EVENTS",
                       .kind = file,
                       .help = "An event stream or a MIDI file; - is stdin",
                       .example = "piece.jsonl",
                       .required = true},
                      json_option(),
                      {.names = "--plot",
                       .value = "SVG",
                       .kind = file,
                       .help = "Draw the piece as a piano roll with its chords",
                       .example = "piece.svg",
                       .written = true}}};
}

CommandInfo audio_command() {
  using enum ValueKind;
  return {.name = "audio",
          .examples = {"auralis-stats audio piece.wav"},
          .summary = "What was rendered: loudness, peaks, DC, clicks, stereo, spectrum, movement",
          .options = {{.names = "FILE",
                       .value = "FILE",
                       .kind = file,
                       .help = "A sound file; of several, such as stems, the sum",
                       .example = "piece.wav",
                       .repeated = true,
                       .required = true},
                      json_option(),
                      {.names = "--mix",
                       .value = "MIX",
                       .kind = file,
                       .help = "What the master made of them: how far its limiter turned them down",
                       .example = "piece.wav"},
                      {.names = "--spectrogram",
                       .value = "PNG",
                       .kind = file,
                       .help = "Also draw it, as PNG",
                       .example = "piece.png",
                       .written = true}}};
}

CommandInfo wave_command() {
  using enum ValueKind;
  return {.name = "wave",
          .examples = {"auralis-stats wave cycle.wav"},
          .summary = "The partials of a sound file's cycles, as layers.NAME.wave of a preset takes them",
          .options = {{.names = "FILE",
                       .value = "FILE",
                       .kind = file,
                       .help = "A sound file of one cycle, or of several of the same length",
                       .example = "cycle.wav",
                       .required = true},
                      {.names = "--cycle",
                       .value = "FRAMES",
                       .kind = integer,
                       .help = "How long a cycle is; else 2048, or the whole file",
                       .example = "600",
                       .min = 4,
                       .max = 65536}}};
}

}  // namespace

CommandInfo stats_command() {
  return {.name = "auralis-stats",
          .examples = {"auralis-stats audio piece.wav"},
          .summary = "Figures of a running station, of a composed piece, of rendered sound.",
          .options = {},
          .subcommands = {live_command(), score_command(), audio_command(), wave_command()}};
}

}  // namespace auralis::cli
