// SPDX-License-Identifier: MIT
// PCM s16 in binary frames of the WebSocket.
#include "serve/codec.h"
#include "serve/frame.h"
#include "serve/limits.h"

namespace auralis {
namespace {

constexpr uint8_t frame_codec = 0;

class PcmCodec final : public Codec {
 public:
  explicit PcmCodec(const StreamFormat& format) : format_(format) {}

  void encode(const Sound& sound, std::vector<PacketPtr>& packets) override {
    const std::string header =
        frame_header({frame_codec, format_.channels, sound.discontinuity, sound.sequence,
                      static_cast<uint64_t>(sound.position), static_cast<uint32_t>(format_.rate),
                      static_cast<uint32_t>(sound.frames)});
    packets.push_back(
        std::make_shared<Packet>(Packet::Framing::binary, header + sound.s16, sound.due_us, frame_flags_at));
  }

 private:
  StreamFormat format_;
};

}  // namespace

CodecInfo pcm_codec() {
  return {.name = "pcm",
          .path = "",
          .content_type = "",
          .rate = 0,
          .history_ms = limits::socket_history_ms,
          .packet_bytes = pcm_bytes,
          .start = [](const StreamFormat& format) -> std::unique_ptr<Codec> {
            return std::make_unique<PcmCodec>(format);
          }};
}

}  // namespace auralis
