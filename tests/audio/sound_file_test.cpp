// SPDX-License-Identifier: MIT
#include "audio/sound_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "audio/signals.h"
#include "base/error.h"
#include "base/io.h"
#include "temporary_folder.h"

using namespace auralis;

namespace {

void write(const std::filesystem::path& path, const std::vector<float>& frames, const PcmFormat& format) {
  SoundFileWriter writer(path, format, {.title = "a title", .comment = "a comment"});
  writer.write(frames);
  writer.commit();
}

std::vector<float> read(const std::filesystem::path& path) {
  SoundFileReader reader(path);
  std::vector<float> frames(static_cast<size_t>(reader.frames() * reader.channels()));
  CHECK(static_cast<int64_t>(reader.read(frames)) == reader.frames());
  return frames;
}

Error error_of(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  return {Exit::done, "no error"};
}

}  // namespace

TEST_CASE("A lossless file gives back the samples to its own resolution") {
  const test::TemporaryFolder folder;
  const std::vector<float> frames = test::sine(997, 0.7, 0.5);
  const auto error = [&](const std::string& name, SampleFormat sample) {
    write(folder / name, frames, {sample, 44100, 2});
    const std::vector<float> back = read(folder / name);
    REQUIRE(back.size() == frames.size());
    return test::error_db(back, frames);
  };
  // TPDF dither: a quarter LSB² of noise, against a sine of 0.7²/2.
  CHECK(error("a.wav", SampleFormat::s16) == doctest::Approx(-90.2).epsilon(0.003));
  CHECK(error("a.flac", SampleFormat::s16) == doctest::Approx(-90.2).epsilon(0.003));
  CHECK(error("b.wav", SampleFormat::s24) < -140.0);
  CHECK(error("b.flac", SampleFormat::s24) < -140.0);
  write(folder / "c.wav", frames, {SampleFormat::f32, 44100, 2});
  CHECK(read(folder / "c.wav") == frames);
  CHECK(read(folder / "a.wav") == read(folder / "a.flac"));
}

TEST_CASE("Vorbis and Opus give back the sound, in time and in level") {
  const test::TemporaryFolder folder;
  const std::vector<float> frames = test::sine(440, 0.5, 2.0, 48000);
  for (const char* name : {"a.ogg", "a.opus"}) {
    write(folder / name, frames, {SampleFormat::s16, 48000, 2});
    const std::vector<float> back = read(folder / name);
    CHECK(back.size() == frames.size());
    const size_t middle = back.size() / 2;
    CHECK(test::error_db({back.begin() + 10000, back.begin() + static_cast<long>(middle)},
                         {frames.begin() + 10000, frames.begin() + static_cast<long>(middle)}) < -25.0);
  }
}

TEST_CASE("Opus takes any rate and plays for as long") {
  const test::TemporaryFolder folder;
  for (const int rate : {8000, 44100, 96000, 192000}) {
    write(folder / "a.opus", test::sine(440, 0.5, 1.0, rate), {SampleFormat::f32, rate, 2});
    const SoundFileReader reader(folder / "a.opus");
    CHECK(static_cast<double>(reader.frames()) / reader.rate() == doctest::Approx(1.0).epsilon(0.001));
  }
}

TEST_CASE("A WAV under 4 GiB is plain RIFF, and its name decides case-blind") {
  const test::TemporaryFolder folder;
  write(folder / "A.WAV", test::sine(440, 0.5, 0.1), {});
  CHECK(read_file(folder / "A.WAV").substr(0, 4) == "RIFF");
  CHECK(file_kind("x.FLAC") == FileKind::flac);
}

TEST_CASE("A WAV past 4 GiB is RF64 with its true length") {
  const test::TemporaryFolder folder;
  const int64_t wanted =
      (int64_t{1} << 32) / 8 + 1000;  // f32 stereo, in zeros, on a file system that keeps them sparse or not
  if (std::filesystem::space(folder / "").available < (uint64_t{5} << 30)) {
    MESSAGE("skipped: less than 5 GiB free");
    return;
  }
  {
    SoundFileWriter writer(folder / "big.wav", {SampleFormat::f32, 44100, 2});
    const std::vector<float> zeros(1 << 20);
    for (int64_t left = wanted; left > 0;) {
      const int64_t count = std::min<int64_t>(left, 1 << 19);
      writer.write(std::span(zeros).first(static_cast<size_t>(count) * 2));
      left -= count;
    }
    writer.commit();
  }
  SoundFileReader reader(folder / "big.wav");
  CHECK(reader.frames() == wanted);
  CHECK(reader.description().substr(0, 4) == "RF64");
}

