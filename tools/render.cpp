// SPDX-License-Identifier: MIT
// auralis-render: events in, PCM out.
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>

#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "cli.h"
#include "render/pieces.h"
#include "render/render.h"
#include "torch_plugin.h"

using namespace auralis;
namespace fs = std::filesystem;

namespace {
constexpr std::array<std::string_view, 3> sample_formats{"s16", "s24", "f32"};
constexpr std::array<std::string_view, 4> file_formats{"wav", "flac", "ogg", "opus"};

// Many pieces go into a folder, and so does one where the output is one.
bool is_folder(const std::string& path) { return path.ends_with('/') || fs::is_directory(path); }
}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Example: auralis-compose --seed 7 --duration 10m | auralis-render -o piece.flac\n"
      "         auralis-render pieces/*.mid -o music/\n\n"
      "Plays event streams or Standard MIDI Files: sound to a file, as a WAV stream to standard output, or "
      "many pieces into a folder.",
      "auralis-render");
  RenderJob job;
  std::string device = "auto";
  bool devices = false;
  std::optional<SampleFormat> bits;
  std::optional<int> threads;
  PiecesJob pieces;
  app.add_option("INPUT", pieces.inputs, "Events or MIDI files; - is standard input")->default_str("-");
  app.add_option("-o,--output", job.output,
                 "Sound file: .wav, .flac, .ogg or .opus; or a folder; - is standard output")
      ->capture_default_str();
  CLI::Option* format = app.add_option("--format", pieces.extension, "What a folder is filled with")
                            ->check(cli::one_of(file_formats))
                            ->type_name("wav|flac|ogg|opus")
                            ->capture_default_str();
  app.add_option("--rate", job.format.rate, "Frames a second, 22050 to 192000")
      ->check(CLI::Range(22050, 192000))
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--bits", [&](const std::string& name) { bits = find_sample_format(name); },
         "Samples; s16 where not given")
      ->check(cli::one_of(sample_formats))
      ->type_name("s16|s24|f32");
  app.add_flag("--raw", job.raw, "PCM without a header to standard output");
  app.add_option("--device", device, "auto, cpu, cuda, cuda:N, mps or units")->capture_default_str();
  app.add_option("--threads", threads,
                 "Threads on the CPU, pieces side by side; 1, for a folder all there are")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  app.add_option("--stems", job.stems,
                 "Folder for one WAV a layer; together they are the mix before the limiter")
      ->type_name("DIR");
  app.add_option("--report", job.report, "Write what was made as JSON, a line for each piece of a folder")
      ->type_name("FILE");
  std::string session;
  cli::add_session(app, session, "Publish figures in this session (always when streaming: \"default\")");
  app.add_option("--preset", job.preset, "Sounds for a MIDI file")
      ->type_name("NAME|FILE")
      ->capture_default_str();
  app.add_flag("--list-devices", devices, "List the devices that are there");

  return cli::run(app, argc, argv, [&] {
    if (devices) {
      std::string why;
      for (const std::string& name : list_devices(why)) write_all(STDOUT_FILENO, name + "\n", "<stdout>");
      if (!why.empty()) log_info(why);
      return;
    }
    job.format.sample = bits.value_or(SampleFormat::s16);
    job.stem_sample = bits.value_or(SampleFormat::f32);
    const bool many = pieces.inputs.size() > 1;
    if (many || (is_folder(job.output) && !pieces.inputs.empty())) {
      if (!is_folder(job.output) && (job.output == "-" || !fs::path(job.output).extension().empty())) {
        throw Error(Exit::usage, std::to_string(pieces.inputs.size()) + " pieces for one output, \"" +
                                     job.output + "\"; expected a folder such as -o music/");
      }
      if (job.raw) throw Error(Exit::usage, "--raw is for standard output, expected it without -o");
      if (!session.empty())
        throw Error(Exit::usage, "--session shows one piece, expected it without a folder");
      pieces.folder = job.output;
      pieces.side_by_side = threads.value_or(0);
      job.device = open_device(device);
      pieces.common = std::move(job);
      render_pieces(pieces);
      return;
    }
    if (format->count() > 0)
      throw Error(Exit::usage, "--format is for a folder; a file's extension says its kind");
    if (!pieces.inputs.empty()) job.input = pieces.inputs.front();
    job.threads = threads.value_or(1);
    if (job.output == "-") {
      if (job.report == "-")
        throw Error(Exit::usage,
                    "the sound and the report both go to standard output, expected one of them in a file");
      cli::refuse_terminal("PCM", "give -o FILE or a pipe such as `| aplay`");
    } else {
      check_sound_file(job.output, job.format);
      if (job.raw) throw Error(Exit::usage, "--raw is for standard output, expected it without -o");
    }
    if (job.input == "-" && ::isatty(STDIN_FILENO) == 1) {
      throw Error(Exit::usage, "nothing to play: pipe auralis-compose into it, or name a file");
    }
    job.device = open_device(device);
    // Sound that streams is worth watching; a file is waited for.
    job.session = session.empty() && job.output == "-" ? "default" : session;
    render(job);
  });
}
