// SPDX-License-Identifier: MIT
// WAV and RF64 streams: auralis-serve.
#include <array>

#include "audio/pcm_source.h"
#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(wav_stream) {
  const fuzz::MemoryFile file(bytes);
  const auto source = open_pcm_stream(file.fd(), "sound.wav");
  const auto channels = static_cast<size_t>(source->format().channels);
  std::array<float, 4096> samples;
  size_t frames = 0;
  while (true) {
    const int64_t count = source->read(samples);
    AURALIS_CLAIM(count >= 0 && static_cast<size_t>(count) * channels <= samples.size());
    if (count == 0) break;
    frames += static_cast<size_t>(count);
  }
  AURALIS_CLAIM(frames * source->format().frame_bytes() <= bytes.size());
}

}  // namespace auralis
