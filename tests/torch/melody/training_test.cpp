// SPDX-License-Identifier: MIT
#include "torch/melody/training.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>

#include "torch/melody/ngram.h"
#include "torch/melody/pieces.h"
#include "torch/melody/report.h"

using namespace auralis;
using namespace auralis::melody;

namespace {

constexpr Shape tiny_shape{32, 1, 4, 16};

TrainSettings quick() {
  TrainSettings settings;
  settings.epochs = 30;
  settings.rows = 4;
  settings.notes = 32;
  settings.rate = 5e-3;
  settings.dropout = 0.1;
  settings.averaging = 0.9;
  return settings;
}

}  // namespace

TEST_CASE("An untrained network knows nothing: its loss is near that of equal chances") {
  const double equal = std::log(symbol_count) + std::log(length_count);
  CHECK(melody::measure(random_network(tiny_shape, 1), small_lines(4, 1)).nats() ==
        doctest::Approx(equal).epsilon(0.1));
}

TEST_CASE("Training on small pieces brings lines never seen below the best of the n-grams") {
  const auto train_lines = small_lines(40, 100);
  const auto held = small_lines(8, 500);
  const auto valid = small_lines(8, 900);
  std::vector<Epoch> epochs;
  const Network net = train(random_network(tiny_shape, 1), train_lines, held, quick(),
                            [&](const Epoch& epoch) { epochs.push_back(epoch); });
  REQUIRE(epochs.size() == 30);
  CHECK(epochs.back().train.nats() < 0.5 * epochs.front().train.nats());
  const Loss loss = melody::measure(net, valid);
  for (const Baseline& baseline : all_baselines()) {
    CAPTURE(name_of(baseline));
    CHECK(loss.nats() < melody::measure(baseline, train_lines, valid).nats());
  }
}

TEST_CASE("The same seed trains the same weights, another seed others") {
  const auto lines = small_lines(4, 100);
  TrainSettings settings = quick();
  settings.epochs = 2;
  const auto trained = [&](uint64_t seed) {
    settings.seed = seed;
    return train(random_network(tiny_shape, seed), lines, lines, settings, [](const Epoch&) {});
  };
  Network one = trained(1);
  Network again = trained(1);
  Network other = trained(2);
  bool all_same = true;
  for (size_t i = 0; i < named_weights(one).size(); ++i) {
    CHECK(named_weights(one)[i].tensor->equal(*named_weights(again)[i].tensor));
    all_same = all_same && named_weights(one)[i].tensor->equal(*named_weights(other)[i].tensor);
  }
  CHECK_FALSE(all_same);
}

TEST_CASE("The network that is kept is the one that was best on the lines held out") {
  const auto held = small_lines(3, 500);
  TrainSettings settings = quick();
  settings.epochs = 12;
  settings.dropout = 0.0;
  double best = 100.0;
  const Network net = train(random_network(tiny_shape, 3), small_lines(2, 100), held, settings,
                            [&](const Epoch& epoch) { best = std::min(best, epoch.held.nats()); });
  CHECK(melody::measure(net, held).nats() == doctest::Approx(best).epsilon(1e-6));
}

TEST_CASE("The evaluation names the best baseline and by how much the network is below it") {
  const std::vector<Scored> baselines{{"one", {2.0, 1.0}}, {"two", {1.5, 1.25}}, {"three", {2.5, 0.9}}};
  const std::string table = evaluation_table({"net", {1.2, 0.8}}, baselines);
  CHECK(table.find("27.3 % below the best baseline (two)") != std::string::npos);
  CHECK(table.find("16.7 % below the best symbols and the best lengths of different baselines (2.4000)") !=
        std::string::npos);
}

TEST_CASE("The training curve shows every epoch of both curves") {
  std::vector<Epoch> epochs;
  for (int i = 1; i <= 9; ++i) epochs.push_back({i, {2.0 / i, 1.0}, {2.5 / i, 1.0}});
  const std::string svg = training_curve(epochs, {0.8, 0.7}, {"baseline", {1.4, 1.1}});
  CHECK(svg.starts_with("<svg"));
  CHECK(svg.ends_with("</svg>\n"));
  size_t curves = 0;
  for (size_t at = svg.find("points=\""); at != std::string::npos; at = svg.find("points=\"", at + 1)) {
    const std::string points = svg.substr(at, svg.find("/>", at) - at);
    CHECK(std::count(points.begin(), points.end(), ',') == 9);
    ++curves;
  }
  CHECK(curves == 2);
}
