// SPDX-License-Identifier: MIT
#include "compose/theory/chord.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "model/music.h"

namespace auralis {
namespace {

struct Shape {
  std::string_view suffix;
  std::vector<int> intervals;
};

// What every suffix means. Of several with the same tones the first is the chord's name, the others are how else it is
// written. Stacked fourths and fifths are "⁴" and "5/9": C F Bb, and C G D A.
const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all{{"", {0, 4, 7}},
                                      {"m", {0, 3, 7}},
                                      {"dim", {0, 3, 6}},
                                      {"aug", {0, 4, 8}},
                                      {"maj7", {0, 4, 7, 11}},
                                      {"m7", {0, 3, 7, 10}},
                                      {"7", {0, 4, 7, 10}},
                                      {"m7b5", {0, 3, 6, 10}},
                                      {"dim7", {0, 3, 6, 9}},
                                      {"mMaj7", {0, 3, 7, 11}},
                                      {"maj7#5", {0, 4, 8, 11}},
                                      {"aug7", {0, 4, 8, 10}},
                                      {"6", {0, 4, 7, 9}},
                                      {"m6", {0, 3, 7, 9}},
                                      {"maj9", {0, 2, 4, 7, 11}},
                                      {"m9", {0, 2, 3, 7, 10}},
                                      {"9", {0, 2, 4, 7, 10}},
                                      {"mMaj9", {0, 2, 3, 7, 11}},
                                      {"maj11", {0, 2, 4, 5, 7, 11}},
                                      {"m11", {0, 2, 3, 5, 7, 10}},
                                      {"11", {0, 2, 4, 5, 7, 10}},
                                      {"maj13", {0, 2, 4, 7, 9, 11}},
                                      {"m13", {0, 2, 3, 7, 9, 10}},
                                      {"13", {0, 2, 4, 7, 9, 10}},
                                      {"add9", {0, 2, 4, 7}},
                                      {"madd9", {0, 2, 3, 7}},
                                      {"6/9", {0, 2, 4, 7, 9}},
                                      {"m6/9", {0, 2, 3, 7, 9}},
                                      {"sus2", {0, 2, 7}},
                                      {"sus", {0, 5, 7}},
                                      {"sus2sus4", {0, 2, 5, 7}},
                                      {"7sus2", {0, 2, 7, 10}},
                                      {"7sus4", {0, 5, 7, 10}},
                                      {"9sus4", {0, 2, 5, 7, 10}},
                                      {"13sus4", {0, 2, 5, 7, 9, 10}},
                                      {"maj7sus2", {0, 2, 7, 11}},
                                      {"⁴", {0, 5, 10}},
                                      {"5/9", {0, 2, 7, 9}},
                                      {"5", {0, 7}},
                                      {"maj", {0, 4, 7}},
                                      {"min", {0, 3, 7}},
                                      {"sus4", {0, 5, 7}},
                                      {"quartal", {0, 5, 10}},
                                      {"quintal", {0, 2, 7, 9}},
                                      {"M7", {0, 4, 7, 11}},
                                      {"M9", {0, 2, 4, 7, 11}},
                                      {"maj6", {0, 4, 7, 9}},
                                      {"min6", {0, 3, 7, 9}},
                                      {"min7", {0, 3, 7, 10}},
                                      {"min9", {0, 2, 3, 7, 10}},
                                      {"min11", {0, 2, 3, 5, 7, 10}},
                                      {"mmaj7", {0, 3, 7, 11}},
                                      {"m(maj7)", {0, 3, 7, 11}},
                                      {"69", {0, 2, 4, 7, 9}},
                                      {"m69", {0, 2, 3, 7, 9}}};
  return all;
}

// So that "maj7" is not read as "m" and an unknown rest.
const std::vector<const Shape*>& longest_suffix_first() {
  static const std::vector<const Shape*> sorted = [] {
    std::vector<const Shape*> all;
    for (const Shape& shape : shapes()) all.push_back(&shape);
    std::stable_sort(all.begin(), all.end(),
                     [](const Shape* a, const Shape* b) { return a->suffix.size() > b->suffix.size(); });
    return all;
  }();
  return sorted;
}

struct Alteration {
  std::string_view text;
  int removed;  // semitones above the root, −1 for none; of a third, the minor one too
  int added;    // likewise
};

constexpr std::array<Alteration, 19> alterations{{
    {"add9", -1, 2}, {"add11", -1, 5}, {"add#11", -1, 6}, {"add13", -1, 9}, {"add2", -1, 2},
    {"add4", -1, 5}, {"add6", -1, 9},  {"sus2", 4, 2},    {"sus4", 4, 5},   {"b5", 7, 6},
    {"#5", 7, 8},    {"b9", 2, 1},     {"#9", 2, 3},      {"#11", 5, 6},    {"b13", 9, 8},
    {"no3", 4, -1},  {"no5", 7, -1},   {"maj7", -1, 11},  {"9", -1, 2},
}};

bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<int> take_note(std::string_view& text) {
  const size_t length = text.size() > 1 && (text[1] == '#' || text[1] == 'b') ? 2 : 1;
  const std::optional<int> note = key_pitch_class(text.substr(0, length));
  if (note) text.remove_prefix(length);
  return note;
}

// A root as it is written in a key: each tone of the mode has a letter of its own, counted from the tonic's, and a tone
// outside is a flat second, third, sixth or seventh or a sharp fourth. What would need two accidentals has its usual name.
std::string root_name(const Scale& scale, int root) {
  constexpr std::string_view letters = "CDEFGAB";
  constexpr int naturals[] = {0, 2, 4, 5, 7, 9, 11};
  constexpr int steps[] = {0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6};
  constexpr int tritone_st = 6;
  const int above = wrap(root - scale.tonic, octave_st);
  const bool flat_fifth =
      above == tritone_st && scale.contains(root) && !scale.contains(scale.tonic + fifth_st);
  const auto tonic = static_cast<int>(letters.find(tonic_name(scale)[0]));
  const int letter = wrap(tonic + steps[above] + (flat_fifth ? 1 : 0), 7);
  const int raised = wrap(root - naturals[letter] + tritone_st, octave_st) - tritone_st;
  if (raised < -1 || raised > 1) return std::string(key_name(root));
  return letters[static_cast<size_t>(letter)] + std::string(raised < 0 ? "b" : raised > 0 ? "#" : "");
}

// False where the text begins with no alteration.
bool alter(std::string_view& rest, std::vector<int>& steps) {
  for (const Alteration& alteration : alterations) {
    if (!take(rest, alteration.text)) continue;
    std::erase(steps, alteration.removed);
    if (alteration.removed == 4) std::erase(steps, 3);
    if (alteration.added >= 0) steps.push_back(alteration.added);
    return true;
  }
  return false;
}

}  // namespace

