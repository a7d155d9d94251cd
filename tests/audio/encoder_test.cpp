// SPDX-License-Identifier: MIT
#include "audio/encoder.h"

#include <doctest/doctest.h>
#include <opus.h>

#include <algorithm>
#include <cmath>

#include "audio/signals.h"
#include "audio/sound_file.h"
#include "base/io.h"
#include "temporary_folder.h"

using namespace auralis;

namespace {

std::vector<std::string> packets_of(const std::vector<float>& frames, int rate, size_t block) {
  OpusPackets encoder(rate, 2, 128000);
  std::vector<std::string> packets;
  for (size_t at = 0; at < frames.size(); at += 2 * block) {
    encoder.encode(std::span(frames).subspan(at, std::min(2 * block, frames.size() - at)), packets);
  }
  return packets;
}

std::vector<float> decode(const std::vector<std::string>& packets) {
  int status = 0;
  OpusDecoder* decoder = opus_decoder_create(opus_rate, 2, &status);
  std::vector<float> out;
  std::vector<float> frames(2 * 5760);
  for (const std::string& packet : packets) {
    const int count = opus_decode_float(decoder, reinterpret_cast<const unsigned char*>(packet.data()),
                                        static_cast<opus_int32>(packet.size()), frames.data(), 5760, 0);
    REQUIRE(count == opus_packet_frames);
    out.insert(out.end(), frames.begin(), frames.begin() + 2 * count);
  }
  opus_decoder_destroy(decoder);
  return out;
}

}  // namespace

TEST_CASE("Packets decode to the sound they were made of, later by the stated delay") {
  for (const int rate : {44100, 48000, 96000}) {
    const std::vector<float> wanted = test::sine(440, 0.5, 2.0, opus_rate);
    const auto packets = packets_of(test::sine(440, 0.5, 2.0, rate), rate, 4410);
    CHECK(packets.size() >= 99);
    std::vector<float> got = decode(packets);
    const auto lag = 2 * static_cast<long>(OpusPackets(rate, 2, 128000).delay_frames());
    got.erase(got.begin(), got.begin() + lag);
    const long from = 2 * 24000;
    const long to = 2 * 72000;
    CHECK(test::error_db({got.begin() + from, got.begin() + to},
                         {wanted.begin() + from, wanted.begin() + to}) < -30.0);
  }
}

TEST_CASE("Each 20 ms of sound leave at once as a packet, whatever their rate") {
  for (const int rate : {22050, 32000, 44100, 48000, 96000}) {
    OpusPackets encoder(rate, 2, 128000);
    const std::vector<float> block = test::noise(static_cast<size_t>(2 * rate / 50), 0.3);
    size_t late = 0;
    for (size_t made = 1; made <= 250; ++made) {
      std::vector<std::string> packets;
      encoder.encode(block, packets);
      late += packets.size() != 1;
    }
    CHECK(late == 0);
    CHECK(encoder.delay_frames() < opus_packet_frames / 2);
  }
}

TEST_CASE("Packets are the same for any block size") {
  const std::vector<float> frames = test::noise(2 * 44100, 0.3);
  const auto wanted = packets_of(frames, 44100, 44100);
  CHECK(packets_of(frames, 44100, 441) == wanted);
  CHECK(packets_of(frames, 44100, 882) == wanted);
}

TEST_CASE("An Ogg Opus stream plays from its header on, and for who joins late from any later page") {
  const test::TemporaryFolder folder;
  const std::vector<float> frames = test::sine(440, 0.5, 4.0);
  OggOpusStream stream(44100, 2, 128000, SoundTags{.title = "station"});
  CHECK(stream.header().find("OpusHead") != std::string::npos);
  CHECK(stream.header().find("TITLE=station") != std::string::npos);
  std::string first;
  std::string second;
  size_t longest_wait = 0;
  size_t waited = 0;
  for (size_t at = 0; at < frames.size(); at += 2 * 882) {
    std::string& half = at < frames.size() / 2 ? first : second;
    const size_t before = half.size();
    stream.encode(std::span(frames).subspan(at, std::min<size_t>(2 * 882, frames.size() - at)), half);
    waited = half.size() == before ? waited + 1 : 0;
    longest_wait = std::max(longest_wait, waited);
  }
  CHECK(longest_wait <= 6);  // of 20 ms
  stream.finish(second);
  CHECK(second.starts_with("OggS"));
  const auto seconds = [&](const std::string& bytes) {
    write_file(folder / "a.opus", bytes);
    SoundFileReader reader(folder / "a.opus");
    std::vector<float> back(2 * 48000 * 5);
    const size_t count = reader.read(back);
    double power = 0.0;
    for (size_t i = 0; i < 2 * count; ++i)
      power += static_cast<double>(back[i]) * static_cast<double>(back[i]);
    CHECK(std::sqrt(power / static_cast<double>(2 * count)) == doctest::Approx(0.354).epsilon(0.03));
    return static_cast<double>(count) / 48000.0;
  };
  CHECK(seconds(stream.header() + first + second) == doctest::Approx(4.0).epsilon(0.001));
  CHECK(seconds(stream.header() + second) == doctest::Approx(2.0).epsilon(0.06));
}
