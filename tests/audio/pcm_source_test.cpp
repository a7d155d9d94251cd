// SPDX-License-Identifier: MIT
#include "audio/pcm_source.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "audio/signals.h"
#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "temporary_folder.h"

using namespace auralis;
using namespace std::string_literals;

namespace {

// Feeds bytes through a pipe in pieces of `piece` and reads frames in blocks of `block`.
struct Fed {
  std::vector<float> samples;
  PcmFormat format;
  int64_t restarts = 0;
  std::string error;
};

Fed feed(const std::string& bytes, size_t piece = 65536, size_t block = 1000,
         std::optional<PcmFormat> raw = {}) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::jthread writer([&] {
    for (size_t at = 0; at < bytes.size(); at += piece) {
      if (::write(ends[1], bytes.data() + at, std::min(piece, bytes.size() - at)) < 0) break;
    }
    ::close(ends[1]);
  });
  Fed fed;
  try {
    const auto source = open_pcm_stream(ends[0], "in", raw);
    fed.format = source->format();
    std::vector<float> frames(block * static_cast<size_t>(fed.format.channels));
    while (const int64_t count = source->read(frames)) {
      fed.samples.insert(fed.samples.end(), frames.begin(), frames.begin() + count * fed.format.channels);
    }
    fed.restarts = source->restarts();
  } catch (const Error& error) {
    CHECK(error.exit == Exit::bad_input);
    fed.error = error.what();
    std::string rest(65536, '\0');
    while (::read(ends[0], rest.data(), rest.size()) > 0) {
    }
  }
  writer.join();
  ::close(ends[0]);
  return fed;
}