bool has_interval(std::span<const int> intervals, int interval) {
  return std::find(intervals.begin(), intervals.end(), interval) != intervals.end();
}

bool Chord::contains(int pitch) const { return has_interval(intervals, wrap(pitch - root, 12)); }

bool agrees(const Chord& chord, int pitch) {
  return chord.contains(pitch) || (!chord.contains(pitch + 1) && !chord.contains(pitch - 1));
}

std::span<const int> chord_shape(std::string_view suffix) {
  for (const Shape& shape : shapes()) {
    if (shape.suffix == suffix) return shape.intervals;
  }
  return {};
}

std::string chord_suffix(std::span<const int> intervals) {
  for (const Shape& shape : shapes()) {
    if (std::equal(intervals.begin(), intervals.end(), shape.intervals.begin(), shape.intervals.end())) {
      return std::string(shape.suffix);
    }
  }
  return {};
}

std::string numeral(const Scale& scale, int root, std::span<const int> intervals) {
  constexpr std::string_view upper[] = {"I",  "bII", "II",  "bIII", "III",  "IV",
                                        "bV", "V",   "bVI", "VI",   "bVII", "VII"};
  constexpr std::string_view lower[] = {"i",  "bii", "ii",  "biii", "iii",  "iv",
                                        "bv", "v",   "bvi", "vi",   "bvii", "vii"};
  const auto offset = static_cast<size_t>(wrap(root - scale.tonic, 12));
  const int degree = scale.degree_of(root);
  bool minor = has_interval(intervals, 3) && !has_interval(intervals, 4);
  if (!has_interval(intervals, 3) && !has_interval(intervals, 4) && degree >= 0)
    minor = stacked_thirds(scale, degree).third == 3;
  std::string text(minor ? lower[offset] : upper[offset]);
  if (offset == 6 && scale.contains(scale.tonic + 7)) text = minor ? "#iv" : "#IV";
  if (minor && has_interval(intervals, 6)) text += "°";
  if (!minor && has_interval(intervals, 4) && has_interval(intervals, 8)) text += "+";
  return text;
}

Chord named_chord(const Scale& scale, int root, std::vector<int> intervals) {
  Chord chord;
  chord.root = wrap(root, 12);
  chord.degree = scale.degree_of(root);
  chord.name = root_name(scale, chord.root) + chord_suffix(intervals);
  chord.numeral = numeral(scale, root, intervals);
  chord.intervals = std::move(intervals);
  return chord;
}

std::optional<ChordSymbol> parse_chord_symbol(std::string_view symbol) {
  ChordSymbol chord;
  const std::optional<int> root = take_note(symbol);
  if (!root) return std::nullopt;
  chord.root = *root;
  chord.intervals = {0, 4, 7};
  for (const Shape* shape : longest_suffix_first()) {
    if (take(symbol, shape->suffix)) {
      chord.intervals = shape->intervals;
      break;
    }
  }
  bool bracket = false;
  while (!symbol.empty() && symbol[0] != '/') {
    if (!bracket && take(symbol, "(")) bracket = true;
    if (!alter(symbol, chord.intervals)) return std::nullopt;
    if (bracket && take(symbol, ")")) bracket = false;
    if (bracket) take(symbol, ",");
  }
  if (bracket) return std::nullopt;
  if (take(symbol, "/")) {
    const std::optional<int> bass = take_note(symbol);
    if (!bass || !symbol.empty()) return std::nullopt;
    chord.intervals.push_back(wrap(*bass - *root, 12));
  }
  std::sort(chord.intervals.begin(), chord.intervals.end());
  chord.intervals.erase(std::unique(chord.intervals.begin(), chord.intervals.end()), chord.intervals.end());
  return chord;
}

}  // namespace auralis
