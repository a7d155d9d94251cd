// SPDX-License-Identifier: MIT
// The names every part agrees on: keys and modes.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auralis {

// The remainder that is never negative: a pitch class, a step of the mode.
constexpr int wrap(int value, int size) { return ((value % size) + size) % size; }

struct Mode {
  std::string_view name;
  std::span<const int> steps;  // semitones above the tonic, ascending, starting at 0
  int characteristic;          // the degree whose chord tells this mode from its neighbours, counted from 0
};

// Every mode the composer knows, in the order they are listed to people.
std::span<const Mode> modes();
const Mode* find_mode(std::string_view name);

// Pitch class 0 (C) … 11 (B) of a key name: a letter A–G, alone or with one # or b ("F#", "Bb", "Cb").
std::optional<int> key_pitch_class(std::string_view name);

// The usual name of a pitch class as a tonic, 0 … 11: C Db D Eb E F F# G Ab A Bb B.
std::string_view key_name(int pitch_class);

std::span<const std::string_view> mode_names();
std::span<const std::string_view> key_names();

}  // namespace auralis
