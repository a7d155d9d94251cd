// SPDX-License-Identifier: MIT
// Scala's scales: --tuning FILE.scl.
#include <cmath>

#include "compose/tuning/scala.h"
#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(scale) {
  const Tuning tuning = parse_scl(bytes, "x.scl");
  AURALIS_CLAIM(tuning.cents.size() <= most_degrees);
  for (const double cents : tuning.cents) AURALIS_CLAIM(std::abs(cents) <= greatest_cents);
  for (const int tonic : {0, 7}) {
    for (const auto& pitch : key_pitches(tuning, 440.0, tonic)) AURALIS_CLAIM(pitch && std::isfinite(*pitch));
  }
}

}  // namespace auralis
