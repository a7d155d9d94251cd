// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "model/layer.h"
#include "model/rng.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Every layer's sound, with notes that come, go, collide and are stolen, and a patch that moves.
Sounding busy_piece(Isa isa, int max_voices = 24) {
  voice::Pool pool(test_rate, max_voices, isa);
  voice::Chunk chunk(pool.groups());
  Rng rng(11);
  for (size_t layer = 0; layer < layer_names().size(); ++layer) {
    pool.move(static_cast<int>(layer), builtin_patch(layer_names()[layer]));
  }
  Patch lead = builtin_patch("lead");
  lead[VoiceParam::fm_index] = 2.0F;
  lead[VoiceParam::osc1_shape] = 2.7F;
  lead[VoiceParam::unison] = 4.6F;
  lead[VoiceParam::drift_cents] = 12.0F;
  lead[VoiceParam::drift_s] = 0.3F;
  pool.move(2, lead);
  Sounding out;
  uint64_t id = 0;
  for (int i = 0; i < 120; ++i) {
    for (int q = 0; q < voice::chunk_quanta; ++q) {
      Patch pad = builtin_patch("pad");
      pad[VoiceParam::cutoff_hz] = 500.0F + 10.0F * static_cast<float>(i);
      pad[VoiceParam::unison] = 1.0F + 0.1F * static_cast<float>(std::max(0, i - 60));
      if (q % 4 == 0) pool.move(1, pad);
      if (rng.chance(0.05)) pool.release(rng.index(id + 1), static_cast<int>(rng.index(quantum_frames)));
      if (!rng.chance(0.08)) {
        pool.advance(chunk);
        continue;
      }
      const size_t layer = rng.index(layer_names().size());
      voice::Note note = note_at(rng.uniform(24.0, 110.0), static_cast<int>(rng.index(quantum_frames)),
                                 1 + static_cast<int64_t>(rng.index(60000)), rng.chance(0.1) ? id : ++id);
      note.layer = static_cast<int>(layer);
      note.vel = rng.uniform();
      note.pan = rng.uniform(-1.0, 1.0);
      pool.begin(note, layer_names()[layer]);
      pool.advance(chunk);
    }
    sound(pool, chunk);
    for (int q = 0; q < voice::chunk_quanta; ++q) {
      for (size_t layer = 0; layer < layer_names().size(); ++layer) {
        StereoQuantum sum = {};
        chunk.add_layer(q, static_cast<int>(layer), sum);
        out.left.insert(out.left.end(), sum[0], sum[0] + quantum_frames);
        out.right.insert(out.right.end(), sum[1], sum[1] + quantum_frames);
      }
    }
    chunk.reuse();
  }
  CHECK(pool.stolen() > 0);
  return out;
}

float steepest_step(const std::vector<float>& x, size_t from = 1) {
  float step = 0.0F;
  for (size_t n = from; n < x.size(); ++n) step = std::max(step, std::abs(x[n] - x[n - 1]));
  return step;
}

}  // namespace

TEST_CASE("Every instruction set gives the same bits") {
  const Sounding reference = busy_piece(Isa::baseline);
  double energy = 0.0;
  for (float x : reference.left) energy += static_cast<double>(x) * static_cast<double>(x);
  CHECK(std::isfinite(energy));
  CHECK(energy > 1.0);
  for (Isa isa : {Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    const Sounding other = busy_piece(isa);
    CHECK(same_bits(reference.left, other.left));
    CHECK(same_bits(reference.right, other.right));
  }
}

TEST_CASE("A batch of voices is the sum of its voices one by one") {
  const Patch patch = builtin_patch("pad");
  constexpr int count = 37;
  voice::Pool pool(test_rate, 64, best_isa());
  pool.move(0, patch);
  Sounding together;
  std::vector<double> sum(8192, 0.0);
  for (int i = 0; i < count; ++i) {
    const voice::Note note = note_at(40.0 + i, i % quantum_frames, 4000, static_cast<uint64_t>(i));
    pool.begin(note, "pad");
    voice::Pool single(test_rate, 16, best_isa());
    single.move(0, patch);
    single.begin(note, "pad");
    Sounding alone;
    play(single, 8192, alone);
    for (size_t n = 0; n < sum.size(); ++n) sum[n] += static_cast<double>(alone.left[n]);
  }
  play(pool, 8192, together);
  double error = 0.0, energy = 0.0;
  for (size_t n = 0; n < sum.size(); ++n) {
    error += std::pow(static_cast<double>(together.left[n]) - sum[n], 2.0);
    energy += sum[n] * sum[n];
  }
  CHECK(10.0 * std::log10(error / energy) < -120.0);
}

TEST_CASE(
    "Stealing keeps max_voices, counts, takes the quietest, and makes no step that its fade does not "
    "explain") {
  Patch patch = still_patch();
  patch[VoiceParam::osc1_shape] = 0.0F;
  patch[VoiceParam::attack_s] = 0.01F;
  patch[VoiceParam::velocity_db] = 40.0F;
  voice::Pool pool(test_rate, 4, best_isa());
  pool.move(0, patch);
  Sounding out;
  for (uint64_t i = 0; i < 40; ++i) {
    voice::Note note =
        note_at(50.0 + static_cast<double>(i % 5), static_cast<int>(i * 13 % 64), int64_t{1} << 40, i);
    note.vel = i == 0 ? 1.0 : 0.9;
    pool.begin(note, "test");
    play(pool, 4096, out);
    CHECK(pool.voices() <= 5);
  }
  CHECK(pool.stolen() == 36);
  // A sine of MIDI 54 and level 0.71 moves by 0.019 a frame, a fade of 60 dB in 50 ms by another 0.0022.
  CHECK(steepest_step(out.left) < 4.0F * 0.019F + 0.0022F);
  // The loudest, first of all, has outlived the rest.
  const double loudest = std::abs(sine_at(out.left, midi_to_hz(50.0), out.left.size() - 8192, 8192));
  pool.release(0, 0);
  CHECK(loudest > 0.6);
}

TEST_CASE("More notes at once than lanes are counted as stolen and nothing breaks") {
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, builtin_patch("pad"));
  for (uint64_t i = 0; i < 100; ++i) pool.begin(note_at(60.0, 5, 100000, i), "pad");
  CHECK(pool.voices() == 16);
  CHECK(pool.stolen() == 84);
  Sounding out;
  play(pool, 4096, out);
  for (uint64_t i = 100; i < 200; ++i) pool.begin(note_at(62.0, 5, 100000, i), "pad");
  CHECK(pool.voices() <= 32);
  play(pool, 4096, out);
  CHECK(pool.voices() == 16);
}

