// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "compose/composed.h"

using namespace auralis;

TEST_CASE("Where a preset promises a pulse, all that keeps the beat shares one clock, hours long") {
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    if (!preset.percussion.pulse) continue;
    CAPTURE(name);
    for (uint64_t seed : {1, 101}) {
      const auto measured = measure_score(compose(preset, seed, 4 * 3600));
      CHECK(measured["pulse_concentration"] >= 0.7);
      CHECK(measured["pulse_between_layers"] >= 0.6);
      CHECK(measured["pulse_concentration_by_chance"] <= 0.5);
    }
  }
}

TEST_CASE("The clock goes on through a change of tempo, and its next half beat is at most one away") {
  Tempo tempo;
  tempo.target_bpm = 90.0;
  tempo.ramp_until_s = 12.0;
  double beats = 0.0;
  for (double t = 10.0; tempo.moves(); t += Tempo::step_s) {
    beats += (t == 10.0 ? 10.0 : Tempo::step_s) / tempo.beat_s();
    tempo.step(t);
    CHECK(tempo.counted_beats == doctest::Approx(beats));
    const double next_s = tempo.half_beat_near(t, t);
    CHECK(next_s >= t);
    CHECK(next_s - t <= 0.5 * tempo.beat_s());
    const double halves = 2.0 * (tempo.counted_beats + (next_s - t) / tempo.beat_s());
    CHECK(halves == doctest::Approx(std::round(halves)));
  }
}
