// SPDX-License-Identifier: MIT
#include "serve/codec.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>

#include "audio/pcm.h"
#include "serve/frame.h"

namespace auralis {
namespace {

const StreamFormat format{44100, 2, 100, 128000, {}};

Sound chunk(uint32_t number, bool discontinuity = false) {
  Sound sound;
  sound.position = int64_t{4410} * number;
  sound.frames = 4410;
  sound.sequence = number;
  sound.discontinuity = discontinuity;
  sound.due_us = int64_t{100'000} * number;
  for (int64_t i = sound.position; i < sound.position + sound.frames; ++i) {
    const double t = static_cast<double>(i) / format.rate;
    const auto sample = static_cast<float>(0.3 * std::sin(2 * std::numbers::pi * 440 * t));
    sound.samples.insert(sound.samples.end(), {sample, sample});
  }
  append_pcm(sound.samples, SampleFormat::s16, sound.s16, std::nullopt);
  return sound;
}

uint64_t little_endian(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

// The message in a server's frame of the WebSocket.
std::string_view message_of(const PacketPtr& packet) {
  const std::string_view bytes = packet->bytes();
  const int length = bytes[1] & 0x7F;
  return bytes.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

std::vector<PacketPtr> encoded(const CodecInfo& codec, int chunks) {
  const auto encoder = codec.start(format);
  std::vector<PacketPtr> packets;
  for (int i = 0; i < chunks; ++i) encoder->encode(chunk(static_cast<uint32_t>(i)), packets);
  encoder->finish(chunk(static_cast<uint32_t>(chunks)), packets);
  return packets;
}

}  // namespace

TEST_CASE("Codecs are found by name and streams by path, and nothing else is") {
  for (const char* name : {"pcm", "opus", "base64"}) {
    REQUIRE(find_codec(name) != nullptr);
    CHECK(find_codec(name)->name == name);
  }
  for (const char* path : {"/stream.opus", "/stream.wav"}) {
    REQUIRE(find_stream(path) != nullptr);
    CHECK(find_stream(path)->path == path);
  }
  for (const char* name : {"", "mp3", "/stream.wav", "PCM"}) CHECK(find_codec(name) == nullptr);
  for (const char* path : {"", "/", "pcm", "/stream.flac"}) CHECK(find_stream(path) == nullptr);
  CHECK(socket_codec_names() == "pcm, opus, opus64, base64 or none");
}

TEST_CASE("No two codecs share a name or a path, each has one of them, and a path its type") {
  std::set<std::string_view> places;
  for (const CodecInfo& codec : codecs()) {
    CHECK(codec.name.empty() != codec.path.empty());
    CHECK(codec.path.empty() == codec.content_type.empty());
    CHECK(places.insert(codec.name.empty() ? codec.path : codec.name).second);
  }
}

TEST_CASE("Each codec's packets have about the size that it tells") {
  for (const CodecInfo& codec : codecs()) {
    if (!codec.is_heard) continue;
    CAPTURE(codec.name);
    CAPTURE(codec.path);
    const std::vector<PacketPtr> packets = encoded(codec, 20);
    size_t bytes = 0;
    for (const PacketPtr& packet : packets) bytes += packet->bytes().size();
    const auto told = static_cast<double>(codec.packet_bytes(format));
    CHECK(static_cast<double>(bytes) / 20 < 1.5 * told);
    CHECK(static_cast<double>(bytes) / 20 > 0.3 * told);
  }
}

TEST_CASE("PCM is the samples behind their frame's header") {
  const auto encoder = find_codec("pcm")->start(format);
  std::vector<PacketPtr> packets;
  encoder->encode(chunk(3, true), packets);
  REQUIRE(packets.size() == 1);
  const std::string_view message = message_of(packets[0]);
  CHECK(message.substr(0, frame_header_bytes) == frame_header({0, 2, true, 3, 13230, 44100, 4410}));
  CHECK(message.substr(frame_header_bytes) == chunk(3).s16);
}

TEST_CASE("Opus counts its frames at 48 kHz without a gap, and begins where the sound does") {
  const std::vector<PacketPtr> packets = encoded(*find_codec("opus"), 20);
  uint64_t position = 0;
  for (size_t i = 0; i < packets.size(); ++i) {
    const std::string_view message = message_of(packets[i]);
    CHECK(message[1] == 1);
    CHECK(little_endian(message, 4, 4) == i);
    CHECK(little_endian(message, 16, 4) == 48000);
    if (i > 0) CHECK(little_endian(message, 8, 8) == position);
    if (i == 0) CHECK(little_endian(message, 8, 8) < 960);
    position = little_endian(message, 8, 8) + little_endian(message, 20, 4);
    size_t at = frame_header_bytes;
    size_t count = 0;
    for (; at < message.size(); ++count) at += 2 + little_endian(message, at, 2);
    CHECK(at == message.size());
    CHECK(count * 960 == little_endian(message, 20, 4));
  }
  CHECK(position >= 2 * 48000);  // all of it, though the encoder delays
}

TEST_CASE("An audio_chunk carries every field that was agreed") {
  const auto encoder = find_codec("base64")->start(format);
  std::vector<PacketPtr> packets;
  Sound sound = chunk(3, true);
  sound.s16 = "foo";
  encoder->encode(sound, packets);
  REQUIRE(packets.size() == 1);
  CHECK(nlohmann::json::parse(message_of(packets[0])) == nlohmann::json{{"type", "audio_chunk"},
                                                                        {"seq", 3},
                                                                        {"position", 13230},
                                                                        {"sample_rate", 44100},
                                                                        {"channels", 2},
                                                                        {"num_samples", 4410},
                                                                        {"duration_ms", 100.0},
                                                                        {"flags", 1},
                                                                        {"data", "Zm9v"}});
}

TEST_CASE("What a slow listener gets after a gap says so, where the codec has a place for it") {
  for (const char* name : {"pcm", "opus"}) {
    const PacketPtr packet = encoded(*find_codec(name), 10).at(2);
    CHECK(message_of(packet)[frame_flags_at] == 0);
    CHECK(message_of(packet->flagged())[frame_flags_at] == 1);
    CHECK(message_of(packet->flagged()).size() == message_of(packet).size());
  }
  const PacketPtr text = encoded(*find_codec("base64"), 3).at(2);
  CHECK(nlohmann::json::parse(message_of(text))["flags"] == 0);
  CHECK(nlohmann::json::parse(message_of(text->flagged()))["flags"] == 1);
  const PacketPtr wav = encoded(*find_stream("/stream.wav"), 3).at(2);
  CHECK(wav->bytes() == wav->flagged()->bytes());
}

TEST_CASE("Streams for players begin with a header of their kind") {
  CHECK(find_stream("/stream.wav")->start(format)->header().starts_with("RIFF"));
  CHECK(find_stream("/stream.opus")->start(format)->header().starts_with("OggS"));
  const std::string last(encoded(*find_stream("/stream.opus"), 5).back()->bytes());
  CHECK((last.at(last.rfind("OggS") + 5) & 4) != 0);  // the mark of the end
}

}  // namespace auralis
