// SPDX-License-Identifier: MIT
// Several presets as one: what lies between them.
//   numbers   those of preset and layers go straight from one to the other; of sounds and effects as their curves say
//   layers    a layer is mixed from those presets that use it, as loud as their shares are of the whole
//   words     what is not a number (names, key, mode, tuning, tables of harmony, day), minutes of which 0 means never
//             (modulate_min, wave_min, sink_min), a layer's modulation and wave,
//             and what bends pitches as it moves (reference pitch, times of the echoes) are those of the largest share, the first of equals
//   same      the same parts in the same order give the same preset; one part alone gives itself
#pragma once

#include <span>

#include "compose/preset/preset.h"

namespace auralis {

struct MixPart {
  const Preset* preset;
  double share;  // above 0
};

Preset mixed(std::span<const MixPart> parts);

}  // namespace auralis
