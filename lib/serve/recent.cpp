// SPDX-License-Identifier: MIT
#include "serve/recent.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "audio/flac_stream.h"

namespace auralis {
namespace {

// Made at once, while others wait: so much of the file, or, since of silence hardly anything is left, of the sound.
constexpr size_t piece_bytes = size_t{32} * 1024;
constexpr size_t piece_pcm_bytes = size_t{1024} * 1024;

}  // namespace

void Recent::keep(const std::string& s16, int64_t frames, int rate) {
  rate_ = rate;
  chunks_.push_back({std::make_shared<const std::string>(s16), frames});
  frames_ += frames;
  while (static_cast<double>(frames_ - chunks_.front().frames) >= kept_s_ * rate_) {
    frames_ -= chunks_.front().frames;
    chunks_.pop_front();
  }
}

std::function<std::string()> Recent::file(double seconds, int channels) const {
  struct File {
    std::deque<Chunk> chunks;
    std::shared_ptr<int> held;
    std::unique_ptr<FlacStream> flac;
    size_t skipped = 0;  // bytes of the first chunk
  };
  auto file = std::make_shared<File>();
  const int64_t wanted = std::min<int64_t>(frames_, std::llround(seconds * rate_));
  int64_t frames = 0;
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend() && frames < wanted; ++chunk) {
    file->chunks.push_front(*chunk);
    frames += chunk->frames;
  }
  file->skipped = static_cast<size_t>((frames - wanted) * channels * 2);
  file->held = files_;
  file->flac = std::make_unique<FlacStream>(rate_, channels, wanted);
  return [file] {
    std::string bytes;
    size_t pcm_bytes = 0;
    while (!file->chunks.empty() &&
           (bytes.empty() || (bytes.size() < piece_bytes && pcm_bytes < piece_pcm_bytes))) {
      const std::shared_ptr<const std::string> s16 = file->chunks.front().s16;
      file->chunks.pop_front();
      pcm_bytes += s16->size();
      file->flac->encode(std::string_view(*s16).substr(std::exchange(file->skipped, 0)), bytes);
    }
    if (file->chunks.empty() && file->flac) {
      file->flac->finish(bytes);
      file->flac.reset();
    }
    return bytes;
  };
}

}  // namespace auralis
