// SPDX-License-Identifier: MIT
// Voices without a mixer or effects, and the measurements the synthesizer's tests make on them.
#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <vector>

#include "model/patch.h"
#include "model/units.h"
#include "synth/voice/pool.h"

namespace auralis::testing {

inline constexpr int test_rate = 44100;

// One oscillator at full level, at once and for ever, in the middle, and nothing that moves.
inline Patch still_patch() {
  using enum VoiceParam;
  Patch patch = default_patch();
  for (VoiceParam p : {osc1_level, osc2_level, detune_cents, vibrato_cents, filter_vel_oct, filter_lfo_oct,
                       key_track, velocity_db, pan_lfo_depth, fm_index}) {
    patch[p] = 0.0F;
  }
  patch[osc1_level] = 1.0F;
  patch[attack_s] = 0.001F;
  patch[sustain] = 1.0F;
  patch[mod_attack_s] = 0.001F;
  patch[mod_sustain] = 1.0F;
  patch[filter_shape] = 2.0F;  // a high-pass at 20 Hz lets everything through
  patch[cutoff_hz] = 20.0F;
  patch[resonance] = 0.0F;
  return patch;
}

// A low sine whose peak is -12 dBFS on each side, without effects: nothing hides a click.
inline Patch dark_patch() {
  using enum VoiceParam;
  Patch patch = still_patch();
  patch[osc1_shape] = patch[osc2_shape] = 0.0F;
  patch[filter_shape] = 0.0F;
  patch[cutoff_hz] = 2000.0F;
  patch[attack_s] = 0.05F;
  patch[release_s] = 0.1F;
  patch[gain_db] = -9.0F;
  patch[delay_send] = patch[reverb_send] = 0.0F;
  return patch;
}

// The pitch of a frequency: the inverse of midi_to_hz.
inline double pitch_of(double hz) { return 69.0 + 12.0 * std::log2(hz / 440.0); }

struct Sounding {
  std::vector<float> left, right;
};

inline voice::Note note_at(double pitch, int onset = 0, int64_t frames = int64_t{1} << 40, uint64_t id = 1) {
  return {.id = id, .layer = 0, .pitch = pitch, .vel = 1.0, .pan = 0.0, .onset = onset, .frames = frames};
}

// Makes the sound of all that a chunk's control left.
inline void sound(voice::Pool& pool, voice::Chunk& chunk) {
  pool.end_chunk(chunk);
  for (int job = 0; job < voice::Pool::jobs(chunk); ++job) pool.sound(chunk, job);
}

// Appends what a pool plays in its layer 0.
inline void play(voice::Pool& pool, int64_t frames, Sounding& out) {
  voice::Chunk chunk(pool.groups());
  for (int64_t done = 0; done < frames;) {
    for (; chunk.quanta < voice::chunk_quanta && done < frames; done += quantum_frames) pool.advance(chunk);
    sound(pool, chunk);
    for (int q = 0; q < chunk.quanta; ++q) {
      StereoQuantum sum = {};
      chunk.add_layer(q, 0, sum);
      out.left.insert(out.left.end(), sum[0], sum[0] + quantum_frames);
      out.right.insert(out.right.end(), sum[1], sum[1] + quantum_frames);
    }
    chunk.reuse();
  }
}

// What a pool plays once a note has sounded for half a second, it was copied, and `later` and another note came to both;
// and what its copy does.
template <typename Later>
std::array<Sounding, 2> with_its_copy(const Patch& patch, Later later) {
  voice::Pool pool(test_rate, 16, best_isa());
  pool.move(0, patch);
  Sounding before;
  pool.begin(note_at(50.0, 7), "test");
  play(pool, 20000, before);
  std::array<voice::Pool, 2> both{pool, pool};
  std::array<Sounding, 2> after;
  for (size_t i = 0; i < both.size(); ++i) {
    later(both[i]);
    both[i].begin(note_at(57.0, 3, 9000, 2), "test");
    play(both[i], 20000, after[i]);
  }
  return after;
}

inline Sounding play_note(const Patch& patch, const voice::Note& note, int64_t frames, Isa isa = best_isa()) {
  voice::Pool pool(test_rate, 16, isa);
  pool.move(0, patch);
  pool.begin(note, "test");
  Sounding out;
  play(pool, frames, out);
  return out;
}

// Amplitude and phase of the sine of this frequency, fitted over whole windows; the position counts from frame 0.
inline std::complex<double> sine_at(const std::vector<float>& x, double hz, size_t from, size_t frames,
                                    double rate = test_rate) {
  std::complex<double> sum = 0.0;
  double weight = 0.0;
  for (size_t n = 0; n < frames; ++n) {
    const double window =
        0.5 - 0.5 * std::cos(2.0 * M_PI * (static_cast<double>(n) + 0.5) / static_cast<double>(frames));
    const double angle = 2.0 * M_PI * std::fmod(hz / rate * static_cast<double>(from + n), 1.0);
    sum += window * static_cast<double>(x[from + n]) * std::polar(1.0, -angle);
    weight += window;
  }
  return 2.0 * sum / weight;
}

}  // namespace auralis::testing
