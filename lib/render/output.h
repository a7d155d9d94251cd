// SPDX-License-Identifier: MIT
// Where the sound of a render goes: standard output or a file, one file a layer beside it, and what the report says of
// the samples.
//   files    appear under their names when committed, or as NAME.partial.EXT, and not at all otherwise
//   errors   ClosedPipe where the reader of standard output, or of a FIFO, has gone; Error{environment} for all else
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "audio/loudness.h"
#include "audio/pcm.h"
#include "audio/sound_file.h"
#include "render/job.h"
#include "render/pcm_sum.h"

namespace auralis {

class Output {
 public:
  // The job outlives this.
  Output(const RenderJob& job, const SoundTags& tags);

  // Stereo frames. Those of the stems first, then write() for the same frames: a layer that was not there before gets
  // the silence it missed.
  void write_stem(const std::string& layer, std::span<const float> frames);
  void write(std::span<const float> mix);
  // A moment of the piece with a name, which the file holds where its kind can.
  void mark(double t_s, const std::string& name);

  void finish_stream();
  // Gives every file its name; those that are not whole NAME.partial.EXT. The mix's name, empty for a stream.
  std::string commit(bool whole);
  // After an error: whatever has no name yet is kept as NAME.partial.EXT, as far as it went; what cannot be is warned of.
  // The mix's name, empty where there is none.
  std::string keep();

  int64_t frames() const { return frames_; }
  double position_s() const { return static_cast<double>(frames_) / job_.format.rate; }
  bool has_stems() const { return !job_.stems.empty(); }
  bool lossy() const { return lossy_; }
  // All measures where a report is asked for; of a file that is made alone the integrated loudness.
  const std::optional<LoudnessMeter>& loudness() const { return loudness_; }
  // Where a report is asked for.
  const std::optional<PcmSum>& pcm_sum() const { return pcm_sum_; }

 private:
  std::filesystem::path stem_path(const std::string& layer) const;
  std::string name_of_mix(bool whole);

  const RenderJob& job_;
  bool lossy_ = false;
  std::optional<PcmStreamWriter> stream_;
  std::optional<SoundFileWriter> file_;
  std::map<std::string, SoundFileWriter> stems_;  // those that have no name yet
  std::optional<LoudnessMeter> loudness_;
  std::optional<PcmSum> pcm_sum_;
  int64_t frames_ = 0;
};

}  // namespace auralis
