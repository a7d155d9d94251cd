// SPDX-License-Identifier: MIT
#include "synth/fifo.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

using namespace auralis;

namespace {

// Frame n is n on the left and −n on the right.
void append_counting(Fifo& fifo, int64_t from) {
  StereoQuantum quantum;
  for (int n = 0; n < quantum_frames; ++n) {
    quantum[0][n] = static_cast<float>(from + n);
    quantum[1][n] = -quantum[0][n];
  }
  fifo.append(quantum);
}

}  // namespace

TEST_CASE("Frames come out in order, interleaved, whatever the blocks they are taken in") {
  for (const int64_t block : {1, 63, 64, 65, 1000}) {
    CAPTURE(block);
    Fifo fifo;
    int64_t made = 0;
    int64_t taken = 0;
    bool right = true;
    while (taken < 100'000) {
      while (fifo.size() < block) append_counting(fifo, std::exchange(made, made + quantum_frames));
      CHECK(fifo.size() == made - taken);
      for (int64_t n = 0; n < block; ++n) {
        right &= fifo.front()[2 * n] == static_cast<float>(taken + n);
        right &= fifo.front()[2 * n + 1] == -static_cast<float>(taken + n);
      }
      fifo.drop(block);
      taken += block;
    }
    CHECK(right);
  }
}

TEST_CASE("Silence that is put in front is as long as it was asked to be, and nothing else") {
  Fifo fifo;
  fifo.append_silence(100);
  append_counting(fifo, 1);
  CHECK(fifo.size() == 100 + quantum_frames);
  CHECK(std::all_of(fifo.front(), fifo.front() + 200, [](float x) { return x == 0.0F; }));
  CHECK(fifo.front()[200] == 1.0F);
  CHECK(fifo.front()[201] == -1.0F);
}
