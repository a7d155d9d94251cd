// SPDX-License-Identifier: MIT
#include "model/music.h"

#include <algorithm>

namespace auralis {
namespace {

constexpr int ionian[] = {0, 2, 4, 5, 7, 9, 11};
constexpr int dorian[] = {0, 2, 3, 5, 7, 9, 10};
constexpr int phrygian[] = {0, 1, 3, 5, 7, 8, 10};
constexpr int lydian[] = {0, 2, 4, 6, 7, 9, 11};
constexpr int mixolydian[] = {0, 2, 4, 5, 7, 9, 10};
constexpr int aeolian[] = {0, 2, 3, 5, 7, 8, 10};
constexpr int locrian[] = {0, 1, 3, 5, 6, 8, 10};
constexpr int harmonic_minor[] = {0, 2, 3, 5, 7, 8, 11};
constexpr int major_pentatonic[] = {0, 2, 4, 7, 9};
constexpr int minor_pentatonic[] = {0, 3, 5, 7, 10};

// Characteristic degrees as people count them, from 1.
constexpr Mode mode(std::string_view name, std::span<const int> steps, int characteristic) {
  return {name, steps, characteristic - 1};
}

constexpr Mode table[] = {
    mode("ionian", ionian, 4),
    mode("dorian", dorian, 4),
    mode("phrygian", phrygian, 2),
    mode("lydian", lydian, 2),
    mode("mixolydian", mixolydian, 7),
    mode("aeolian", aeolian, 6),
    mode("locrian", locrian, 5),
    mode("harmonic-minor", harmonic_minor, 5),
    mode("major-pentatonic", major_pentatonic, 5),
    mode("minor-pentatonic", minor_pentatonic, 2),
};

}  // namespace

std::span<const Mode> modes() { return table; }

const Mode* find_mode(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(table), std::end(table), [&](const Mode& m) { return m.name == name; });
  return found == std::end(table) ? nullptr : found;
}

std::span<const std::string_view> mode_names() {
  static const auto names = [] {
    std::array<std::string_view, std::size(table)> all;
    std::transform(std::begin(table), std::end(table), all.begin(), [](const Mode& m) { return m.name; });
    return all;
  }();
  return names;
}

std::optional<int> key_pitch_class(std::string_view name) {
  constexpr int letters[] = {9, 11, 0, 2, 4, 5, 7};  // A … G
  if (name.empty() || name.size() > 2 || name[0] < 'A' || name[0] > 'G') return std::nullopt;
  const int natural = letters[name[0] - 'A'];
  if (name.size() == 1) return natural;
  if (name[1] == '#') return (natural + 1) % 12;
  if (name[1] == 'b') return (natural + 11) % 12;
  return std::nullopt;
}

std::span<const std::string_view> key_names() {
  static constexpr std::string_view names[] = {"C",  "Db", "D",  "Eb", "E",  "F",
                                               "F#", "G",  "Ab", "A",  "Bb", "B"};
  return names;
}

std::string_view key_name(int pitch_class) { return key_names()[static_cast<size_t>(wrap(pitch_class, 12))]; }

}  // namespace auralis
