// SPDX-License-Identifier: MIT
// The form of a piece: scenes that return, the layer it is known by, its opening and its end.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compose/composed.h"
#include "model/layer.h"

using namespace auralis;

TEST_CASE("Scenes stand on literal loops and come back within the hour, found by their notes alone") {
  double found = 0, shuffled = 0, returns = 0;
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    const auto measured = measure_score(compose(load_preset(name), 3, 6 * 3600));
    CHECK(measured["scenes_on_a_loop"] >= 0.4);
    const double count = measured["returns"];
    REQUIRE(count >= 5);
    CHECK(measured["returns_after_min"]["min"] >= 20.0);
    CHECK(measured["returns_after_min"]["max"] <= 60.0);
    found += count * measured["returns_found"].get<double>();
    shuffled += count * measured["returns_found_shuffled"].get<double>();
    returns += count;
  }
  CHECK(found / returns >= 0.9);
  CHECK(shuffled / returns <= 0.1);
}

TEST_CASE("A scene that returns keeps its number and its loop, and says what is changed") {
  const auto chords = all_of<ChordEvent>(compose(load_preset("focus"), 5, 4 * 3600));
  std::map<int, std::vector<std::string>> first;
  std::vector<std::string> now;
  int scene = 0, returned = 0, kept = 0;
  bool first_time = false;
  const auto close = [&] {
    if (first_time) first[scene] = now;
    if (first_time || now.size() < 3 || !first.contains(scene)) return;
    ++returned;
    const std::set<std::string> before(first[scene].begin(), first[scene].end());
    int other = 0;
    for (const std::string& name : std::set<std::string>(now.begin(), now.end()))
      other += !before.contains(name);
    kept += other <= 1;
  };
  for (const ChordEvent& chord : chords) {
    REQUIRE(chord.scene >= 1);
    if (!chord.why.empty()) {
      close();
      scene = chord.scene;
      now.clear();
      first_time = chord.why.starts_with("a new scene");
      CHECK((first_time || chord.why.find("returns") != std::string::npos));
      CHECK(first_time == !first.contains(scene));
    }
    CHECK(chord.scene == scene);
    now.push_back(chord.degree);
  }
  CHECK(returned >= 5);
  CHECK(kept >= 0.9 * returned);
}

TEST_CASE("The layer that a preset is known by is heard within a minute in 38 of 40 seeds") {
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    int heard = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
      const auto notes = notes_of(compose(preset, seed, 600), preset.form.signature);
      heard += !notes.empty() && notes.front().t <= 60.0;
    }
    CAPTURE(name);
    CHECK(heard >= 38);
  }
}

TEST_CASE(
    "An introduction comes up over the preset's seconds, and the last note ends within two of the end") {
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    const Preset preset = load_preset(name);
    const auto events = compose(preset, 2, 1800);
    std::vector<ChangeEvent> levels;
    for (const ChangeEvent& change : all_of<ChangeEvent>(events)) {
      if (change.layer == master_layer &&
          change.param == std::variant<VoiceParam, MasterParam>(MasterParam::gain_db) && change.t == 0.0)
        levels.push_back(change);
    }
    REQUIRE(levels.size() == 2);
    CHECK(levels[0].value <= preset.master[MasterParam::gain_db] - 12.0);
    CHECK(levels[0].glide == 0.0);
    CHECK(levels[1].glide >= 15.0);
    CHECK(levels[1].glide <= 40.0);
    double last = 0.0;
    for (const SoundedNote& note : sounded_notes(events)) last = std::max(last, note.end);
    CHECK(last >= 1800.0 - 2.0);
  }
}

TEST_CASE("A piece with a duration begins as the endless one of its seed does") {
  constexpr double shared =
      0.3;  // of the piece, less the chord that is planned ahead and the one that sounds
  constexpr double duration_s = 3600.0;
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    const Preset preset = load_preset(name);
    const auto whole = compose(preset, 7, duration_s);
    Composer composer(preset, installed_settings(7));
    std::vector<Event> endless;
    composer.compose_until(duration_s, endless);
    size_t same = 0;
    while (same < std::min(whole.size(), endless.size()) && to_line(whole[same]) == to_line(endless[same]))
      ++same;
    REQUIRE(same < whole.size());
    MESSAGE(name << ": the same for " << event_time(whole[same]) << " s of an hour");
    CHECK(event_time(whole[same]) >= shared * duration_s - 2.0 * preset.harmony.chord_s.high);
  }
}

TEST_CASE("There is real silence where the preset asks for it, and none where it does not") {
  const auto longest_gap = [](const std::vector<Event>& events) {
    double gap = 0, until = 0;
    auto notes = sounded_notes(events);
    std::sort(notes.begin(), notes.end(),
              [](const SoundedNote& a, const SoundedNote& b) { return a.t < b.t; });
    for (const SoundedNote& note : notes) {
      if (until > 0) gap = std::max(gap, note.t - until);
      until = std::max(until, note.end);
    }
    return gap;
  };
  CHECK(longest_gap(compose(load_preset("meditation"), 3, 3600)) >= 8.0);
  CHECK(longest_gap(compose(load_preset("sleep"), 3, 3600)) < 1.0);
}
