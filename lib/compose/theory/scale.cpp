// SPDX-License-Identifier: MIT
#include "compose/theory/scale.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <numeric>

namespace auralis {
namespace {

struct ModeTone {
  std::string_view mode;
  int step_st;  // above the tonic
};

constexpr ModeTone characteristic_tones[] = {
    {"ionian", 5},  {"dorian", 9},  {"phrygian", 1},        {"lydian", 6},           {"mixolydian", 10},
    {"aeolian", 8}, {"locrian", 6}, {"harmonic-minor", 11}, {"major-pentatonic", 9}, {"minor-pentatonic", 3}};

}  // namespace

std::string tonic_name(const Scale& scale) {
  if (scale.letter == 0) return std::string(key_name(scale.tonic));
  std::string name(1, scale.letter);
  const int raised = wrap(scale.tonic - *key_pitch_class(name), octave_st);
  if (raised != 0) name += raised < octave_st / 2 ? '#' : 'b';
  return name;
}

int characteristic_tone(const Scale& scale) {
  const auto* const found = std::find_if(std::begin(characteristic_tones), std::end(characteristic_tones),
                                         [&](const ModeTone& tone) { return tone.mode == scale.mode->name; });
  const int step_st = found != std::end(characteristic_tones)
                          ? found->step_st
                          : scale.mode->steps[static_cast<size_t>(scale.mode->characteristic)];
  return wrap(scale.tonic + step_st, octave_st);
}

std::vector<int> Scale::degrees() const {
  std::vector<int> all(mode->steps.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

int Scale::degree_of(int pitch) const {
  const auto found = std::find(mode->steps.begin(), mode->steps.end(), wrap(pitch - tonic, 12));
  return found == mode->steps.end() ? -1 : static_cast<int>(found - mode->steps.begin());
}

int Scale::pitch_at(int index) const {
  const int degree = wrap(index, size());
  return tonic + 12 * ((index - degree) / size()) + mode->steps[static_cast<size_t>(degree)];
}

int Scale::index_below(int pitch) const {
  const int above_tonic = wrap(pitch - tonic, 12);
  const int octave = (pitch - tonic - above_tonic) / 12;
  const auto above = std::upper_bound(mode->steps.begin(), mode->steps.end(), above_tonic);
  return octave * size() + static_cast<int>(above - mode->steps.begin()) - 1;
}

int Scale::nearest_index(int pitch) const {
  const int below = index_below(pitch);
  return pitch_at(below + 1) - pitch < pitch - pitch_at(below) ? below + 1 : below;
}

std::vector<int> Scale::between(int low, int high) const {
  std::vector<int> pitches;
  for (int pitch = low; pitch <= high; ++pitch) {
    if (contains(pitch)) pitches.push_back(pitch);
  }
  return pitches;
}

KeySignature key_signature(const Scale& scale) {
  constexpr int minor_third_st = 3;
  const Mode* major = find_mode("ionian");
  const bool minor_third = scale.contains(scale.tonic + minor_third_st);
  // Of keys that share equally many the one on the same tonic, major or minor as the scale's own third is.
  int best = scale.tonic + (minor_third ? minor_third_st : 0);
  const auto shared = [&](int tonic) {
    const Scale key{wrap(tonic, octave_st), major};
    return std::count_if(scale.mode->steps.begin(), scale.mode->steps.end(),
                         [&](int step) { return key.contains(scale.tonic + step); });
  };
  for (int tonic = 0; tonic < octave_st; ++tonic) {
    if (shared(tonic) > shared(best)) best = tonic;
  }
  const int fifths_up = wrap(best * fifth_st, octave_st);
  constexpr int most_sharps = 6;
  return {fifths_up > most_sharps ? fifths_up - octave_st : fifths_up,
          wrap(best - scale.tonic, octave_st) == minor_third_st};
}

StackedThirds stacked_thirds(const Scale& scale, int degree) {
  const int root = scale.pitch_at(degree);
  const auto first_of = [&](std::initializer_list<int> candidates) {
    for (int interval : candidates) {
      if (scale.contains(root + interval)) return interval;
    }
    return 0;
  };
  if (scale.size() < 7) return {first_of({4, 3}), first_of({7}), first_of({10, 11})};
  return {scale.pitch_at(degree + 2) - root, scale.pitch_at(degree + 4) - root,
          scale.pitch_at(degree + 6) - root};
}

}  // namespace auralis
