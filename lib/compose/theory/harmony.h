// SPDX-License-Identifier: MIT
// Chords of a mode, their colours, and the second-order chain that walks over them.
//   degree    step of the mode a chord stands on, counted from 0 (in files and events from 1, as people do)
//   tables    values; read from YAML by preset/harmony_tables.h
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compose/theory/chord.h"
#include "compose/theory/scale.h"
#include "model/rng.h"

namespace auralis {

enum class Colour { triad, seventh, ninth, add9, sus2, sus4, quartal, quintal, count };
inline constexpr size_t colour_count = static_cast<size_t>(Colour::count);
inline constexpr std::array<std::string_view, colour_count> colour_names{
    "triad", "seventh", "ninth", "add9", "sus2", "sus4", "quartal", "quintal"};
using ColourWeights = std::array<double, colour_count>;

// The chord of that colour on a degree, or nothing where the mode lacks a tone for it.
std::optional<Chord> make_chord(const Scale& scale, int degree, Colour colour);

// One mode's chain. The row of the last two chords holds where there is one, else that of the last.
struct HarmonyTable {
  int characteristic = 0;  // the degree that tells this mode from its neighbours
  // {before or −1, last} → weight of each degree next
  std::map<std::pair<int, int>, std::vector<double>> rows;
  std::map<int, ColourWeights> colours;  // degree → factor on each colour; 1 where absent

  std::span<const double> row(int before, int last) const;
  bool operator==(const HarmonyTable&) const = default;
};

// By the mode's name.
using HarmonyTables = std::map<std::string, HarmonyTable, std::less<>>;

// The next degree among the allowed (at least one other than last): never the same twice in a row, and hardly ever V to
// I. before and last are −1 where there was none.
int next_degree(const Scale& scale, const HarmonyTable& table, int before, int last,
                std::span<const int> allowed, Rng& rng);

inline constexpr int any_tone = -1;

// A colour for the degree: the preset's weights, the table's, and richer chords as intensity rises. One with a tone, a pitch
// class, where the weights allow any that has it.
Chord choose_chord(const Scale& scale, const HarmonyTable& table, int degree, const ColourWeights& weights,
                   double intensity, Rng& rng, int tone = any_tone);

// Whether the weights allow a chord on the degree that has the tone.
bool has_chord_with(const Scale& scale, int degree, const ColourWeights& weights, int tone);

// Chords on the mode's degrees, but not its tonic, that the modes on the same tonic have which differ in one tone: each with
// just that tone from outside.
std::vector<Chord> borrowed_chords(const Scale& scale, const ColourWeights& weights);

// Of the tones of the smaller chord, those that the other has too.
double common_tones(const Chord& a, const Chord& b);

// With the fourth in place of the third; nothing where the chord has no third to resolve to, or the mode no such fourth.
std::optional<Chord> suspended(const Scale& scale, const Chord& chord);
// The fourth or second that stood for the third of the same root goes there.
bool resolves(const Chord& before, const Chord& chord);

}  // namespace auralis
