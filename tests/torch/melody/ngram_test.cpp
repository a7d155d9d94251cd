// SPDX-License-Identifier: MIT
#include "torch/melody/ngram.h"

#include <doctest/doctest.h>

#include "model/rng.h"
#include "torch/melody/pieces.h"

using namespace auralis;
using namespace auralis::melody;

TEST_CASE("The probabilities of all outcomes add up to one, after contexts seen and unseen") {
  for (Smoothing smoothing : {Smoothing::witten_bell, Smoothing::kneser_ney}) {
    Ngram model(9, smoothing);
    Rng rng(5);
    for (int i = 0; i < 400; ++i) {
      const int a = static_cast<int>(rng.index(4));
      model.count({a, static_cast<int>(rng.index(6))}, (a + static_cast<int>(rng.index(3))) % 9);
    }
    model.finish();
    for (int a = 0; a < 6; ++a) {
      for (int b = 0; b < 8; ++b) {
        double sum = 0.0;
        for (int outcome = 0; outcome < 9; ++outcome) {
          const double p = model.probability({a, b}, outcome);
          CHECK(p > 0.0);
          sum += p;
        }
        CHECK(sum == doctest::Approx(1.0).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("Witten-Bell gives what was never seen the share of T / (N + T)") {
  Ngram model(4, Smoothing::witten_bell);
  for (int i = 0; i < 8; ++i) model.count({}, i % 2);
  model.finish();
  // 8 counts of 2 kinds: a fifth goes to the uniform distribution over 4.
  CHECK(model.probability({}, 3) == doctest::Approx(2.0 / 10.0 / 4.0));
  CHECK(model.probability({}, 0) == doctest::Approx(4.0 / 10.0 + 2.0 / 10.0 / 4.0));
}

TEST_CASE("Kneser-Ney backs off to the number of contexts an outcome follows, not to how often it was seen") {
  Ngram model(3, Smoothing::kneser_ney);
  for (int i = 0; i < 90; ++i) model.count({7}, 0);  // often, but after one context only
  for (int context : {1, 2, 3}) {
    model.count({context}, 1);
    model.count({context}, 2);
    model.count({context}, 2);
  }
  model.finish();
  CHECK(model.probability({99}, 1) > model.probability({99}, 0));
}

TEST_CASE("A line that repeats itself costs less with every order up to its memory") {
  Line line;
  for (int i = 0; i < 300; ++i) {
    Note note;
    note.symbol = 20 + (i % 3 == 2 ? 2 : 0) + (i % 6 == 5 ? 4 : 0);
    note.length = i % 2;
    line.push_back(note);
  }
  const std::vector<Line> lines{line};
  for (Smoothing smoothing : {Smoothing::witten_bell, Smoothing::kneser_ney}) {
    double before = 100.0;
    for (int order = 1; order <= 4; ++order) {
      const double nats =
          melody::measure(Baseline{Conditioning::none, smoothing, order}, lines, lines).nats();
      CHECK(nats < before);
      before = nats;
    }
  }
}

TEST_CASE("A baseline that sees the harmony does better where the harmony decides") {
  const auto train = small_lines(24, 100);
  const auto valid = small_lines(8, 900);
  for (Smoothing smoothing : {Smoothing::witten_bell, Smoothing::kneser_ney}) {
    const double alone = melody::measure(Baseline{Conditioning::none, smoothing, 2}, train, valid).symbol;
    const double with_harmony =
        melody::measure(Baseline{Conditioning::harmony, smoothing, 2}, train, valid).symbol;
    CHECK(with_harmony < 0.9 * alone);
  }
}
