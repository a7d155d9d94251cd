// SPDX-License-Identifier: MIT
// No sound: what the WebSocket says beside it, for those whose sound comes over WebRTC. Positions are those of its packets.
#include "audio/encoder.h"
#include "serve/codec.h"

namespace auralis {
namespace {

class NoCodec final : public Codec {
 public:
  void encode(const Sound&, std::vector<PacketPtr>&) override {}
};

}  // namespace

CodecInfo no_codec() {
  constexpr int64_t bytes = 1024;
  return {.name = "none",
          .path = "",
          .content_type = "",
          .rate = opus_rate,
          .history_ms = 0,
          .packet_bytes = [](const StreamFormat&) { return bytes; },
          .start = [](const StreamFormat&) -> std::unique_ptr<Codec> { return std::make_unique<NoCodec>(); },
          .is_heard = false};
}

}  // namespace auralis
