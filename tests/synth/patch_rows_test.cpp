// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstring>

#include "model/rng.h"
#include "synth/voice/lane_step.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

float drawn(Rng& rng, size_t param) {
  const ParamInfo& info = voice_params[param];
  return static_cast<float>(rng.chance(0.3) ? info.min : rng.uniform(info.min, info.max));
}

Patch drawn_patch(Rng& rng) {
  Patch patch{};
  for (size_t p = 0; p < voice_param_count; ++p) patch.values[p] = drawn(rng, p);
  return patch;
}

template <typename T>
bool same_bits(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

voice::PatchParams of_note(const voice::PatchRows& rows) {
  voice::PatchParams params = rows.params;
  baseline::add_note(params, rows.touch, 79.0, 0.3, 0.2);
  return params;
}

}  // namespace

TEST_CASE("A patch that moves by one parameter has the rows of one taken whole, and tells which change") {
  Rng rng(7);
  int moves = 0;
  for (int round = 0; round < 30; ++round) {
    const Patch patch = drawn_patch(rng);
    for (size_t p = 0; p < voice_param_count; ++p) {
      CAPTURE(voice_params[p].name);
      voice::PatchRows rows;
      rows.move(patch, test_rate);
      const voice::PatchRows before = rows;
      Patch next = patch;
      next.values[p] = drawn(rng, p);
      const voice::RowSet told = rows.move(next, test_rate);
      voice::PatchRows whole;
      whole.move(next, test_rate);
      REQUIRE(rows.patch == next);
      REQUIRE(same_bits(rows.params, whole.params));
      REQUIRE(std::equal(rows.levels.rows, rows.levels.rows + voice::level_rows, whole.levels.rows));
      REQUIRE(rows.levels.modulated == whole.levels.modulated);
      REQUIRE(rows.unison == whole.unison);
      REQUIRE(same_bits(rows.touch, whole.touch));
      REQUIRE((voice::different_rows(of_note(before), of_note(rows)) & ~told.params) == 0);
      for (int row = 0; row < voice::level_rows; ++row) {
        if (before.levels.rows[row] != rows.levels.rows[row]) REQUIRE((told.levels >> row & 1u) != 0);
      }
      REQUIRE(told.modulated == (before.levels.modulated != rows.levels.modulated));
      moves += told.params != 0 || told.acts_on_levels();
    }
  }
  CHECK(moves > 1000);
}
