// SPDX-License-Identifier: MIT
#include "audio/phone.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "audio/signals.h"

using namespace auralis;

TEST_CASE(
    "A phone's speaker takes 3 dB at 350 Hz, next to nothing from 500 on, and 48 dB from an octave below") {
  for (const int rate : {44100, 96000}) {
    for (const double hz : {175.0, 300.0, 350.0, 500.0, 1000.0}) {
      std::vector<float> tone = test::sine(hz, 0.5, 5, rate);
      for (size_t i = 0; i < static_cast<size_t>(rate); ++i) {
        const double turn = std::numbers::pi * static_cast<double>(i) / rate;
        tone[i] *=
            static_cast<float>(0.5 - 0.5 * std::cos(turn));  // a sudden beginning is a sound of its own
      }
      LoudnessMeter whole(rate, 2);
      PhoneMeter phone(rate, 2);
      for (size_t at = 0; at < tone.size(); at += 2000) {
        const auto block = std::span(tone).subspan(at, std::min<size_t>(2000, tone.size() - at));
        whole.add(block);
        phone.add(block);
      }
      const double expected_db = 10.0 * std::log10(1.0 + std::pow(350.0 / hz, 16));
      CAPTURE(rate);
      CAPTURE(hz);
      CHECK(std::abs(whole.integrated_lufs() - phone.integrated_lufs() - expected_db) < 0.1);
    }
  }
}
