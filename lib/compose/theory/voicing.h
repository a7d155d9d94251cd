// SPDX-License-Identifier: MIT
// Which octaves the tones of a chord sound in, solved exactly.
//   Of every set of ascending pitches within the limits: first those with the tone that is wanted, where the chord has it,
//   then those that hold the most pitches of the voicing before, then those that carry the most of the chord's tones, then
//   the least total movement, then the one nearest the middle of the range. All are looked at, so the answer is the best and
//   not merely a good one.
#pragma once

#include <vector>

#include "compose/theory/harmony.h"

namespace auralis {

struct VoicingLimits {
  int low = 50;  // MIDI, inclusive
  int high = 76;
  int voices = 4;
  int least_gap = 3;  // semitones between neighbours; 1 where no voicing has it
  int most_gap = 9;   // 24 where no voicing keeps to it
  int wanted = -1;    // a pitch class that should sound; −1 none
};

// Ascending pitches, limits.voices of them; fewer only where the range cannot hold as many.
std::vector<int> voice_chord(const Chord& chord, const std::vector<int>& before, const VoicingLimits& limits);

// That voicing and all others as good or nearly so by the rules: as many pitches within the limits, the same outer ones, at
// most one fewer held from before, no fewer of the chord's tones, the wanted one where the voicing has it, and at most so
// many semitones moved farther in all. Ascending, each.
inline constexpr int fewer_held = 1;
inline constexpr int more_movement_st = 6;
std::vector<std::vector<int>> voicings_like(const std::vector<int>& voicing, const Chord& chord,
                                            const std::vector<int>& before, const VoicingLimits& limits);

// Semitones moved in all between two voicings, voice by voice in order; a voice that enters or leaves costs 6.
int movement_st(const std::vector<int>& from, const std::vector<int>& to);

}  // namespace auralis
