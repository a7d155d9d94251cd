// SPDX-License-Identifier: MIT
#include "torch/voice/control_rate.h"

#include "model/layer.h"
#include "torch/doctest_after_torch.h"  // last

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
    "Sounds faster than any preset's, to the ends of the ranges, are within 1 dB in every band and 0.1 ms of "
    "what every frame would give") {
  check_near_ideal(fast_patches(), 1.0, 0.1);
}

TEST_CASE("Kernel and reference agree below -90 dB in the fastest sounds, too") {
  for (const auto& [name, patch] : fast_patches()) {
    CAPTURE(name);
    voice::Note note = note_at(57.0, 21, 20000, 9);
    const std::vector<float> sound = play_note(patch, note, test_rate / 2).left;
    const Difference found =
        difference_of(sound, reference_of(patch, note, test_rate / 2, voice::Slow::as_kernel), test_rate);
    CHECK(found.nmse_db < -90.0);
  }
}

TEST_CASE("A voice that is modulated per frame changes no bit of another in its group") {
  const auto beside = [](const Patch& patch) {  // a pad, and what sounds beside it from some quantum on
    voice::Pool pool(test_rate, 16, best_isa());
    pool.move(0, builtin_patch("pad"));
    pool.move(1, patch);
    Sounding pad;
    pool.begin(note_at(50.0, 3, 20000, 1), "pad");
    play(pool, 4096, pad);
    voice::Note note = note_at(57.0, 21, 4000, 2);
    note.layer = 1;
    pool.begin(note, "other");
    play(pool, 16384, pad);
    return pad.left;
  };
  for (const auto& [name, fast] : fast_patches()) {
    Patch slow = fast;  // whose envelopes change stage when those of the fast one do
    slow[VoiceParam::pitch_env_st] = slow[VoiceParam::filter_env_oct] = slow[VoiceParam::fm_env] = 0.0F;
    CAPTURE(name);
    const bool same = beside(fast) == beside(slow);
    CHECK(same);
  }
}

TEST_CASE("A patch that moves while a voice is modulated per frame makes no step") {
  using enum VoiceParam;
  Patch patch = still_patch();
  for (const auto& [param, value] : std::initializer_list<std::pair<VoiceParam, float>>{{osc1_shape, 0.0F},
                                                                                        {pitch_env_st, 24.0F},
                                                                                        {pitch_env_s, 0.02F},
                                                                                        {fm_ratio, 0.5F},
                                                                                        {fm_env, 0.0F}}) {
    patch[param] = value;
  }
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, patch);
  pool.begin(note_at(24.0), "test");
  Sounding out;
  play(pool, quantum_frames, out);
  patch[fm_index] = 1.0F;
  pool.move(0, patch);
  play(pool, 2048, out);
  float step = 0.0F;
  for (size_t n = 1; n < out.left.size(); ++n) step = std::max(step, std::abs(out.left[n] - out.left[n - 1]));
  CHECK(step < 0.04F);  // a sine of 131 Hz, modulated by one of 65 Hz, moves by 0.028 a frame
}

TEST_CASE("The comparison hears a filter that is a tenth of an octave off") {
  const Patch patch = builtin_patch("pad");
  Patch off = patch;
  off[VoiceParam::cutoff_hz] *= 1.07F;
  const voice::Note note = note_at(57.0, 0, 20000, 9);
  const Difference found =
      difference_of(play_note(off, note, 22050).left, play_note(patch, note, 22050).left, test_rate);
  CHECK(found.band_db > 1.0);
}
