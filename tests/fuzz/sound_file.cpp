// SPDX-License-Identifier: MIT
// Sound files, by libsndfile: auralis-serve plays them, auralis-stats audio measures them.
#include <array>

#include "audio/pcm_source.h"
#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(sound_file) {
  constexpr size_t most_frames = 1'000'000;  // a few bytes may stand for hours of silence
  const fuzz::MemoryFile file(bytes);
  const auto source = open_pcm_source(file.path());
  const auto channels = static_cast<size_t>(source->format().channels);
  std::array<float, 4096> samples;
  for (size_t frames = 0; frames < most_frames;) {
    const int64_t count = source->read(samples);
    AURALIS_CLAIM(count >= 0 && static_cast<size_t>(count) * channels <= samples.size());
    if (count == 0) break;
    frames += static_cast<size_t>(count);
  }
}

}  // namespace auralis
