// SPDX-License-Identifier: MIT
// PCM s16 as an endless WAV stream for players.
#include "audio/pcm.h"
#include "serve/codec.h"
#include "serve/limits.h"

namespace auralis {
namespace {

class WavCodec final : public Codec {
 public:
  explicit WavCodec(const StreamFormat& format) : format_(format) {}

  void encode(const Sound& sound, std::vector<PacketPtr>& packets) override {
    packets.push_back(std::make_shared<Packet>(Packet::Framing::none, sound.s16, sound.due_us));
  }
  std::string header() const override {
    return wav_header({SampleFormat::s16, format_.rate, format_.channels});
  }

 private:
  StreamFormat format_;
};

}  // namespace

CodecInfo wav_codec() {
  return {.name = "",
          .path = "/stream.wav",
          .content_type = "audio/wav",
          .rate = 0,
          .history_ms = limits::player_history_ms,
          .packet_bytes = pcm_bytes,
          .start = [](const StreamFormat& format) -> std::unique_ptr<Codec> {
            return std::make_unique<WavCodec>(format);
          }};
}

}  // namespace auralis
