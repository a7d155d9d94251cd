// SPDX-License-Identifier: MIT
// What was composed, in numbers: measures of a stream of events, for `auralis-stats score` and for guard rails.
//   shares    0 … 1; a measure with nothing to measure is null
//   key       as the start and later controls tell it; where a chord's name and degree tell another tonic, that one
//   source    Dong et al., MusPy, ISMIR 2020 (pitch_class_entropy, pitch_in_scale_rate, groove_consistency,
//             empty_beat_rate); Wu & Yang, The Jazz Transformer on the Front Line, ISMIR 2020 (chord progression
//             irregularity: unique chord trigrams)
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "model/event.h"

namespace auralis {

// A note as it sounded: to its release or the end of the piece, whichever comes first.
struct SoundedNote {
  double t = 0.0;
  double end = 0.0;
  std::string layer;
  double pitch = 60.0;
  double vel = 0.5;
};

// In order of onset.
std::vector<SoundedNote> sounded_notes(std::span<const Event> events);

// The end of the piece: `end`, or where it is missing the last thing that happens.
double piece_length_s(std::span<const Event> events);

// Name → number, null or nested object, in the order they are shown.
nlohmann::ordered_json measure_score(std::span<const Event> events);

}  // namespace auralis
