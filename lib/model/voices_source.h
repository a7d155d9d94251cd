// SPDX-License-Identifier: MIT
// Who leads the inner voices of a chord, where that is not the composer itself.
//   The composer keeps its rules: it names the voicings that are as good by them, all with the same outer voices, and the
//   source chooses among them, voice by voice from above. It reports every chord that sounded, whoever voiced it. Nothing
//   is drawn by chance: the same calls give the same answers.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace auralis {

using Voicing = std::vector<int>;  // MIDI pitches, ascending

// What is to be voiced.
struct ChordTones {
  int root = 0;                // pitch class
  std::vector<int> intervals;  // semitones above the root, 0 first
};

class VoicesSource {
 public:
  virtual ~VoicesSource() = default;
  // Which of the voicings, an index: at least one, of as many pitches each, their lowest and highest the same.
  virtual size_t choose(const ChordTones& chord, std::span<const Voicing> voicings) = 0;
  // The chord began, voiced so; not empty.
  virtual void sounded(const ChordTones& chord, const Voicing& voicing) = 0;
};

}  // namespace auralis
