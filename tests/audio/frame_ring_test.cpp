// SPDX-License-Identifier: MIT
#include "audio/frame_ring.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace auralis;

TEST_CASE("A ring takes what fits, gives what is there, and counts both in absolute frames") {
  FrameRing ring(2, 100);
  CHECK(ring.capacity_frames() == 128);
  std::vector<float> in(2 * 200);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i);
  CHECK(ring.write(in) == 128);
  CHECK(ring.free_frames() == 0);
  std::vector<float> out(2 * 100);
  CHECK(ring.read(out) == 100);
  CHECK(out == std::vector<float>(in.begin(), in.begin() + 200));
  CHECK(ring.write(std::span(in).subspan(256)) == 72);  // across the seam
  CHECK(ring.read(out) == 100);
  CHECK(out == std::vector<float>(in.begin() + 200, in.end()));
  CHECK(ring.read(out) == 0);
  CHECK(ring.written() == 200);
  CHECK(ring.taken() == 200);
}

TEST_CASE("Two threads pass a million frames in order through a small ring") {
  constexpr int64_t total = 1000000;
  FrameRing ring(1, 256);
  std::jthread writer([&] {
    std::vector<float> block(97);
    for (int64_t at = 0; at < total;) {
      const auto count = static_cast<size_t>(std::min<int64_t>(97, total - at));
      for (size_t i = 0; i < count; ++i) block[i] = static_cast<float>(at + static_cast<int64_t>(i));
      for (size_t done = 0; done < count;) {
        const int64_t taken = ring.write(std::span(block).subspan(done, count - done));
        if (taken == 0) std::this_thread::yield();
        done += static_cast<size_t>(taken);
      }
      at += static_cast<int64_t>(count);
    }
  });
  std::vector<float> block(61);
  int64_t wrong = 0;
  for (int64_t at = 0; at < total;) {
    const int64_t count = ring.read(block);
    if (count == 0) std::this_thread::yield();
    for (int64_t i = 0; i < count; ++i)
      wrong += block[static_cast<size_t>(i)] != static_cast<float>(at + i) ? 1 : 0;
    at += count;
  }
  CHECK(wrong == 0);
  CHECK(ring.available_frames() == 0);
}
