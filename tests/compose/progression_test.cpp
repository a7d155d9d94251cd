// SPDX-License-Identifier: MIT
// The harmony of long pieces: that it tells its mode, what is out of the ordinary in it, how it modulates and is spelt.
#include "compose/progression.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "compose/composed.h"

using namespace auralis;

namespace {

// Of a long piece.
void hold_to_harmony(const std::string& name, uint64_t seed) {
  CAPTURE(name);
  CAPTURE(seed);
  const auto measured = measure_score(compose(load_preset(name), seed, 8 * 3600.0));
  CHECK(measured["characteristic_tone_share"] >= 0.35);
  CHECK(measured["characteristic_tone_away_min"] <= 6.0);
  for (const char* kind : {"borrowed_chord_share", "resolved_suspension_share"}) {
    CAPTURE(kind);
    CHECK(measured[kind] >= 0.02);
    CHECK(measured[kind] <= 0.05);
  }
  if (measured["modulations"] > 0) CHECK(measured["modulation_common_tone_share"] >= 0.5);
}

}  // namespace

TEST_CASE(
    "Every preset tells its mode, borrows and suspends now and then, and modulates by chords of both keys") {
  for (const std::string& name : preset_names()) hold_to_harmony(name, 101);
}

TEST_CASE("Chords are spelt in their key, with suffixes that musicians write, over eight hours") {
  const auto spelt = [](const std::string& key, const std::string& mode, const std::string& name) {
    const auto symbol = parse_chord_symbol(name);
    REQUIRE(symbol);
    const Scale scale{*key_pitch_class(key), find_mode(mode), key[0]};
    const std::string root = named_chord(scale, symbol->root, {}).name;
    return root + chord_suffix(symbol->intervals) == name && name.find("quint") == std::string::npos;
  };
  CHECK(spelt("Eb", "dorian", "Gbadd9"));
  CHECK(!spelt("Eb", "dorian", "F#add9"));
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    const Preset preset = load_preset(name);
    for (const ChordEvent& chord : all_of<ChordEvent>(compose(preset, 8, 8 * 3600.0))) {
      CHECK_MESSAGE(spelt(chord.key, chord.mode, chord.name),
                    chord.name << " in " << chord.key << " " << chord.mode);
      // No two spellings of one letter in a scale of seven tones: a tone of the mode has a letter of its own.
      CHECK(chord.name.find("##") == std::string::npos);
      CHECK(chord.name.find("bb") == std::string::npos);
    }
  }
}

TEST_CASE("A key that is written Gb is spelt with flats, one that is written F# with sharps") {
  for (const std::string key : {"Gb", "F#"}) {
    Control initial;
    initial[ControlId::key] = key;
    initial[ControlId::mode] = "ionian";
    std::string roots;
    for (const ChordEvent& chord :
         all_of<ChordEvent>(compose(load_preset("sleep"), 8, 4 * 3600.0, initial))) {
      CHECK(chord.key == key);
      roots += chord.name.substr(0, 2) + " ";
    }
    CHECK(roots.find(key) != std::string::npos);
    CHECK((roots.find('#') == std::string::npos) == (key == "Gb"));
  }
}
