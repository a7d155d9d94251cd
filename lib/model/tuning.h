// SPDX-License-Identifier: MIT
// Tunings: the pitch that each key sounds at.
//   key       MIDI key; 60 is middle C
//   pitch     MIDI number, may be fractional: 69 is 440 Hz
//   degree    of the scale, counted from 0 upwards and downwards without end
//   names     the table of built-in tunings: what `--tuning`, presets and the control may name everywhere
//   source    the formats of Scala, https://www.huygens-fokker.org/scala; of the built-in tunings see tuning.cpp
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auralis {

inline constexpr int key_count = 128;
inline constexpr double standard_hz = 440.0;  // of A above middle C, key 69

// Which key plays which degree, as a .kbm file says.
struct KeyMap {
  int first = 0;  // keys beyond these two stay in equal temperament
  int last = key_count - 1;
  int middle = 60;         // the key of the map's first entry
  int reference_key = 69;  // whose pitch is known
  double reference_hz = standard_hz;
  int octave_degree = 0;  // by which each turn of the map is higher
  // One turn of the map, silent keys empty; without any, every key plays the next degree.
  std::vector<std::optional<int>> degrees{};

  bool operator==(const KeyMap&) const = default;
};

struct Tuning {
  std::string name{"equal"};
  std::vector<double> cents{};   // of the degrees above degree 0, the period last; empty: one tone alone
  std::optional<KeyMap> keys{};  // without one: see key_pitches
  bool from_c = false;           // degree 0 is C, else the tonic
  bool follows_chord = false;    // as compose/theory/just_intonation.h has it

  bool operator==(const Tuning&) const = default;
};

// Every key is its own pitch.
const Tuning& equal_temperament();
bool is_equal(const Tuning& tuning);

// The built-in ones, in the order they are listed to people.
std::span<const Tuning> tunings();
std::span<const std::string_view> tuning_names();
const Tuning* find_tuning(std::string_view name);

// As a keyboard has it that is played from outside: from C, and a scale of other than 12 tones key by key from middle C, as
// Scala's own default mapping; of the built-in ones only what stands on the tonic is moved to C.
Tuning for_keyboard(Tuning tuning);

// How far a degree lies above degree 0.
double degree_cents(const Tuning& tuning, int64_t degree);

// How far all lies above A = 440 Hz, in semitones.
double reference_st(double reference_hz);

// The pitch of every key; a silent one has none. reference_hz is A's; tonic is a pitch class.
//   with a key map      its own reference pitch holds, moved as far as A is moved from 440 Hz
//   12 tones an octave  key by key from the tonic (from_c: from C), which is where equal temperament has it
//   any other           from there, too; every key has the tone nearest to where equal temperament has that key
using KeyPitches = std::array<std::optional<double>, key_count>;
KeyPitches key_pitches(const Tuning& tuning, double reference_hz, int tonic);

}  // namespace auralis
