// SPDX-License-Identifier: MIT
#include "torch/voices/training.h"

#include <doctest/doctest.h>

#include <cmath>

#include "torch/melody/pieces.h"

using namespace auralis;
using namespace auralis::voices;

namespace {

constexpr Shape tiny_shape{32, 1, 4, 32};

std::vector<melody::Piece> small_pieces(int count, uint64_t first_seed) {
  std::vector<melody::Piece> pieces;
  for (int i = 0; i < count; ++i)
    pieces.push_back(melody::small_piece(first_seed + static_cast<uint64_t>(i), i % 2 == 1, i % 12 - 5));
  return pieces;
}

TrainSettings quick() {
  TrainSettings settings;
  settings.epochs = 14;
  settings.rows = 4;
  settings.steps = 40;
  settings.rate = 5e-3;
  settings.dropout = 0.1;
  settings.averaging = 0.9;
  return settings;
}

}  // namespace

TEST_CASE("An untrained network knows nothing: its loss is near that of equal chances") {
  const double equal = (std::log(chord_count) + voice_count * std::log(pitch_count)) / (voice_count + 1);
  CHECK(measure(random_network(tiny_shape, 1), small_pieces(4, 1)).nats() ==
        doctest::Approx(equal).epsilon(0.1));
}

TEST_CASE("Training on small pieces teaches songs never heard") {
  std::vector<double> nats;
  const Network net = train(random_network(tiny_shape, 1), small_pieces(30, 100), {}, quick(),
                            [&](const Epoch& epoch) { nats.push_back(epoch.train_nats); });
  REQUIRE(nats.size() == 14);
  CHECK(nats.back() < 0.3 * nats.front());
  const Loss loss = measure(net, small_pieces(6, 900));
  CHECK(loss.nats() < 0.5);
  CHECK(loss.nats_by_piece() == doctest::Approx(loss.nats()).epsilon(0.05));  // pieces of one length
  // 16 chords of 4 steps, a token each but the first chord, and an end.
  for (double tokens : loss.tokens) CHECK(tokens == 6 * 64);
}

TEST_CASE("The same seed trains the same weights, another seed others") {
  TrainSettings settings = quick();
  settings.epochs = 1;
  const auto trained = [&](uint64_t seed) {
    settings.seed = seed;
    return train(random_network(tiny_shape, seed), small_pieces(3, 100), {}, settings, [](const Epoch&) {});
  };
  CHECK(trained(1).chord_out.equal(trained(1).chord_out));
  CHECK_FALSE(trained(1).chord_out.equal(trained(2).chord_out));
}