std::string stream(const PcmFormat& format, const std::vector<float>& samples,
                   std::optional<uint64_t> frames = {}) {
  std::string bytes = wav_header(format, frames);
  append_pcm(samples, format.sample, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("A WAV stream of every format comes back as its samples, whatever the pieces") {
  for (const SampleFormat sample :
       {SampleFormat::u8, SampleFormat::s16, SampleFormat::s24, SampleFormat::s32, SampleFormat::f32}) {
    for (const int channels : {1, 2}) {
      const PcmFormat format{sample, 32000, channels};
      const std::vector<float> samples = test::noise(3000, 0.9);
      std::string bytes;
      append_pcm(samples, sample, bytes);
      std::vector<float> wanted(samples.size());
      decode_pcm(bytes, sample, wanted.data());
      for (const size_t piece : {1, 7, 65536}) {
        const Fed fed = feed(stream(format, samples), piece, 77);
        CHECK(fed.error == "");
        CHECK(fed.format == format);
        CHECK(fed.samples == wanted);
      }
    }
  }
}

TEST_CASE("A stream that says its length ends there, and what follows the data is not sound") {
  const std::vector<float> samples = test::noise(2000, 0.9);
  const PcmFormat format{SampleFormat::f32, 44100, 2};
  const Fed fed = feed(stream(format, samples, 1000) + "LIST\x04\0\0\0abcd"s);
  CHECK(fed.error == "");
  CHECK(fed.samples == samples);
}

TEST_CASE("An RF64 stream takes its length from ds64") {
  const std::vector<float> samples = test::noise(2000, 0.9);
  std::string bytes = "RF64\xFF\xFF\xFF\xFFWAVEds64\x1C\0\0\0"s + std::string(8, '\0') +
                      "\x40\x1F\0\0\0\0\0\0"s + std::string(12, '\0');
  bytes += wav_header({SampleFormat::f32, 44100, 2}).substr(12);
  append_pcm(samples, SampleFormat::f32, bytes);
  const Fed fed = feed(bytes + "JUNK\x02\0\0\0ab"s);
  CHECK(fed.error == "");
  CHECK(fed.samples == samples);
}

TEST_CASE(
    "A writer that is started anew goes on without its header being heard, even when cut off inside a "
    "frame") {
  const std::vector<float> first = test::sine(300, 0.5, 0.05);
  const std::vector<float> second = test::sine(500, 0.5, 0.05);
  const PcmFormat format{SampleFormat::f32, 44100, 2};
  std::vector<float> wanted = first;
  wanted.insert(wanted.end(), second.begin(), second.end());
  for (const std::string& cut :
       {""s, "RIFFRI"s, "\xFF"s}) {  // also where the torn frame looks like a header's beginning
    for (const size_t piece : {1, 13, 65536}) {
      const Fed fed = feed(stream(format, first) + cut + stream(format, second), piece);
      CHECK(fed.error == "");
      CHECK(fed.restarts == 1);
      CHECK(fed.samples == wanted);
    }
  }
  // Two whole files, one after the other.
  const Fed fed = feed(stream(format, first, first.size() / 2) + stream(format, second, second.size() / 2));
  CHECK(fed.samples == wanted);
  CHECK(fed.restarts == 1);
  CHECK(feed(stream(format, first) + stream({SampleFormat::s16, 44100, 2}, second)).error ==
        "in: goes on as s16 at 44100 Hz with 2 channel(s) after a new header, expected f32 at 44100 Hz with "
        "2 channel(s)");
}

TEST_CASE("Raw PCM needs no header and ignores half a frame at the end") {
  std::string bytes;
  append_pcm(test::noise(2000, 0.9), SampleFormat::s16, bytes);
  const Fed fed = feed(bytes + "abc", 11, 100, PcmFormat{SampleFormat::s16, 48000, 2});
  CHECK(fed.samples.size() == 2000);
  CHECK(fed.format.rate == 48000);
}

TEST_CASE("What is not a WAV stream is refused with what was expected") {
  const std::string good = wav_header({SampleFormat::s16, 44100, 2});
  const auto with = [&](size_t at, const std::string& bytes) {
    return std::string(good).replace(at, bytes.size(), bytes);
  };
  CHECK(feed("").error == "in: empty, expected a WAV stream");
  CHECK(feed("RIFF").error == "in: ends inside its header, expected a WAV stream");
  CHECK(feed(good.substr(0, 40)).error == "in: ends inside its header, expected \"fmt \" and \"data\"");
  CHECK(feed("fLaC and then more").error ==
        "in: begins with \"fLaC and the\", expected a WAV stream (RIFF or RF64), or --raw for PCM without a "
        "header");
  CHECK(feed(with(22, "\x06"s)).error == "in: 6 channels, expected 1 or 2");
  CHECK(feed(with(24, "\0\0\0\0"s)).error == "in: a rate of 0 Hz, expected 4000 to 192000");
  CHECK(feed(with(20, "\x02"s)).error.starts_with("in: samples of 16 bits in WAV format 2, expected"));
  CHECK(feed(with(36, "LIST"s)).error.starts_with("in: ends inside its header"));
  CHECK(feed(with(12, "bext"s)).error == "in: no \"fmt \" before its data, expected one");
}

TEST_CASE("Random bytes after a good beginning never do more than end in an error") {
  Rng rng(5);
  const std::string good = wav_header({SampleFormat::s16, 44100, 2}, 8) + std::string(32, 'x');
  for (int round = 0; round < 300; ++round) {
    std::string bytes = good.substr(0, rng.index(good.size()));
    for (size_t i = rng.index(100); i > 0; --i) bytes += static_cast<char>(rng.next());
    if (!bytes.empty()) bytes[rng.index(bytes.size())] = static_cast<char>(rng.next());
    feed(bytes);
  }
}

TEST_CASE("A file plays, and plays again from its first frame") {
  const test::TemporaryFolder folder;
  const std::vector<float> samples = test::sine(440, 0.5, 0.1);
  SoundFileWriter writer(folder / "a.wav", {SampleFormat::f32, 44100, 2});
  writer.write(samples);
  writer.commit();
  const auto source = open_pcm_source(folder / "a.wav");
  std::vector<float> frames(samples.size() + 10);
  for (int round = 0; round < 2; ++round) {
    CHECK(source->read(frames) == static_cast<int64_t>(samples.size() / 2));
    CHECK(std::equal(samples.begin(), samples.end(), frames.begin()));
    CHECK(source->read(frames) == 0);
    CHECK(source->rewind());
  }
  CHECK_THROWS_AS(open_pcm_source(folder / "none.wav"), Error);
}

TEST_CASE("A stream that ends like a header begins is heard to its last frame") {
  const PcmFormat format{SampleFormat::s16, 44100, 2};
  const std::string sound(400, '\x11');
  for (size_t part = 1; part < 16; ++part) {
    // Whole frames, whose last bytes are the first of a header, and not all of them.
    std::string tail(4 - part % 4, '\x22');
    tail += "RIFF\xFF\xFF\xFF\xFFWAVEfmt "s.substr(0, part);
    CAPTURE(part);
    const Fed fed = feed(wav_header(format, std::nullopt) + sound + tail);
    CHECK(fed.error.empty());
    std::vector<float> expected((sound.size() + tail.size()) / 4 * 2);
    decode_pcm((sound + tail).substr(0, expected.size() * 2), SampleFormat::s16, expected.data());
    CHECK(fed.samples == expected);
  }
}
