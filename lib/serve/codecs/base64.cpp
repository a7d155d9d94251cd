// SPDX-License-Identifier: MIT
// PCM s16 in JSON, for clients that cannot take binary messages: {type: audio_chunk, seq, position, sample_rate,
// channels, num_samples (per channel), duration_ms, data} and flags as in the binary frame.
#include <nlohmann/json.hpp>

#include "net/base64.h"
#include "serve/codec.h"
#include "serve/limits.h"

namespace auralis {
namespace {

constexpr std::string_view flags_key = "\"flags\":";

class Base64Codec final : public Codec {
 public:
  explicit Base64Codec(const StreamFormat& format) : format_(format) {}

  void encode(const Sound& sound, std::vector<PacketPtr>& packets) override {
    const nlohmann::json chunk{{"type", "audio_chunk"},
                               {"seq", sound.sequence},
                               {"position", sound.position},
                               {"sample_rate", format_.rate},
                               {"channels", format_.channels},
                               {"num_samples", sound.frames},
                               {"duration_ms", 1000.0 * static_cast<double>(sound.frames) / format_.rate},
                               {"flags", sound.discontinuity ? 1 : 0},
                               {"data", base64_encode(sound.s16)}};
    const std::string message = chunk.dump();
    packets.push_back(std::make_shared<Packet>(Packet::Framing::text, message, sound.due_us,
                                               message.find(flags_key) + flags_key.size()));
  }

 private:
  StreamFormat format_;
};

}  // namespace

CodecInfo base64_codec() {
  return {.name = "base64",
          .path = "",
          .content_type = "",
          .rate = 0,
          .history_ms = limits::socket_history_ms,
          .packet_bytes = [](const StreamFormat& format) { return pcm_bytes(format) / 3 * 4; },
          .start = [](const StreamFormat& format) -> std::unique_ptr<Codec> {
            return std::make_unique<Base64Codec>(format);
          }};
}

}  // namespace auralis
