// SPDX-License-Identifier: MIT
// The ways in which the stream is sent. One codec is one class in codecs/ and one line in codecs/list.cpp: what it is
// called, where it is, how it is packed and how much of the past a newcomer gets stand beside its encoder.
//   encoded   once for all listeners of a codec, whatever their number; a codec that nobody hears costs nothing
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audio/bit_rates.h"
#include "audio/station_tags.h"
#include "serve/track.h"

namespace auralis {

struct StreamFormat {
  int rate = 44100;
  int channels = 2;
  int chunk_ms = 100;
  int opus_bits_per_second = auralis::opus_bits_per_second;
  StationTags tags{};
};

// A chunk as it leaves: 16-bit, as bytes and as the same numbers in floats.
struct Sound {
  int64_t position = 0;  // frames since the stream began, at the stream's rate
  int64_t frames = 0;
  uint32_t sequence = 0;
  bool discontinuity = false;
  int64_t due_us = 0;  // monotonic clock
  std::string s16;
  std::vector<float> samples;
};

class Codec {
 public:
  virtual ~Codec() = default;
  // Appends the packets that this sound completes.
  virtual void encode(const Sound& sound, std::vector<PacketPtr>& packets) = 0;
  // The end of the stream: appends what is still held. `silence` follows the end, longer than any encoder's delay.
  virtual void finish(const Sound& silence, std::vector<PacketPtr>& packets);
  // What a player needs before the first packet, whenever it joins.
  virtual std::string header() const { return {}; }
};

struct CodecInfo {
  std::string_view name;          // as /ws/stream?codec=NAME; empty: not over the WebSocket
  std::string_view path;          // of the plain stream; empty: there is none
  std::string_view content_type;  // of the plain stream
  int rate;                       // that positions are counted in; 0: the stream's
  int history_ms;                 // sent at once to a newcomer, so that it need not wait to begin
  int64_t (*packet_bytes)(const StreamFormat& format);  // about as many as one packet holds
  std::unique_ptr<Codec> (*start)(const StreamFormat& format);
  bool is_heard = true;      // who takes it counts as a listener
  void (*load)() = nullptr;  // what only this one needs, before its first listener; throws Error{environment}
};

std::span<const CodecInfo> codecs();
// No sound at all: the events that it is made of, for who makes it; see event_feed.h. Not among codecs().
const CodecInfo& events_codec();
// nullptr where there is none of that name, or at that path.
const CodecInfo* find_codec(std::string_view name);
const CodecInfo* find_stream(std::string_view path);
// What it needs; false where that cannot be had, and why is a detail of the log.
bool load(const CodecInfo& codec);
// About how many bits a second a listener of it takes.
int64_t bits_per_second(const CodecInfo& codec, const StreamFormat& format);
// Those of a WebSocket, as a message lists them: "pcm, …, base64 or none".
std::string socket_codec_names();

// Bytes of a chunk in 16 bits.
int64_t pcm_bytes(const StreamFormat& format);
int64_t opus_bytes(const StreamFormat& format);
int64_t chunk_bytes(int bits_per_second, const StreamFormat& format);
// A packet of an endless stream; none where `frames` is empty.
void push_frames(const std::string& frames, int64_t due_us, std::vector<PacketPtr>& packets);

}  // namespace auralis
