// SPDX-License-Identifier: MIT
// What a piece does over hours.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "compose/composed.h"
#include "compose/form.h"

using namespace auralis;

namespace {

constexpr double minute_s = 60.0;
constexpr double night_s = 8 * 3600.0;

struct Stretch {
  double notes = 0.0;  // a minute, of pad and lead
  double pitch = 0.0;  // mean of the pads'
};

Stretch between(const std::vector<SoundedNote>& notes, double from_s, double to_s) {
  Stretch found;
  double pads = 0.0;
  for (const SoundedNote& note : notes) {
    if (note.t < from_s || note.t >= to_s) continue;
    if (note.layer == "pad" || note.layer == "lead") found.notes += minute_s / (to_s - from_s);
    if (note.layer != "pad") continue;
    found.pitch += note.pitch;
    pads += 1.0;
  }
  found.pitch /= pads;
  return found;
}

std::vector<SoundedNote> endless(const Preset& preset, uint64_t seed) {
  Composer composer(preset, installed_settings(seed));
  std::vector<Event> events;
  composer.compose_until(night_s, events);
  return sounded_notes(events);
}

}  // namespace

TEST_CASE("Focus comes in waves of ninety minutes: more is played around each crest than in the troughs") {
  const Preset preset = load_preset("focus");
  REQUIRE(preset.form.wave_min == 90.0);
  double crests = 0.0;
  double troughs = 0.0;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const auto notes = endless(preset, seed);
    for (int wave = 0; wave < 5; ++wave) {
      const double crest_s = (wave + 0.5) * 90.0 * minute_s;
      crests += between(notes, crest_s - 900.0, crest_s + 900.0).notes;
      troughs += between(notes, crest_s + 1800.0, crest_s + 3600.0).notes;
    }
  }
  MESSAGE("notes a minute of pad and lead: " << crests / 25 << " and " << troughs / 25);
  CHECK(crests >= 1.15 * troughs);
}

TEST_CASE("Sleep sinks in ninety minutes, in pitch and in how much is played, and stays there all night") {
  const Preset preset = load_preset("sleep");
  REQUIRE(preset.form.sink_min == 90.0);
  Stretch before;
  std::vector<Stretch> after(6);
  constexpr int seeds = 5;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto notes = endless(preset, seed);
    const auto add = [&](Stretch& to, double from_s, double to_s) {
      const Stretch found = between(notes, from_s, to_s);
      to.notes += found.notes / seeds;
      to.pitch += found.pitch / seeds;
    };
    add(before, 0.0, 1200.0);
    for (size_t hour = 0; hour < after.size(); ++hour)
      add(after[hour], 3600.0 * static_cast<double>(hour + 2), 3600.0 * static_cast<double>(hour + 3));
  }
  for (const Stretch& hour : after) {
    MESSAGE("pads at " << before.pitch << ", then " << hour.pitch << "; notes " << before.notes << ", then "
                       << hour.notes);
    CHECK(hour.pitch <= before.pitch - 1.0);
    CHECK(hour.notes <= before.notes);
  }
}
