// SPDX-License-Identifier: MIT
// What sources other than the oscillators are asked for: bodies, strings, choirs, waves, air. Each is a folder of its own with
// its state and its sound, and a line in sources.h; a voice without them costs nothing.
//   Asked    a patch's rows of the sources, as they stand in the parameter table
//   Frame    one voice's quantum: where its pitch goes, what it is asked for
//   sound    adds a quantum of mono, peak about 1 at full level, which goes into the voice's filter beside its oscillators
//   same     float32 and float64 in a fixed order, without libm: the same bits on every machine
//   device   they are made on the processor, whatever device plays the rest
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/patch.h"
#include "model/spectra.h"
#include "synth/isa.h"
#include "synth/quantum.h"

namespace auralis::source {

inline constexpr auto first_row = static_cast<size_t>(VoiceParam::body_level);
inline constexpr size_t row_count = static_cast<size_t>(VoiceParam::air_tone) + 1 - first_row;

constexpr bool is_row(VoiceParam param) {
  return static_cast<size_t>(param) >= first_row && static_cast<size_t>(param) < first_row + row_count;
}

struct Asked {
  std::array<float, row_count> rows{};
  double raise_oct = 0.0;  // above the first oscillator, which is half the detune below the note

  float operator[](VoiceParam param) const { return rows[static_cast<size_t>(param) - first_row]; }
};

inline Asked asked_of(const Patch& patch) {
  Asked asked;
  for (size_t i = 0; i < row_count; ++i) asked.rows[i] = patch.values[first_row + i];
  asked.raise_oct = static_cast<double>(patch[VoiceParam::detune_cents]) / 2400.0;
  return asked;
}

struct Frame {
  Asked asked;
  double from = 0.0, to = 0.0;  // cycles per frame, at the quantum's ends
  double rate = 44100.0;
  int64_t at = 0;                         // of the quantum, in frames since the one in which the note began
  uint64_t key = 0;                       // what chance is drawn by
  const Spectra::Frames* wave = nullptr;  // the layer's own, which outlasts the voice
  float vel = 1.0F;
  int onset = 0;  // of a fresh voice
  Isa isa = Isa::baseline;
  bool fresh = false;
};

// What chance is drawn by in a voice of this noise key.
inline uint64_t key_of_voice(int32_t noise_key) {
  return static_cast<uint64_t>(static_cast<int64_t>(noise_key)) ^ 0x736f7572636573u;
}

// What strikes or plucks falls when the shortest attack is over, whose end would else bend its sound.
inline constexpr double blow_after_s = 0.001;

using Mono = float[quantum_frames];

// A level's way over the quantum.
struct Level {
  float value, step;
  Level(float from, float to) : value(from), step((to - from) * (1.0F / quantum_frames)) {}
  float next() {
    const float now = value;
    value += step;
    return now;
  }
};

inline float settled(float x) {
  constexpr auto least = static_cast<float>(settled_below);
  return ((x < least) & (x > -least)) ? 0.0F : x;  // without a branch
}

// How much of a shape between two whole numbers is this one.
inline float share(float shape, float of) {
  const float apart = shape < of ? of - shape : shape - of;
  return apart < 1.0F ? 1.0F - apart : 0.0F;
}

}  // namespace auralis::source
