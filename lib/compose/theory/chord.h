// SPDX-License-Identifier: MIT
// Chords: their tones and their names. One table of shapes says what every suffix means, and from it chords are named,
// charts are read and scores are measured.
//   root        pitch class, 0 is C
//   intervals   semitones above the root, ascending, 0 first; below 12
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compose/theory/scale.h"

namespace auralis {

struct Chord {
  int root = 0;
  int degree = -1;  // of the mode; −1 where the root lies outside it
  std::vector<int> intervals;
  std::string name;     // "Dm9"
  std::string numeral;  // "i", "bVI"

  bool contains(int pitch) const;
  bool operator==(const Chord&) const = default;
};

// One entry of a harmony that was given rather than composed.
struct ChartChord {
  Chord chord;
  std::optional<double> seconds;  // until the next; the preset's clock where absent
};

bool has_interval(std::span<const int> intervals, int interval);

// A tone of the chord, or a semitone from none of them.
bool agrees(const Chord& chord, int pitch);

// The intervals a suffix stands for; empty where it is none.
std::span<const int> chord_shape(std::string_view suffix);

// What a chord is called on its root, from its intervals alone; empty for a major triad, and where there is no name.
std::string chord_suffix(std::span<const int> intervals);

// "bVI", "ii°": the root against the major scale of the tonic, lower case for a minor third (where the chord has no
// third, the mode's own).
std::string numeral(const Scale& scale, int root, std::span<const int> intervals);

// The chord of these intervals on a root, with its name, degree and numeral.
Chord named_chord(const Scale& scale, int root, std::vector<int> intervals);

struct ChordSymbol {
  int root = 0;
  std::vector<int> intervals;  // the bass after a slash is one of them
};

// "C", "F#m7b5", "Bbmaj9", "G7sus4", "Cadd9", "A5", "D/F#" … ; nullopt where it is none.
std::optional<ChordSymbol> parse_chord_symbol(std::string_view symbol);

}  // namespace auralis
