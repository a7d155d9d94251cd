// SPDX-License-Identifier: MIT
#include "synth/denormals.h"

#include <doctest/doctest.h>

#include "model/rng.h"
#include "synth/voices.h"

#if defined(__SSE2__)

namespace auralis {

TEST_CASE("Voices that are held, released and gone meet next to none, whatever their patches ask") {
  Rng chance(7, "denormals");
  int met = 0;
  int all = 0;
  for (int round = 0; round < 12; ++round) {
    voice::Pool pool(testing::test_rate, 64, best_isa());
    uint64_t id = 0;
    for (int layer = 0; layer < 8; ++layer) {
      Patch patch = default_patch();
      for (size_t i = 0; i < voice_param_count; ++i) {
        const ParamInfo& info = voice_params[i];
        patch.values[i] = static_cast<float>(info.min + (info.max - info.min) * chance.uniform());
      }
      using enum VoiceParam;
      for (const VoiceParam time : {attack_s, decay_s, release_s, mod_attack_s, mod_decay_s, mod_release_s}) {
        patch[time] = 0.005F + 0.3F * static_cast<float>(chance.uniform());
      }
      if (chance.chance(0.5)) patch[mod_sustain] = 0.0F;
      if (chance.chance(0.3)) patch[osc1_level] = patch[osc2_level] = patch[noise_level] = 0.0F;
      pool.move(layer, patch);
      voice::Note note =
          testing::note_at(chance.uniform(24.0, 110.0), 0, testing::test_rate * (1 + layer), ++id);
      note.layer = layer;
      note.pan = chance.chance(0.5) ? -1.0 : 0.3;
      pool.begin(note, "test");
    }
    voice::Chunk chunk(pool.groups());
    for (int i = 0; i < 10 * testing::test_rate / quantum_frames / voice::chunk_quanta; ++i, ++all) {
      met += test::meets_denormals([&] {
        for (int q = 0; q < voice::chunk_quanta; ++q) pool.advance(chunk);
        testing::sound(pool, chunk);
        chunk.reuse();
      });
    }
  }
  CHECK(static_cast<double>(met) / all < 0.01);
}

}  // namespace auralis
#endif
