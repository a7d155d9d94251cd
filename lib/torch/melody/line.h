// SPDX-License-Identifier: MIT
// A melodic line as the models see it: each note a scale degree and a length, with the harmony it sounds in.
//   symbol     0 … symbol_count-1: steps of the mode counted from the line's home (the tonic nearest its centre), two
//              symbols a step: the step itself and the chromatic tone above it; the last symbol is silence.
//              Nothing in it depends on the key, so that what is learnt in one key holds in all.
//   length     0 … length_count-1: classes of sixteenth notes, see length_sixteenths
//   condition  what is known before the note is: mode, chord degree, place in the bar, intensity, part
//   corpus     {"train": [piece, …], "valid": […]}; a piece is a list of sixteenth-note steps, a step is
//              [soprano, alto, tenor, bass] in MIDI numbers, −1 for silence. On such a grid a repeated note
//              and a held one are the same: a note here is a run of equal pitch.
//   errors     a corpus of another shape throws Error::at(file, line)
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "model/music.h"

namespace auralis::melody {

inline constexpr int steps_each_way = 13;  // scale steps below and above home
inline constexpr int silence = 2 * (2 * steps_each_way + 1);
inline constexpr int symbol_count = silence + 1;
inline constexpr int bar_sixteenths = 16;
inline constexpr int part_count = 4;  // soprano, alto, tenor, bass
inline constexpr int degree_count = 7;

inline constexpr std::array<int, 11> length_sixteenths{1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32};
inline constexpr int length_count = static_cast<int>(length_sixteenths.size());
int length_class(int sixteenths);  // the nearest class, the shorter of two as near

struct Condition {
  // Of each step of the mode against the major scale, in semitones.
  std::array<int, degree_count> alteration{};
  int chord_degree = 0;    // 0 … 6
  int place = 0;           // sixteenths since the bar line, 0 … 15
  int part = 0;            // 0 soprano … 3 bass
  float intensity = 0.5F;  // 0 … 1
};

struct Note {
  int symbol = silence;
  int length = 0;
  Condition condition;
};
using Line = std::vector<Note>;

// The mode as seven steps against the major scale; a pentatonic borrows the steps it lacks from its parent mode.
std::array<int, degree_count> alterations(const Mode& mode);
// A step of the mode, counted as the mode counts, among the seven.
int degree_of_seven(const Mode& mode, int step);
// The tonic nearest to a line's centre, as a MIDI pitch.
int home_pitch(int tonic, int centre);
// The part whose usual centre is nearest.
int part_of(int centre);
// The symbol of a pitch; a pitch out of reach counts as its nearest octave within.
int symbol_of(int pitch, int home, const std::array<int, degree_count>& alteration);

// A symbol's step above the root of a chord, whatever the octave, two indices a step as with symbols; the last is
// silence.
inline constexpr int relative_count = 2 * degree_count + 1;
int relative_index(int symbol, int chord_degree);

struct Key {
  int tonic = 0;
  const Mode* mode = nullptr;
};
using Step = std::array<int, part_count>;
using Piece = std::vector<Step>;

// The key that the profile of Krumhansl & Kessler (1982) fits best, the last bass note speaking for itself;
// then the mode whose scale holds most of what sounds.
Key find_key(const Piece& piece);
// The root of the triad or seventh chord nearest to what sounds, as a degree of the key; −1 in silence.
int find_chord_degree(const Step& step, const Key& key);
// The four lines of a piece.
std::vector<Line> lines_of(const Piece& piece);

struct Corpus {
  std::vector<Piece> train;
  std::vector<Piece> valid;
};
Corpus read_corpus(const std::filesystem::path& file);

// The train part of a corpus in two: every tenth piece is held out, for settings to be judged on. Fewer than ten throw
// Error::at(file).
struct Parts {
  std::vector<Piece> used, held;
};
Parts hold_out(std::span<const Piece> train, const std::filesystem::path& file);

std::vector<Line> lines_of(std::span<const Piece> pieces);

}  // namespace auralis::melody
