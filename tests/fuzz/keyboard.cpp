// SPDX-License-Identifier: MIT
// Scala's keyboard mappings: --keyboard FILE.kbm.
#include <cmath>

#include "compose/tuning/scala.h"
#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(keyboard) {
  Tuning tuning = *find_tuning("bohlen-pierce");
  tuning.keys = parse_kbm(bytes, "x.kbm");
  const KeyMap& map = *tuning.keys;
  AURALIS_CLAIM(map.degrees.size() <= most_degrees);
  const KeyPitches pitches = key_pitches(tuning, 440.0, 0);
  for (const auto& pitch : pitches) AURALIS_CLAIM(!pitch || std::isfinite(*pitch));
  const auto& reference = pitches[static_cast<size_t>(map.reference_key)];
  if (map.reference_key < map.first || map.reference_key > map.last) return;
  AURALIS_CLAIM(reference &&
                std::abs(*reference - (69.0 + 12.0 * std::log2(map.reference_hz / 440.0))) < 1e-5);
}

}  // namespace auralis
