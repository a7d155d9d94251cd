// SPDX-License-Identifier: MIT
// AAC as an endless stream, for players that know neither Opus nor MP3.
#include "audio/bit_rates.h"
#include "radio/aac_stream.h"
#include "serve/codec.h"
#include "serve/limits.h"

namespace auralis {
namespace {

class AacCodec final : public Codec {
 public:
  explicit AacCodec(const StreamFormat& format) : stream_(aac_plugin().open(format.rate, format.channels)) {}

  void encode(const Sound& sound, std::vector<PacketPtr>& packets) override {
    std::string frames;
    stream_->encode(sound.samples, frames);
    push_frames(frames, sound.due_us, packets);
  }

  void finish(const Sound& silence, std::vector<PacketPtr>& packets) override {
    std::string frames;
    stream_->encode(silence.samples, frames);  // fills the last frame
    stream_->finish(frames);
    push_frames(frames, silence.due_us, packets);
  }

 private:
  std::unique_ptr<AacStream> stream_;
};

}  // namespace

CodecInfo aac_codec() {
  return {.name = "",
          .path = "/stream.aac",
          .content_type = "audio/aac",
          .rate = 0,
          .history_ms = limits::player_history_ms,
          .packet_bytes = [](const StreamFormat& format) { return chunk_bytes(aac_bits_per_second, format); },
          .start = [](const StreamFormat& format) -> std::unique_ptr<Codec> {
            return std::make_unique<AacCodec>(format);
          },
          .load = [] { aac_plugin(); }};
}

}  // namespace auralis
