// SPDX-License-Identifier: MIT
#include "serve/recent.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace auralis {
namespace {

constexpr int rate = 44100;
constexpr int channels = 2;
constexpr int64_t chunk_frames = rate / 10;

Recent silence(double seconds) {
  Recent recent(seconds);
  const std::string chunk(static_cast<size_t>(chunk_frames * channels * 2), '\0');
  for (int i = 0; i < 10 * static_cast<int>(seconds); ++i) recent.keep(chunk, chunk_frames, rate);
  return recent;
}

// From the head of a FLAC file: 36 bits behind its rate, its channels and its depth.
int64_t frames_in(std::string_view flac) {
  int64_t frames = static_cast<unsigned char>(flac.at(21)) & 0x0f;
  for (size_t i = 22; i < 26; ++i) frames = frames << 8 | static_cast<unsigned char>(flac.at(i));
  return frames;
}

}  // namespace

TEST_CASE("Of minutes of silence no more than ten seconds are made at once") {
  const Recent recent = silence(200);
  const auto next = recent.file(200, channels);
  int pieces = 0;
  std::string head;
  for (std::string piece = next(); !piece.empty(); piece = next()) {
    if (pieces++ == 0) head = piece;
  }
  CHECK(pieces >= 20);
  CHECK(head.starts_with("fLaC"));
  CHECK(frames_in(head) == int64_t{200} * rate);
}

TEST_CASE("A file has the head of as much as was asked for, be it a frame or nothing") {
  const Recent recent = silence(2);
  CHECK(recent.files() == 0);
  const std::string frame = recent.file(1.0 / rate, channels)();
  CHECK(frames_in(frame) == 1);
  CHECK(recent.file(1e-9, channels)().starts_with("fLaC"));
}

TEST_CASE("A file counts as taken until it is let go of") {
  const Recent recent = silence(2);
  {
    const auto file = recent.file(1, channels);
    CHECK(recent.files() == 1);
  }
  CHECK(recent.files() == 0);
}

}  // namespace auralis
