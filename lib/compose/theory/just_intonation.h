// SPDX-License-Identifier: MIT
// Just intonation that follows the chords: the pitch of each pitch class while a chord sounds.
//   anchor    the tonic, which is where equal temperament has it and never moves. Every root is at a ratio of the table above
//             it, so that no comma adds up, whatever the chords
//   root      of the ratios that its interval may have, the one that lets what sounds move least; the tonic counts as sounding
//   chord     of the ratios that its intervals may have, those that are simplest against each other: least in sum over all
//             pairs
//   others    the simplest against the chord's tones
//   simple    n·log2 3 + m·log2 5 of an interval of n fifths and m thirds, octaves aside
//   source    Tenney, John Cage and the Theory of Harmony, 1983 (harmonic distance)
#pragma once

#include <array>
#include <span>

namespace auralis {

struct HeldTone {
  int pitch_class;
  double cents;  // from equal temperament
};

// By pitch class, cents from equal temperament. classes: the chord's, in any order, the root among them or not.
std::array<double, 12> just_offsets(int tonic, int root, std::span<const int> classes,
                                    std::span<const HeldTone> held);

}  // namespace auralis
