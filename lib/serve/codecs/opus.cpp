// SPDX-License-Identifier: MIT
// Opus in binary frames of the WebSocket: packets of 20 ms at 48 kHz, each after its length as u16. A frame's position
// is that of what it decodes to, the codec's delay taken off.
#include <cmath>
#include <utility>

#include "audio/encoder.h"
#include "serve/codec.h"
#include "serve/frame.h"
#include "serve/limits.h"

namespace auralis {
namespace {

constexpr uint8_t frame_codec = 1;

class OpusCodec final : public Codec {
 public:
  OpusCodec(const StreamFormat& format, int bits_per_second)
      : format_(format), encoder_(format.rate, format.channels, bits_per_second) {}

  void encode(const Sound& sound, std::vector<PacketPtr>& packets) override {
    if (!started_) {
      started_ = true;
      start_ = std::llround(static_cast<double>(sound.position) * opus_rate / format_.rate);
      position_ = start_ - encoder_.delay_frames();
    }
    std::vector<std::string> encoded;
    encoder_.encode(sound.samples, encoded);
    while (position_ < start_ && !encoded.empty()) {  // what the encoder began with
      encoded.erase(encoded.begin());
      position_ += opus_packet_frames;
    }
    discontinuity_ |= sound.discontinuity;
    if (!encoded.empty()) packets.push_back(frame(encoded, sound.due_us));
  }

  void finish(const Sound& silence, std::vector<PacketPtr>& packets) override { encode(silence, packets); }

 private:
  PacketPtr frame(const std::vector<std::string>& encoded, int64_t due_us) {
    const auto frames = static_cast<int64_t>(encoded.size()) * opus_packet_frames;
    std::string message =
        frame_header({frame_codec, format_.channels, std::exchange(discontinuity_, false), sequence_++,
                      static_cast<uint64_t>(position_), opus_rate, static_cast<uint32_t>(frames)});
    position_ += frames;
    for (const std::string& packet : encoded) {
      message += static_cast<char>(packet.size() & 0xFF);
      message += static_cast<char>(packet.size() >> 8);
      message += packet;
    }
    return std::make_shared<Packet>(Packet::Framing::binary, message, due_us, frame_flags_at);
  }

  StreamFormat format_;
  OpusPackets encoder_;
  bool started_ = false;
  int64_t start_ = 0;
  int64_t position_ = 0;
  uint32_t sequence_ = 0;
  bool discontinuity_ = false;
};

}  // namespace

CodecInfo opus_codec() {
  return {.name = "opus",
          .path = "",
          .content_type = "",
          .rate = opus_rate,
          .history_ms = limits::socket_history_ms,
          .packet_bytes = opus_bytes,
          .start = [](const StreamFormat& format) -> std::unique_ptr<Codec> {
            return std::make_unique<OpusCodec>(format, format.opus_bits_per_second);
          }};
}

// For who pays by the byte.
CodecInfo small_opus_codec() {
  CodecInfo small = opus_codec();
  small.name = "opus64";
  small.packet_bytes = [](const StreamFormat& format) {
    return chunk_bytes(small_opus_bits_per_second, format);
  };
  small.start = [](const StreamFormat& format) -> std::unique_ptr<Codec> {
    return std::make_unique<OpusCodec>(format, small_opus_bits_per_second);
  };
  return small;
}

}  // namespace auralis
