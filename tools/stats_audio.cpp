// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "audio/measure.h"
#include "audio/sound_file.h"
#include "audio/spectrogram.h"
#include "base/error.h"
#include "base/io.h"
#include "base/stop.h"
#include "stats.h"
#include "stats_audio_text.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string file;
  bool json = false;
  std::string spectrogram;
};

void measure(const Options& options) {
  SoundFileReader reader(options.file);
  AudioMeter meter(reader.rate(), reader.channels());
  std::vector<float> block(8192 * static_cast<size_t>(reader.channels()));
  while (const size_t frames = reader.read(block)) {
    if (stop_requested()) throw Error(Exit::interrupted, "interrupted");
    meter.add(std::span(block).first(frames * static_cast<size_t>(reader.channels())));
  }
  const AudioFigures figures = meter.figures();
  const MeasuredSound sound{options.file, reader.description(), reader.rate(), reader.channels()};
  write_all(STDOUT_FILENO,
            options.json
                ? json_of(sound, figures).dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"
                : text_of(sound, figures),
            "<stdout>");
  if (options.spectrogram.empty()) return;
  end_at_once_on_stop();
  reader.rewind();
  draw_spectrogram(reader).write_png(options.spectrogram);
}

}  // namespace

void bind_audio_stats(cli::Command& command) {
  const auto options = std::make_shared<Options>();
  command.bind("FILE", options->file);
  command.bind("--json", options->json);
  command.bind("--spectrogram", options->spectrogram);
  command.on_run([options] { measure(*options); });
}

}  // namespace auralis