TEST_CASE("A note for which every lane is taken is dropped, counted once, and nobody fades for it") {
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, still_patch());
  Sounding out;
  uint64_t id = 0;
  const auto begin = [&](int notes) {
    for (int i = 0; i < notes; ++i) pool.begin(note_at(60.0, 0, int64_t{1} << 40, ++id), "test");
  };
  begin(16);
  play(pool, 1024, out);
  begin(16);  // all sixteen fade beside those that take their place
  play(pool, quantum_frames, out);
  CHECK(pool.voices() == 32);
  begin(10);
  CHECK(pool.stolen() == 16 + 10);
  CHECK(pool.voices() == 32);
  play(pool, 8192, out);
  CHECK(pool.voices() == 16);  // the second sixteen have outlived the ten
  play(pool, test_rate, out);
  CHECK(pool.voices() == 16);
}

TEST_CASE("A second note with the id of a sounding one releases the first") {
  Patch patch = still_patch();
  patch[VoiceParam::release_s] = 0.005F;
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, patch);
  Sounding out;
  pool.begin(note_at(60.0, 0, 1 << 30, 7), "test");
  play(pool, 1024, out);
  pool.begin(note_at(67.0, 0, 1 << 30, 7), "test");
  play(pool, 1024, out);
  CHECK(pool.voices() == 1);
  pool.release(999, 0);  // unknown: nothing happens
  pool.release(7, 0);
  play(pool, 1024, out);
  CHECK(pool.voices() == 0);
}

TEST_CASE("A voice sounds the same whoever shares its group, to below -120 dB") {
  const auto played = [](Isa isa, bool company, float unison) {
    voice::Pool pool(test_rate, 64, isa);
    for (size_t layer = 0; layer < layer_names().size(); ++layer) {
      Patch other = builtin_patch(layer_names()[layer]);
      other[VoiceParam::unison] = layer % 2 == 0 ? 1.0F : 2.0F + static_cast<float>(layer);
      pool.move(static_cast<int>(layer), other);
    }
    Patch patch = builtin_patch("pad");
    patch[VoiceParam::unison] = unison;
    patch[VoiceParam::drift_cents] = 5.0F;
    patch[VoiceParam::attack_s] = 0.3F;
    patch[VoiceParam::decay_s] = 0.4F;
    patch[VoiceParam::release_s] = 0.5F;
    pool.move(0, patch);
    pool.begin(note_at(50.0, 13, test_rate, 1), "test");
    Rng chance(5);
    Sounding out;
    for (uint64_t id = 2; id < 40; ++id) {
      const auto layer = 1 + static_cast<int>(chance.index(layer_names().size() - 1));
      voice::Note note = note_at(chance.uniform(30.0, 90.0), static_cast<int>(chance.index(quantum_frames)),
                                 static_cast<int64_t>(chance.index(9000)) + 1, id);
      note.layer = layer;
      if (company) pool.begin(note, layer_names()[static_cast<size_t>(layer)]);
      play(pool, int64_t{33} * quantum_frames, out);
    }
    return out.left;
  };
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    CAPTURE(isa_name(isa));
    for (const float unison : {1.0F, 3.0F}) {
      CAPTURE(unison);
      const std::vector<float> alone = played(isa, false, unison);
      CHECK(std::any_of(alone.begin(), alone.end(), [](float x) { return x != 0.0F; }));
      const std::vector<float> among = played(isa, true, unison);
      REQUIRE(among.size() == alone.size());
      float apart = 0.0F;
      for (size_t n = 0; n < alone.size(); ++n) apart = std::max(apart, std::abs(alone[n] - among[n]));
      CHECK(apart < 1e-6F);
    }
  }
}
