// SPDX-License-Identifier: MIT
#include <array>

#include "options.h"
#include "synth/quantum.h"

namespace auralis::cli {
namespace {

constexpr std::array<std::string_view, 3> sample_formats{"s16", "s24", "f32"};
constexpr std::array<std::string_view, 4> file_formats{"wav", "flac", "ogg", "opus"};

constexpr const char* sound = "Sound";
constexpr const char* making = "Rendering";
constexpr const char* watching = "Report and figures";

std::vector<OptionInfo> sound_options() {
  using enum ValueKind;
  return {{.names = "INPUT",
           .value = "INPUT",
           .kind = file,
           .help = "Events or MIDI files; - is standard input",
           .example = "piece.jsonl",
           .initial = "-",
           .repeated = true},
          {.names = "-o,--output",
           .value = "FILE",
           .kind = file,
           .help = "Sound file: .wav, .flac, .ogg or .opus; or a folder; - is standard output",
           .example = "piece.flac",
           .initial = "-",
           .written = true,
           .group = sound},
          {.names = "--format",
           .value = "KIND",
           .kind = choice,
           .help = "What a folder is filled with",
           .example = "opus",
           .initial = "flac",
           .choices = file_formats,
           .group = sound},
          {.names = "--rate",
           .value = "HZ",
           .kind = integer,
           .help = "Frames a second",
           .example = "48000",
           .initial = "44100",
           .min = lowest_rate,
           .max = highest_rate,
           .group = sound},
          {.names = "--bits",
           .value = "FORMAT",
           .kind = choice,
           .help = "Samples of the sound (s16 where not given) and of the stems (f32)",
           .example = "s24",
           .choices = sample_formats,
           .group = sound},
          {.names = "--raw", .kind = flag, .help = "PCM without a header to standard output", .group = sound},
          {.names = "--stems",
           .value = "DIR",
           .kind = folder,
           .help = "Folder for one WAV a layer; together they are the mix before the limiter",
           .example = "stems",
           .group = sound}};
}

std::vector<OptionInfo> rendering_options() {
  using enum ValueKind;
  std::vector<OptionInfo> options{
      {.names = "--preset",
       .value = "NAME|FILE",
       .kind = preset,
       .help = "Sounds for a MIDI file",
       .example = "cathedral",
       .initial = "focus",
       .group = making},
      {.names = "--reference",
       .value = "HZ",
       .kind = control,
       .help = "Pitch of A, where it is not to be the piece's own",
       .example = "432",
       .control = &info_of(ControlId::reference),
       .group = making},
      {.names = "--device",
       .value = "DEVICE",
       .kind = device,
       .help = "auto, cpu, cuda, cuda:N, mps or units",
       .example = "cpu",
       .initial = "auto",
       .group = making},
      {.names = "--threads",
       .value = "N",
       .kind = integer,
       .help = "Threads on the CPU, pieces side by side; 1, for a folder all there are",
       .example = "2",
       .min = 1,
       .max = 256,
       .group = making},
      {.names = "--live",
       .kind = flag,
       .help = "Play in real time: rather fewer voices than late sound",
       .group = making},
      {.names = "--list-devices", .kind = flag, .help = "List the devices that are there", .group = making}};
  add_tuning(options, making);
  return options;
}

std::vector<OptionInfo> report_options() {
  using enum ValueKind;
  return {{.names = "--report",
           .value = "FILE",
           .kind = file,
           .help = "Write what was made as JSON, a line for each piece of a folder; - is standard output",
           .example = "piece.json",
           .written = true,
           .group = watching},
          {.names = "--profile",
           .value = "FILE",
           .kind = file,
           .help = "Write where the time went as JSON, and beside it as a picture, .svg",
           .example = "profile.json",
           .written = true,
           .group = watching},
          {.names = "--session",
           .value = "NAME",
           .kind = session,
           .help = "Publish figures in this session (always when streaming: \"default\")",
           .example = "evening",
           .group = watching}};
}

}  // namespace

CommandInfo render_command() {
  return {
      .name = "auralis-render",
      .examples = {"auralis-compose --seed 7 --duration 10m | auralis-render -o piece.flac",
                   "auralis-render pieces/*.mid -o music/"},
      .summary =
          "Plays event streams or Standard MIDI Files: sound to a file, as a WAV stream to standard output, "
          "or "
          "many pieces into a folder.",
      .options = joined({sound_options(), rendering_options(), report_options()})};
}

}  // namespace auralis::cli