TEST_CASE("What is not committed leaves no file, and what is committed leaves one") {
  const test::TemporaryFolder folder;
  {
    SoundFileWriter writer(folder / "a.flac", {});
    writer.write(test::sine(440, 0.5, 0.1));
    CHECK(!std::filesystem::exists(folder / "a.flac"));
  }
  CHECK(folder.entries() == 0);
  {
    SoundFileWriter writer(folder / "a.flac", {});
    writer.write(test::sine(440, 0.5, 0.1));
    CHECK(writer.commit_partial() == folder / "a.partial.flac");
  }
  CHECK(folder.entries() == 1);
  CHECK(read(folder / "a.partial.flac").size() == 8820);
}

TEST_CASE("A full disk is an error that names the file and the reason, and leaves nothing, for every kind") {
  const test::TemporaryFolder folder;
  std::signal(SIGXFSZ, SIG_IGN);
  const std::vector<float> frames = test::noise(400000, 0.5);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  for (const char* name : {"a.wav", "a.flac", "a.ogg", "a.opus"}) {
    const rlimit small{20000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const Error error = error_of([&] { write(folder / name, frames, {}); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK(error.exit == Exit::environment);
    CHECK(std::string(error.what()) == "cannot write " + (folder / name).string() + ": File too large");
    CHECK(folder.entries() == 0);
  }
}

TEST_CASE("What a full disk cuts short is kept as far as it went, and says how long it is") {
  const test::TemporaryFolder folder;
  std::signal(SIGXFSZ, SIG_IGN);
  const std::vector<float> frames = test::sine(440, 0.5, 30.0, 48000);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  for (const char* name : {"a.wav", "a.flac", "a.ogg", "a.opus"}) {
    CAPTURE(name);
    const rlimit small{100'000, before.rlim_max};
    SoundFileWriter writer(folder / name, {SampleFormat::s16, 48000, 2});
    ::setrlimit(RLIMIT_FSIZE, &small);
    CHECK_THROWS_AS(writer.write(frames), Error);
    const std::filesystem::path kept = writer.commit_partial();
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK(kept.stem().string() == "a.partial");
    CHECK(std::filesystem::file_size(kept) <= 100'000);
    // All that is there decodes, and is what went in.
    const std::vector<float> back = read(kept);
    REQUIRE(back.size() > 20'000);
    REQUIRE(back.size() < frames.size());
    const auto length = static_cast<long>(back.size()) - 4096;  // an encoder's last page has no neighbour
    CHECK(test::error_db({back.begin() + 10'000, back.begin() + length},
                         {frames.begin() + 10'000, frames.begin() + length}) < -25.0);
  }
  CHECK(folder.entries() == 4);
}

TEST_CASE("A FIFO takes every kind as a stream, which is whole when its writer ends") {
  const test::TemporaryFolder folder;
  const std::vector<float> frames = test::sine(440, 0.5, 1.0, 48000);
  for (const char* name : {"a.wav", "a.flac", "a.ogg", "a.opus"}) {
    CAPTURE(name);
    const auto fifo = folder / name;
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    std::string bytes;
    std::jthread reader([&] { bytes = read_file(fifo); });
    write(fifo, frames, {SampleFormat::s16, 48000, 2});
    reader.join();
    CHECK(std::filesystem::is_fifo(fifo));
    const auto got = folder / ("got" + fifo.extension().string());
    write_file(got, bytes);
    if (fifo.extension() == ".wav") {
      CHECK(bytes == wav_header({SampleFormat::s16, 48000, 2}) + bytes.substr(44));
      CHECK(bytes.size() == 44 + 4 * 48000);
    } else {
      SoundFileReader file(got);
      std::vector<float> back(frames.size() + 2000);
      CHECK(file.read(back) == frames.size() / 2);
    }
  }
}

TEST_CASE("A head that asks for more than sound needs is refused with what it asks for") {
  const test::TemporaryFolder folder;
  const auto refused = [&](int rate, int channels) {
    std::string head = wav_header({SampleFormat::s16, rate, channels}, 100);
    write_file(folder / "a.wav", head + std::string(400, '\0'));
    const Error error = error_of([&] { SoundFileReader(folder / "a.wav"); });
    const std::string what = error.what();
    return std::pair(error.exit, what.substr(std::min(what.size(), (folder / "").string().size())));
  };
  CHECK(refused(44100, 2).first == Exit::done);
  for (const int rate : {1, 19, 3999, 384'001, 50'000'000, 2'147'483'647}) {
    CHECK(refused(rate, 2) == std::pair(Exit::bad_input, "a.wav: a rate of " + std::to_string(rate) +
                                                             " Hz, expected 4000 to 384000"));
  }
  CHECK(refused(44100, 3) == std::pair(Exit::bad_input, std::string("a.wav: 3 channels, expected 1 or 2")));
}

TEST_CASE("What cannot be is refused with what could") {
  const test::TemporaryFolder folder;
  const auto refused = [&](const std::string& name, const PcmFormat& format) {
    const Error error = error_of([&] { SoundFileWriter(folder / name, format); });
    return std::pair(error.exit, std::string(error.what()).substr((folder / "").string().size()));
  };
  CHECK(refused("a.mp3", {}) ==
        std::pair(Exit::usage, std::string(R"(a.mp3 ends in ".mp3", expected .wav, .flac, .ogg or .opus)")));
  CHECK(refused("a", {}) ==
        std::pair(Exit::usage, std::string(R"(a ends in "", expected .wav, .flac, .ogg or .opus)")));
  CHECK(refused("a.flac", {SampleFormat::f32, 44100, 2}) ==
        std::pair(Exit::usage, std::string("a.flac cannot hold f32, expected s16 or s24 for .flac")));
  CHECK(folder.entries() == 0);
  CHECK(error_of([&] { SoundFileWriter(folder / "no" / "a.wav", {}); }).exit == Exit::environment);
  write_file(folder / "text.wav", "not sound at all, by any means whatsoever");
  CHECK(error_of([&] { SoundFileReader(folder / "text.wav"); }).exit == Exit::bad_input);
  CHECK(error_of([&] { SoundFileReader(folder / "missing.wav"); }).exit == Exit::environment);
}

TEST_CASE("A file that is damaged in the middle is an error that names file and reason, not a shorter file") {
  const test::TemporaryFolder folder;
  write(folder / "a.flac", test::noise(5 * 44100, 0.5), {SampleFormat::s16, 44100, 2});
  std::string bytes = read_file(folder / "a.flac");
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), 4000, '\x55');
  write_file(folder / "a.flac", bytes);
  SoundFileReader reader(folder / "a.flac");
  std::vector<float> block(1000 * 2);
  const Error error = error_of([&] {
    while (reader.read(block) > 0) {
    }
  });
  CHECK(error.exit == Exit::bad_input);
  const std::string message = error.what();
  CAPTURE(message);
  CHECK(message.starts_with((folder / "a.flac").string() + ": "));
  CHECK(message.find("decoded") != std::string::npos);
  CHECK(message.find("()") == std::string::npos);
}

TEST_CASE("A file that cannot be begun again says so") {
  const test::TemporaryFolder folder;
  write(folder / "a.wav", test::noise(1000, 0.5), {SampleFormat::s16, 44100, 2});
  const std::string bytes = read_file(folder / "a.wav");
  const std::filesystem::path fifo = folder / "fifo.wav";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  std::jthread writer([&] {
    const int fd = ::open(fifo.c_str(), O_WRONLY);
    write_all(fd, bytes, "fifo");
    ::close(fd);
  });
  SoundFileReader reader(fifo);
  std::vector<float> frames(1000 * 2);
  CHECK(reader.read(frames) == 500);
  const Error error = error_of([&] { reader.rewind(); });
  CHECK(error.exit == Exit::bad_input);
  CHECK(std::string(error.what()).starts_with(fifo.string() + ": cannot be begun again ("));
}
