// SPDX-License-Identifier: MIT
#include "torch/melody/hint.h"

#include <doctest/doctest.h>

#include <cmath>

#include "torch/melody/pieces.h"

using namespace auralis;
using namespace auralis::melody;

namespace {

// Steps of the mode from home, a quarter note each.
Line line_of(std::vector<int> steps) {
  Line line;
  for (int step : steps) line.push_back({2 * (step + steps_each_way), length_class(4), {}});
  return line;
}

int step_of(const Hint& hint) { return hint.symbol / 2 - steps_each_way; }

}  // namespace

TEST_CASE(
    "A figure that comes again is told from its fourth note on, wherever it stands, and nothing that comes "
    "first") {
  const std::vector<Hint> hints = hints_in(line_of({0, 2, 1, 3, 4, 5, 1, 3, 2, 4}));
  for (size_t i = 0; i < 9; ++i) CHECK(hints[i].symbol == -1);
  CHECK(step_of(hints[9]) == 4);  // 0 2 1 3, a step higher
  CHECK(hints[9].length == length_class(4));
  Line other_rhythm = line_of({0, 2, 1, 3, 4, 5, 1, 3, 2, 4});
  other_rhythm[7].length = length_class(8);
  CHECK(hints_in(other_rhythm)[9].symbol == -1);
}

TEST_CASE("The note itself changes nothing of what is told of it") {
  Line line = line_of({0, 2, 1, 3, 0, 2, 1, 3, 0, 2, 1, 3});
  const std::vector<Hint> before = hints_in(line);
  CHECK(step_of(before.back()) == 3);
  line.back().symbol -= 4;
  line.back().length = length_class(2);
  CHECK(hints_in(line).back().symbol == before.back().symbol);
  CHECK(hints_in(line).back().length == before.back().length);
}

TEST_CASE("What a model is told makes one likelier and the rest less, and the sum stays one") {
  const std::vector<double> shares{0.2, 0.3, 0.5};
  for (double nats : {0.0, 1.0, 3.0}) {
    double sum = 0.0;
    double hinted_share = 0.0;
    for (size_t actual = 0; actual < shares.size(); ++actual) {
      const std::vector<NoteOdds> odds{{{shares[actual], shares[1], actual == 1}, {1.0, 0.0, false}}};
      const Loss loss = hinted_loss(odds, nats);
      CHECK(loss.length == 0.0);
      sum += std::exp(-loss.symbol);
      if (actual == 1) hinted_share = std::exp(-loss.symbol);
    }
    CHECK(sum == doctest::Approx(1.0));
    CHECK(hinted_share / (1.0 - hinted_share) == doctest::Approx(std::exp(nats) * 0.3 / 0.7));
  }
}

TEST_CASE("Hint nothing, a baseline measures what it measures by itself") {
  const auto train = small_lines(8, 100);
  const auto valid = small_lines(4, 900);
  const Baseline baseline{Conditioning::harmony, Smoothing::kneser_ney, 2};
  const Loss loss = hinted_loss(odds_of(baseline, train, valid), 0.0);
  const Loss own = measure(baseline, train, valid);
  CHECK(loss.symbol == doctest::Approx(own.symbol));
  CHECK(loss.length == doctest::Approx(own.length));
}
