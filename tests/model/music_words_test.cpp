// SPDX-License-Identifier: MIT
// Keys and modes as people write them.
#include "model/music_words.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "model/control.h"
#include "model/music.h"

using namespace auralis;

TEST_CASE("A key is taken as people write it, with the mode that it says") {
  struct Row {
    const char* text;
    const char* key;
    const char* mode;
  };
  for (const Row& row : {Row{"D", "D", ""},
                         {"d", "D", ""},
                         {"eb", "Eb", ""},
                         {"bb", "Bb", ""},
                         {"b", "B", ""},
                         {"F♯", "F#", ""},
                         {"e flat", "Eb", ""},
                         {"F sharp minor", "F#", "aeolian"},
                         {"Dm", "D", "aeolian"},
                         {"dmin", "D", "aeolian"},
                         {"DM", "D", "ionian"},
                         {"D major", "D", "ionian"},
                         {"Bbm", "Bb", "aeolian"},
                         {" G dorian ", "G", "dorian"},
                         {"a Harmonic_Minor", "A", "harmonic-minor"}}) {
    const auto words = key_of_words(row.text);
    REQUIRE_MESSAGE(words, row.text);
    CHECK_MESSAGE(words->key == row.key, row.text);
    CHECK_MESSAGE(words->mode == row.mode, row.text);
  }
  for (const char* bad : {"", " ", "H", "Dmaj7", "D7", "D pentatonic", "do", "Dbb", "♯", "D-moll-moll"})
    CHECK_MESSAGE(!key_of_words(bad), bad);
  CHECK_FALSE(key_of_words(std::string(1'000'000, 'D')));
}

TEST_CASE("Every key and mode means itself") {
  for (const std::string_view key : key_names()) CHECK(key_of_words(key)->key == key);
  for (const std::string_view mode : mode_names()) CHECK(mode_of_words(mode) == mode);
  CHECK(mode_of_words("Minor") == "aeolian");
  CHECK(mode_of_words("MAJOR") == "ionian");
  CHECK_FALSE(mode_of_words("pentatonic"));
  CHECK_FALSE(mode_of_words("m"));
}

TEST_CASE("Minor modes are those with a minor third") {
  for (const char* minor : {"dorian", "phrygian", "aeolian", "locrian", "harmonic-minor", "minor-pentatonic"})
    CHECK(has_minor_third(minor));
  for (const char* major : {"ionian", "lydian", "mixolydian", "major-pentatonic"})
    CHECK_FALSE(has_minor_third(major));
}

TEST_CASE("Words of a command line are forgiven, and a control that is refused says what to write") {
  CHECK(std::get<std::string>(parse_text(info_of(ControlId::mode), "Minor")) == "aeolian");
  CHECK(std::get<std::string>(parse_text(info_of(ControlId::key), "Dm")) == "D");
  const auto refused = [](const ControlInfo& info, const char* text) -> std::string {
    try {
      parse_text(info, text);
    } catch (const ControlError& error) {
      return error.what();
    }
    return {};
  };
  CHECK(refused(info_of(ControlId::key), "H") ==
        "key is \"H\", expected C to B with # or b; H in German is B here");
}
