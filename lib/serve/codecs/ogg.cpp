// SPDX-License-Identifier: MIT
// Opus as an endless Ogg stream for players.
#include "audio/encoder.h"
#include "serve/codec.h"
#include "serve/limits.h"

namespace auralis {
namespace {

class OggCodec final : public Codec {
 public:
  explicit OggCodec(const StreamFormat& format)
      : stream_(format.rate, format.channels, format.opus_bits_per_second, format.tags.sound_tags()) {}

  void encode(const Sound& sound, std::vector<PacketPtr>& packets) override {
    std::string pages;
    stream_.encode(sound.samples, pages);
    push_frames(pages, sound.due_us, packets);
  }

  void finish(const Sound& silence, std::vector<PacketPtr>& packets) override {
    std::string pages;
    stream_.finish(pages);
    push_frames(pages, silence.due_us, packets);
  }

  std::string header() const override { return stream_.header(); }

 private:
  OggOpusStream stream_;
};

}  // namespace

CodecInfo ogg_codec() {
  return {.name = "",
          .path = "/stream.opus",
          .content_type = "audio/ogg; codecs=opus",
          .rate = 0,
          .history_ms = limits::player_history_ms,
          .packet_bytes = opus_bytes,
          .start = [](const StreamFormat& format) -> std::unique_ptr<Codec> {
            return std::make_unique<OggCodec>(format);
          }};
}

}  // namespace auralis
