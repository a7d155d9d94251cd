// SPDX-License-Identifier: MIT
#include "compose/theory/scale.h"

#include <algorithm>
#include <initializer_list>
#include <numeric>

namespace auralis {

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
