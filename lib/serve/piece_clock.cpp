// SPDX-License-Identifier: MIT
#include "serve/piece_clock.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace auralis {
namespace {

constexpr size_t remembered_starts = 16;
// A renderer may lag this much behind its composer, as when it starts.
constexpr int64_t tolerated_s = 5;

}  // namespace

void PieceClock::may_start_at(int64_t input_frame) {
  starts_.push_back(input_frame);
  if (starts_.size() > remembered_starts) starts_.pop_front();
}

int64_t PieceClock::input_frame_of(double t_s, double newest_s, int64_t written, int rate) {
  if (start_is_ != StartIs::known) {
    // The newest second that was released has just been read, or will be soon.
    const int64_t guess = written - std::llround(newest_s * rate);
    const int64_t nearest = *std::min_element(starts_.begin(), starts_.end(), [guess](int64_t a, int64_t b) {
      return std::llabs(a - guess) < std::llabs(b - guess);
    });
    if (std::llabs(nearest - guess) < tolerated_s * rate) {
      start_ = nearest;
      start_is_ = StartIs::known;
    } else {
      // Where none fits, we came in the middle of it. What was read is never ahead of what was released, so the latest
      // of all guesses is the best: the others were made at a moment when much was on its way.
      start_ = start_is_ == StartIs::guessed ? std::max(start_, guess) : guess;
      start_is_ = StartIs::guessed;
    }
  }
  return start_ + std::llround(t_s * rate);
}

}  // namespace auralis
