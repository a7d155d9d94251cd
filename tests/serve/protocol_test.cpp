// SPDX-License-Identifier: MIT
#include "serve/protocol.h"

#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>

namespace auralis {

TEST_CASE("A frame header has every field at its byte, little-endian") {
  const FrameHeader header{Codec::opus, 2, true, 0x04030201, 0x0807060504030201, 48000, 4800};
  std::array<unsigned char, frame_header_bytes> bytes{};
  pack_header(header, bytes.data());
  const std::array<unsigned char, frame_header_bytes> expected{
      1, 1, 2, 1, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0xBB, 0, 0, 0xC0, 0x12, 0, 0};
  CHECK(bytes == expected);
}

TEST_CASE("A header survives the round trip; anything that is none is refused") {
  const FrameHeader header{Codec::pcm, 1, false, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 192000, 38400};
  std::array<unsigned char, frame_header_bytes> bytes{};
  pack_header(header, bytes.data());
  const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  CHECK(unpack_header(view) == header);
  CHECK_FALSE(unpack_header(view.substr(1)));
  bytes[0] = 2;
  CHECK_FALSE(unpack_header(view));
  bytes[0] = 1;
  bytes[1] = 7;
  CHECK_FALSE(unpack_header(view));
}

TEST_CASE("Base64 is that of RFC 4648, section 10") {
  CHECK(base64_encode("") == "");
  CHECK(base64_encode("f") == "Zg==");
  CHECK(base64_encode("fo") == "Zm8=");
  CHECK(base64_encode("foo") == "Zm9v");
  CHECK(base64_encode("foob") == "Zm9vYg==");
  CHECK(base64_encode("fooba") == "Zm9vYmE=");
  CHECK(base64_encode("foobar") == "Zm9vYmFy");
  CHECK(base64_encode(std::string("\xFB\xFF\0", 3)) == "+/8A");
}

TEST_CASE("An audio_chunk carries every field that was agreed") {
  const FrameHeader header{Codec::pcm, 2, true, 3, 13230, 44100, 4410};
  const auto message = nlohmann::json::parse(audio_chunk_message(header, "foo"));
  CHECK(message == nlohmann::json{{"type", "audio_chunk"},
                                  {"seq", 3},
                                  {"position", 13230},
                                  {"sample_rate", 44100},
                                  {"channels", 2},
                                  {"num_samples", 4410},
                                  {"duration_ms", 100.0},
                                  {"flags", 1},
                                  {"data", "Zm9v"}});
}

TEST_CASE("Codecs are found by name, and nothing else is") {
  for (const Codec codec : {Codec::pcm, Codec::opus, Codec::base64})
    CHECK(find_codec(codec_name(codec)) == codec);
  CHECK_FALSE(find_codec("mp3"));
  CHECK_FALSE(find_codec(""));
}

}  // namespace auralis
