// SPDX-License-Identifier: MIT
// A tonic and a mode: which pitches belong, and how far apart they are counted in steps of the mode.
//   pitch   MIDI number
//   index   counts every tone of the mode upwards; index 0 is the tonic at or above MIDI 0
#pragma once

#include <string>
#include <vector>

#include "model/music.h"

namespace auralis {

inline constexpr int fifth_st = 7;
inline constexpr int octave_st = 12;

struct Scale {
  int tonic = 0;  // pitch class
  const Mode* mode = nullptr;
  char letter = 0;  // that the tonic is written with; 0: its usual one

  int size() const { return static_cast<int>(mode->steps.size()); }
  // 0 … size()-1.
  std::vector<int> degrees() const;
  bool contains(int pitch) const { return degree_of(pitch) >= 0; }
  // 0 … size()-1, or −1 for a pitch outside.
  int degree_of(int pitch) const;
  int pitch_at(int index) const;
  // The index of the pitch, or of the next one below it.
  int index_below(int pitch) const;
  // The nearest; of two equally near the lower.
  int nearest_index(int pitch) const;
  // All of them in low … high, ascending.
  std::vector<int> between(int low, int high) const;
  // However it is written.
  bool operator==(const Scale& other) const { return tonic == other.tonic && mode == other.mode; }
};

// "Gb" where it is written so, else "F#".
std::string tonic_name(const Scale& scale);

// The tone that tells the mode from its neighbours, as a pitch class.
int characteristic_tone(const Scale& scale);

// How the scale is written on a staff: as the major key, or the natural minor one, that shares most of its tones. Dorian
// on D has the white keys of C major.
struct KeySignature {
  int sharps = 0;  // flats below 0; six are sharps
  bool minor = false;
};
KeySignature key_signature(const Scale& scale);

// Which third, fifth and seventh the mode has over a degree, in semitones; 0 where it has none.
struct StackedThirds {
  int third = 0;
  int fifth = 0;
  int seventh = 0;
};
StackedThirds stacked_thirds(const Scale& scale, int degree);

}  // namespace auralis
