// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audio/measure.h"
#include "audio/reduction.h"
#include "audio/sound_file.h"
#include "audio/sound_sum.h"
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
  std::vector<std::string> files;
  bool json = false;
  std::string mix;
  std::string spectrogram;
};

void check(const Options& options) {
  if (options.spectrogram.empty() || options.files.size() == 1) return;
  throw Error(Exit::usage,
              "--spectrogram draws one file, and " + std::to_string(options.files.size()) + " are given");
}

// What is left of the sum in the mix behind the master.
class Reducing {
 public:
  Reducing(const std::string& mix, const SoundSum& sum) : file_(mix), meter_(sum.rate(), sum.channels()) {
    if (file_.rate() == sum.rate() && file_.channels() == sum.channels()) return;
    throw Error(Exit::bad_input,
                mix + ": has another rate or number of channels than what it was mixed from");
  }

  void add(std::span<const float> sum) {
    block_.resize(sum.size());
    const size_t samples = file_.read(block_) * static_cast<size_t>(file_.channels());
    meter_.add(sum.first(samples), std::span(block_).first(samples));
  }
  Reduction figures() const { return meter_.figures(); }

 private:
  SoundFileReader file_;
  ReductionMeter meter_;
  std::vector<float> block_;
};

void measure(const Options& options) {
  check(options);
  SoundSum sum(options.files);
  std::optional<Reducing> reducing;
  if (!options.mix.empty()) reducing.emplace(options.mix, sum);
  AudioMeter meter(sum.rate(), sum.channels());
  std::vector<float> block(8192 * static_cast<size_t>(sum.channels()));
  while (const size_t frames = sum.read(block)) {
    if (stop_requested()) throw Error(Exit::interrupted, "interrupted");
    const auto read = std::span(block).first(frames * static_cast<size_t>(sum.channels()));
    meter.add(read);
    if (reducing) reducing->add(read);
  }
  MeasuredSound sound{options.files, sum.description(), sum.rate(), sum.channels(), meter.figures(), {}};
  if (reducing) sound.reduction = reducing->figures();
  write_all(STDOUT_FILENO,
            options.json ? json_of(sound).dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"
                         : text_of(sound),
            "<stdout>");
  if (options.spectrogram.empty()) return;
  end_at_once_on_stop();
  SoundFileReader file(options.files.front());
  draw_spectrogram(file).write_png(options.spectrogram);
}

}  // namespace

void bind_audio_stats(cli::Command& command) {
  const auto options = std::make_shared<Options>();
  command.bind("FILE", options->files);
  command.bind("--json", options->json);
  command.bind("--mix", options->mix);
  command.bind("--spectrogram", options->spectrogram);
  command.on_run([options] { measure(*options); });
}

}  // namespace auralis
