// SPDX-License-Identifier: MIT
// Four voices as their model sees them: step by step, a step a sixteenth note, each step as the five tokens of TonicNet
// (Peracha, arXiv 1911.11775): chord, soprano, bass, alto, tenor. After the last step a chord token says `end`.
//   pitches    36 … 81 and silence; farther ones are brought in by octaves
//   chords     major, minor, diminished and augmented on twelve roots, by third and fifth whatever else sounds; `other`;
//              silence. The model names a root by its distance from the last chord's root, so that what is learnt in one
//              key holds in all; the tokens told apart are the same.
//   known      what the model is told before a step: the tokens of the step before, how long each has been held, how the
//              voices moved, what has sounded so far, the sixteenth of the bar counted from the beginning of the piece
#pragma once

#include <array>
#include <span>
#include <vector>

#include "torch/melody/line.h"

namespace auralis::voices {

enum Voice { soprano, bass, alto, tenor };  // in the order they are told
inline constexpr int voice_count = 4;

inline constexpr int octave = 12;
inline constexpr int lowest = 36;
inline constexpr int highest = 81;
inline constexpr int silent = highest - lowest + 1;   // a pitch token
inline constexpr int pitch_count = silent + 1;        // tokens of a voice
inline constexpr int no_pitch = pitch_count;          // before the first step
inline constexpr int pitch_states = pitch_count + 1;  // with that

enum Kind { major, minor, diminished, augmented, other, silence };
inline constexpr int triad_kinds = other;
inline constexpr int other_chord = triad_kinds * octave;  // below: triad_kinds · root + kind
inline constexpr int silent_chord = other_chord + 1;
inline constexpr int end_chord = silent_chord + 1;
inline constexpr int chord_count = end_chord + 1;
inline constexpr int no_chord = chord_count;  // before the first step

struct Harmony {
  Kind kind = silence;
  int root = -1;  // pitch class; −1 for `other` and silence
  bool operator==(const Harmony&) const = default;
};
// Of MIDI pitches, the lowest of them the bass; below 0 is silence.
Harmony harmony_of(std::span<const int> pitches);

struct Step {
  Harmony harmony;
  std::array<int, voice_count> pitch{silent, silent, silent, silent};  // tokens, by Voice
  bool operator==(const Step&) const = default;
};
using Song = std::vector<Step>;
// Moved by semitones; pitches that leave the range come back by octaves.
Song song_of(const melody::Piece& piece, int shift = 0);
Step step_of(const std::array<int, voice_count>& midi);  // by Voice; below 0 is silence
// How far a song may be moved, from first to second, so that no pitch leaves the range.
std::pair<int, int> room_of(const melody::Piece& piece);

// Indices as the tables have them.
inline constexpr int motion_reach = 12;
inline constexpr int motion_count = 2 * motion_reach + 2;  // the last: from or to silence
int motion_index(int from, int to);                        // pitch tokens
inline constexpr int class_count = octave + 1;             // the last: silence
int class_index(int pitch, int root);                      // semitones above the root
inline constexpr int gap_least = -6;
inline constexpr int gap_most = 36;
inline constexpr int gap_count = gap_most - gap_least + 2;
int gap_index(int above, int below);
inline constexpr int held_count = 32;  // longer counts as so long
inline constexpr int bar_steps = 16;
// The token of a chord, its root counted from another.
int chord_index(const Harmony& harmony, int root);

// What has sounded so far.
struct Past {
  int steps = 0;
  Step last;  // nothing sounds before the first
  Step before_last;
  int root = 0;  // of the last chord that has one
  int root_before = 0;
  std::array<int, voice_count + 1> held{};  // steps that chord and voices have lasted beyond the first
  // By pitch class, with forgetting; their sum is 1 where anything was heard.
  std::array<double, octave> heard{};
  void add(const Step& step);
};
// The past of a song's first step: its root is that of the first chord, which is given.
Past beginning(const Step& first);

// Told before a step, one index a table.
inline constexpr std::array<int, 22> input_tables{
    chord_count + 1, held_count,   bar_steps,                   //
    class_count,     class_count,  class_count,  class_count,   //
    motion_count,    motion_count, motion_count, motion_count,  //
    held_count,      held_count,   held_count,   held_count,    //
    pitch_states,    pitch_states, pitch_states, pitch_states,  //
    gap_count,       gap_count,    gap_count};
using Inputs = std::array<int, input_tables.size()>;
Inputs inputs_of(const Past& past);
// The pitch classes heard, above the last root.
std::array<double, octave> heard_above_root(const Past& past);

// Told of the step itself before one of its voices: the chord, whether it is that of the step before, the tone that the
// voice's last pitch is in it, and of each voice before this one its tone and motion. A voice has the first of the tables.
constexpr int known_count(int voice) { return 3 + 2 * voice; }
inline constexpr std::array<int, known_count(tenor)> known_tables{
    chord_count,  2,           class_count, class_count, motion_count, class_count,
    motion_count, class_count, motion_count};
using Known = std::array<int, known_tables.size()>;
Known known_of(const Past& past, const Step& step, int voice);
// The root from which the pitches of a step are counted.
int root_of(const Past& past, const Step& step);
// The voice that a voice's distance is counted from; −1 for the soprano.
constexpr int neighbour_of(int voice) { return voice == soprano ? -1 : voice == tenor ? alto : soprano; }

}  // namespace auralis::voices
