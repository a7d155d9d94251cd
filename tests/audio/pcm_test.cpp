// SPDX-License-Identifier: MIT
#include "audio/pcm.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "audio/signals.h"
#include "base/error.h"
#include "base/io.h"
#include "temporary_folder.h"

using namespace auralis;
using namespace std::string_literals;

TEST_CASE("Every format's extremes and zero are the bytes the format defines") {
  const std::vector<float> samples{-1.0f, 0.0f, 0.5f, 1.0f, -7.0f, 7.0f};
  const auto bytes_of = [&](SampleFormat format) {
    std::string bytes;
    append_pcm(samples, format, bytes);
    return bytes;
  };
  CHECK(bytes_of(SampleFormat::u8) == "\x00\x80\xC0\xFF\x00\xFF"s);
  CHECK(bytes_of(SampleFormat::s16) == "\x00\x80\x00\x00\x00\x40\xFF\x7F\x00\x80\xFF\x7F"s);
  CHECK(bytes_of(SampleFormat::s24) ==
        "\x00\x00\x80\x00\x00\x00\x00\x00\x40\xFF\xFF\x7F\x00\x00\x80\xFF\xFF\x7F"s);
  CHECK(bytes_of(SampleFormat::s32) ==
        "\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00\x40\xFF\xFF\xFF\x7F\x00\x00\x00\x80\xFF\xFF\xFF\x7F"s);
  CHECK(bytes_of(SampleFormat::f32).substr(8, 4) == "\x00\x00\x00\x3F"s);
}

TEST_CASE("Decoding and encoding again gives the same bytes for every format") {
  Rng rng(3);
  for (const SampleFormat format :
       {SampleFormat::u8, SampleFormat::s16, SampleFormat::s24, SampleFormat::f32}) {
    std::string bytes(1200, '\0');
    if (format == SampleFormat::f32) {
      bytes.clear();
      append_pcm(test::noise(300, 1.5), format, bytes);
    } else {
      for (char& c : bytes) c = static_cast<char>(rng.next());
    }
    std::vector<float> samples(bytes.size() / static_cast<size_t>(sample_bytes(format)));
    decode_pcm(bytes, format, samples.data());
    std::string again;
    append_pcm(samples, format, again);
    CHECK(again == bytes);
  }
}

TEST_CASE("Dither keeps the mean of a level far below one step, which rounding loses") {
  const std::vector<float> quiet(200000, 0.3f / 32768.0f);
  std::vector<int32_t> plain(quiet.size());
  std::vector<int32_t> dithered(quiet.size());
  quantise(quiet, 16, plain.data());
  quantise(quiet, 16, dithered.data(), 0);
  const auto mean = [](const std::vector<int32_t>& x) {
    double sum = 0.0;
    for (const int32_t value : x) sum += value;
    return sum / static_cast<double>(x.size());
  };
  CHECK(mean(plain) == 0.0);
  CHECK(mean(dithered) == doctest::Approx(0.3).epsilon(0.03));
  CHECK(*std::max_element(dithered.begin(), dithered.end()) <= 2);
}

TEST_CASE("The power of the dithered error does not depend on the signal") {
  // Triangular dither of ±1 LSB: a quarter LSB² whatever the level between two steps.
  for (const float level : {0.1f, 0.25f, 0.5f, 0.9f}) {
    const std::vector<float> samples(200000, (1000.0f + level) / 32768.0f);
    std::vector<int32_t> whole(samples.size());
    quantise(samples, 16, whole.data(), 77);
    double power = 0.0;
    for (const int32_t value : whole) power += std::pow(value - 1000.0 - static_cast<double>(level), 2);
    CHECK(power / static_cast<double>(whole.size()) == doctest::Approx(0.25).epsilon(0.02));
  }
}

TEST_CASE("Dither is the same for any block size, and leaves digital silence alone") {
  const std::vector<float> samples = test::noise(10000, 0.001);
  std::string whole;
  append_pcm(samples, SampleFormat::s16, whole, 500);
  std::string pieces;
  for (size_t at = 0; at < samples.size(); at += 37) {
    const size_t count = std::min<size_t>(37, samples.size() - at);
    append_pcm(std::span(samples).subspan(at, count), SampleFormat::s16, pieces,
               500 + static_cast<int64_t>(at));
  }
  CHECK(pieces == whole);
  std::string silence;
  append_pcm(std::vector<float>(5000, 0.0f), SampleFormat::s16, silence, 0);
  CHECK(silence == std::string(10000, '\0'));
}

TEST_CASE("The header of an endless s16 stream is these 44 bytes") {
  const std::string wanted = "RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0\x01\0\x02\0"s +
                             "\x44\xAC\0\0\x10\xB1\x02\0\x04\0\x10\0data\xFF\xFF\xFF\xFF"s;
  CHECK(wav_header({SampleFormat::s16, 44100, 2}) == wanted);
}

TEST_CASE("A header with a length holds true sizes, and past 4 GiB none") {
  const PcmFormat format{SampleFormat::s24, 48000, 2};
  const std::string header = wav_header(format, 1000);
  CHECK(header.substr(40) == "\x70\x17\0\0"s);                 // 6000
  CHECK(header.substr(4, 4) == "\x94\x17\0\0"s);               // 6036
  CHECK(wav_header(format, 715827882) == wav_header(format));  // 4294967292 bytes of data and 36 more
  CHECK(wav_header({SampleFormat::f32, 48000, 2}, 10).size() == 58);
}

TEST_CASE("Standard output that is a plain file gets true sizes, appended to or at an offset likewise") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "x.wav";
  const PcmFormat format{SampleFormat::s16, 44100, 2};
  const std::vector<float> frames = test::sine(440, 0.5, 0.1);
  const auto write = [&](int flags) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | flags, 0600);
    if ((flags & O_TRUNC) == 0) ::lseek(fd, 0, SEEK_END);
    PcmStreamWriter writer(fd, path, format, false);
    writer.write(frames);
    writer.finish();
    ::close(fd);
  };
  write(O_TRUNC);
  const std::string header = wav_header(format, frames.size() / 2);
  std::string bytes = read_file(path);
  CHECK(bytes.substr(0, 44) == header);
  CHECK(bytes.size() == 44 + frames.size() * 2);
  write(0);
  CHECK(read_file(path).substr(bytes.size(), 44) == header);
  write(O_TRUNC);
  write(O_APPEND);  // where writing at an offset would append: the endless sizes stay
  bytes = read_file(path);
  CHECK(bytes.substr(0, 44) == header);
  CHECK(bytes.substr(bytes.size() / 2, 44) == wav_header(format));
  CHECK(bytes.size() == 2 * (44 + frames.size() * 2));
}

TEST_CASE("A stream without frames still has its header, raw has nothing at all") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  PcmStreamWriter(ends[1], "pipe", {}, false).finish();
  PcmStreamWriter(ends[1], "pipe", {}, true).finish();
  ::close(ends[1]);
  std::string bytes(100, '\0');
  CHECK(::read(ends[0], bytes.data(), bytes.size()) == 44);
  ::close(ends[0]);
}
