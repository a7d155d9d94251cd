// SPDX-License-Identifier: MIT
// MP3 as an endless stream, for players that know nothing newer.
#include "audio/bit_rates.h"
#include "audio/mp3_stream.h"
#include "serve/codec.h"
#include "serve/limits.h"

namespace auralis {
namespace {

class Mp3Codec final : public Codec {
 public:
  explicit Mp3Codec(const StreamFormat& format)
      : stream_(format.rate, format.channels, mp3_bits_per_second) {}

  void encode(const Sound& sound, std::vector<PacketPtr>& packets) override {
    std::string frames;
    stream_.encode(sound.samples, frames);
    push_frames(frames, sound.due_us, packets);
  }

  void finish(const Sound& silence, std::vector<PacketPtr>& packets) override {
    std::string frames;
    stream_.finish(frames);
    push_frames(frames, silence.due_us, packets);
  }

 private:
  Mp3Stream stream_;
};

}  // namespace

CodecInfo mp3_codec() {
  return {.name = "",
          .path = "/stream.mp3",
          .content_type = "audio/mpeg",
          .rate = 0,
          .history_ms = limits::player_history_ms,
          .packet_bytes = [](const StreamFormat& format) { return chunk_bytes(mp3_bits_per_second, format); },
          .start = [](const StreamFormat& format) -> std::unique_ptr<Codec> {
            return std::make_unique<Mp3Codec>(format);
          }};
}

}  // namespace auralis
