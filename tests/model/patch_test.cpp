// SPDX-License-Identifier: MIT
// The parameter table and the units.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>

#include "model/layer.h"
#include "model/patch.h"
#include "model/units.h"

using namespace auralis;

TEST_CASE("The parameter table holds defaults and built-in sounds inside its ranges") {
  const auto inside = [](const auto& set, const auto& table) {
    for (size_t i = 0; i < table.size(); ++i) {
      INFO(table[i].name);
      CHECK(static_cast<double>(set.values[i]) >= table[i].min - 1e-6);
      CHECK(static_cast<double>(set.values[i]) <= table[i].max + 1e-6);
      if (table[i].curve == Curve::logarithmic) CHECK(table[i].min > 0.0);
    }
  };
  inside(default_patch(), voice_params);
  inside(default_master_patch(), master_params);
  for (std::string_view layer : layer_names()) inside(builtin_patch(layer), voice_params);
  CHECK(builtin_patch("some-other") == builtin_patch("pad"));
  CHECK(std::set<std::string_view>(voice_param_names().begin(), voice_param_names().end()).size() ==
        voice_param_count);
  CHECK(find_voice_param("cutoff_hz") == VoiceParam::cutoff_hz);
  CHECK_FALSE(find_voice_param("reverb_time_s"));
  CHECK(find_master_param("reverb_time_s") == MasterParam::reverb_time_s);
  for (const char* bad : {"", "master", "Pad", "a b", "abcdefghijklmnopqrstuvwxyz0123456"})
    CHECK_FALSE(is_layer_name(bad));
}

TEST_CASE("Pitches become hertz and levels become gains, as equal temperament and decibels have it") {
  CHECK(midi_to_hz(69) == doctest::Approx(440.0).epsilon(1e-12));
  CHECK(midi_to_hz(57) == doctest::Approx(220.0).epsilon(1e-12));
  CHECK(midi_to_hz(60) == doctest::Approx(261.6255653));
  for (double pitch : {0.0, 20.25, 60.0, 115.0})
    CHECK(midi_to_hz(pitch + 12.0) == doctest::Approx(2.0 * midi_to_hz(pitch)));
  CHECK(gain_to_db(db_to_gain(-17.0)) == doctest::Approx(-17.0));
  CHECK(fader_to_gain(-60.0) == 0.0);
  CHECK(fader_to_gain(0.0) == 1.0);
}
