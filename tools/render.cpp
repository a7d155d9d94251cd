// SPDX-License-Identifier: MIT
// auralis-render: events in, PCM out.
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "cli.h"
#include "compose/tuning/tuning_files.h"
#include "render/pieces.h"
#include "render/render.h"
#include "torch_plugin.h"

using namespace auralis;

namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> inputs;
  RenderJob job;
  std::string device;
  std::string folder_format;
  std::optional<std::string> bits;
  std::optional<int> threads;
  std::string session;
  std::optional<std::string> tuning;
  std::optional<std::string> keyboard;
  bool list_devices = false;
};

void bind(cli::Command& command, Options& options) {
  command.bind("INPUT", options.inputs);
  command.bind("--output", options.job.output);
  command.bind("--format", options.folder_format);
  command.bind("--rate", options.job.format.rate);
  command.bind("--bits", options.bits);
  command.bind("--raw", options.job.raw);
  command.bind("--stems", options.job.stems);
  command.bind("--preset", options.job.preset);
  command.bind("--tuning", options.tuning);
  command.bind("--keyboard", options.keyboard);
  command.bind("--reference", [&job = options.job](const std::string& text) {
    job.tuning.reference_hz = std::get<double>(parse_text(info_of(ControlId::reference), text));
  });
  command.bind("--device", options.device);
  command.bind("--threads", options.threads);
  command.bind("--live", options.job.live);
  command.bind("--list-devices", options.list_devices);
  command.bind("--report", options.job.report);
  command.bind("--profile", options.job.profile);
  command.bind("--session", options.session);
}

// Many pieces go into a folder, and so does one where the output is one.
bool is_folder(const std::string& path) {
  std::error_code none;
  return path.ends_with('/') || fs::is_directory(path, none);
}

bool names_sound(const std::string& path) {
  try {
    file_kind(path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// "auralis-render piece.jsonl piece.wav": the second is what is to be made.
void check_for_output_among_inputs(const Options& options) {
  const std::vector<std::string>& inputs = options.inputs;
  if (options.job.output != "-" || inputs.size() != 2 || !names_sound(inputs[1])) return;
  throw Error(Exit::usage, inputs[1] + " is a name for sound, expected after -o; type: auralis-render " +
                               inputs[0] + " -o " + inputs[1]);
}

void render_many(Options options) {
  check_for_output_among_inputs(options);
  const std::string& output = options.job.output;
  if (!is_folder(output) && (output == "-" || !fs::path(output).extension().empty())) {
    throw Error(Exit::usage, std::to_string(options.inputs.size()) + " pieces for one output, \"" + output +
                                 "\"; expected a folder such as -o music/");
  }
  if (options.job.raw) throw Error(Exit::usage, "--raw is for standard output, expected it without -o");
  if (options.job.live) throw Error(Exit::usage, "--live is for one piece, expected it without a folder");
  if (!options.job.profile.empty())
    throw Error(Exit::usage, "--profile is for one piece, expected it without a folder");
  if (!options.session.empty())
    throw Error(Exit::usage, "--session shows one piece, expected it without a folder");
  PiecesJob pieces;
  pieces.inputs = std::move(options.inputs);
  pieces.folder = output;
  pieces.extension = options.folder_format;
  pieces.side_by_side = options.threads.value_or(0);
  pieces.common = std::move(options.job);
  pieces.common.device = open_device(options.device);
  render_pieces(pieces);
}

void render_one(Options options) {
  RenderJob& job = options.job;
  if (!options.inputs.empty()) job.input = options.inputs.front();
  job.threads = options.threads.value_or(1);
  if (job.output == "-") {
    if (job.report == "-")
      throw Error(Exit::usage,
                  "the sound and the report both go to standard output, expected one of them in a file");
    cli::refuse_terminal("PCM", "give -o FILE or a pipe such as `| aplay`");
  } else {
    if (job.live) throw Error(Exit::usage, "--live is for standard output, expected it without -o");
    check_sound_file(job.output, job.format);
    if (job.raw) throw Error(Exit::usage, "--raw is for standard output, expected it without -o");
  }
  if (job.input == "-" && ::isatty(STDIN_FILENO) == 1) {
    throw Error(Exit::usage, "nothing to play: pipe auralis-compose into it, or name a file");
  }
  job.device = open_device(options.device);
  // Sound that streams is worth watching; a file is waited for.
  job.session = options.session.empty() && job.output == "-" ? "default" : options.session;
  render(job);
}

void list_all_devices() {
  std::string why;
  for (const std::string& name : list_devices(why)) write_all(STDOUT_FILENO, name + "\n", "<stdout>");
  if (!why.empty()) log_info(why);
}

}  // namespace

int main(int argc, char** argv) {
  cli::Command command(cli::render_command());
  Options options;
  bind(command, options);
  command.on_run([&] {
    if (options.list_devices) return list_all_devices();
    if (options.bits)
      options.job.format.sample = options.job.stem_sample = *find_sample_format(*options.bits);
    if (options.tuning || options.keyboard)
      options.job.tuning.tuning = load_tuning(options.tuning.value_or(""), options.keyboard.value_or(""));
    if (options.inputs.size() > 1 || (is_folder(options.job.output) && !options.inputs.empty())) {
      return render_many(std::move(options));
    }
    if (command.given("--format"))
      throw Error(Exit::usage, "--format is for a folder; a file's extension says its kind");
    options.job.only_midi = command.given("--preset");
    render_one(std::move(options));
  });
  return command.run(argc, argv);
}
