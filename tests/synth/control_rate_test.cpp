// SPDX-License-Identifier: MIT
#include "synth/control_rate.h"

#include "synth/doctest_after_torch.h"  // last

using namespace auralis;
using namespace auralis::testing;

namespace {

template <typename Patches>
void check_near_ideal(const Patches& patches, double band_db, double onset_ms) {
  for (const auto& [name, patch] : patches) {
    const Difference found = from_ideal(patch);
    CAPTURE(name);
    CAPTURE(found.nmse_db);
    CHECK(found.band_db < band_db);
    CHECK(found.onset_ms < onset_ms);
  }
}

}  // namespace

TEST_CASE("Straight lines between quanta move no built-in sound by 0.5 dB in any band, or by 0.1 ms") {
  check_near_ideal(builtin_patches(), 0.5, 0.1);
}

TEST_CASE(
    "Sounds faster than any preset's are within 1 dB in every band and 0.2 ms of what every frame would "
    "give") {
  check_near_ideal(fast_patches(), 1.0, 0.2);
}

TEST_CASE(
    "At the ends of the ranges quanta are heard, by up to 7 dB in a band; edges 16 frames apart are not") {
  for (const auto& [name, patch] : extreme_patches()) {
    const Difference found = from_ideal(patch);
    CAPTURE(name);
    CHECK(found.band_db > 1.0);  // else it belongs to the sounds above
    CHECK(found.band_db < 7.0);
    CHECK(from_ideal(patch, 16).band_db < 1.0);
  }
}

TEST_CASE(
    "The comparison hears a filter that is a tenth of an octave off, and finer steps are nearer the ideal") {
  const Patch patch = fast_patches()[1].second;
  Patch off = patch;
  off[VoiceParam::cutoff_hz] *= 1.07F;
  const voice::Note note = note_at(57.0, 0, 20000, 9);
  const Difference found =
      difference_of(play_note(off, note, 22050).left, play_note(patch, note, 22050).left, test_rate);
  CHECK(found.band_db > 1.0);
  CHECK(from_ideal(patch).band_db > 2.0 * from_ideal(patch, 16).band_db);
}
