// SPDX-License-Identifier: MIT
// Chords of a mode, their colours, and the second-order chain that walks over them.
//   degree    step of the mode a chord stands on, counted from 0 (in files and events from 1, as people do)
//   tables    share/auralis/presets/harmony/modes.yaml, found as presets are; a preset may bring its own for
//   its mode errors    Error{bad_input, "FILE:LINE: ..."} for a table that is wrong
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compose/theory/scale.h"
#include "model/rng.h"

namespace auralis {

enum class Colour { triad, seventh, ninth, add9, sus2, sus4, quartal, quintal, count };
inline constexpr size_t colour_count = static_cast<size_t>(Colour::count);
inline constexpr std::array<std::string_view, colour_count> colour_names{
    "triad", "seventh", "ninth", "add9", "sus2", "sus4", "quartal", "quintal"};
using ColourWeights = std::array<double, colour_count>;

struct Chord {
  int root = 0;                // pitch class
  int degree = -1;             // of the mode; −1 where the root lies outside it
  std::vector<int> intervals;  // semitones above the root, ascending, starting at 0; below 12
  std::string name;            // "Dm9"
  std::string numeral;         // "i", "bVI"

  bool contains(int pitch) const;
  bool operator==(const Chord&) const = default;
};

// The chord of that colour on a degree, or nothing where the mode lacks a tone for it.
std::optional<Chord> make_chord(const Scale& scale, int degree, Colour colour);

// What it is called on a root, from its intervals alone; empty where there is no name for them.
std::string chord_suffix(std::span<const int> intervals);

// "bVI", "ii°": the root against the major scale of the tonic, lower case for a minor third.
std::string numeral(const Scale& scale, int root, std::span<const int> intervals);

// One mode's chain. The row of the last two chords holds where there is one, else that of the last.
struct HarmonyTable {
  int characteristic = 0;  // the degree that tells this mode from its neighbours
  std::map<std::pair<int, int>, std::vector<double>>
      rows;                              // {before or −1, last} → weight of each degree next
  std::map<int, ColourWeights> colours;  // degree → factor on each colour; 1 where absent

  std::span<const double> row(int before, int last) const;
  bool operator==(const HarmonyTable&) const = default;
};

// The installed table of a mode.
const HarmonyTable& harmony_table(std::string_view mode);

// The next degree among the allowed (at least one other than last): never the same twice, V to I all but
// barred. before and last are −1 where there was none.
int next_degree(const Scale& scale, const HarmonyTable& table, int before, int last,
                std::span<const int> allowed, Rng& rng);

// A colour for the degree: the preset's weights, the table's, and richer chords as intensity rises.
Chord choose_chord(const Scale& scale, const HarmonyTable& table, int degree, const ColourWeights& weights,
                   double intensity, Rng& rng);

// Share of the pitch classes of a that b has too, 0 … 1.
double common_share(const Chord& a, const Chord& b);

}  // namespace auralis
