// SPDX-License-Identifier: MIT
// All sources of voices but the oscillators, listed once. A source has
//   level         the row that is 0 where a voice has none of it
//   State         plain, a voice's own
//   begin, sound  as its header says; from the first quantum in which its level is not 0
// A pool takes the memory of a source, for every lane, when a patch first asks for it; what has not sounded is not copied.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "model/modulation.h"
#include "synth/aligned.h"
#include "synth/source/air/air.h"
#include "synth/source/body/body.h"
#include "synth/source/string/string.h"
#include "synth/source/wave/choir.h"
#include "synth/source/wave/wave.h"

// X(name, Source)
#define AURALIS_VOICE_SOURCES(X) X(body, Body) X(string, String) X(choir, Choir) X(wave, Wave) X(air, Air)

namespace auralis::source {

// A bit for each source: those a patch, routes or a change ask for.
uint32_t sources_of(const Patch& patch);
uint32_t sources_of(std::span<const Route> routes);
uint32_t source_of(VoiceParam param);

template <typename Source>
class Held {
 public:
  Held() = default;
  Held(const Held& other) : voices_(other.voices_.size()) {
    for (size_t i = 0; i < voices_.size(); ++i) {
      if (other.voices_[i].sounds) voices_[i] = other.voices_[i];
    }
  }
  Held(Held&&) noexcept = default;
  Held& operator=(const Held& other) { return *this = Held(other); }
  Held& operator=(Held&&) noexcept = default;
  ~Held() = default;

  void take(size_t voices) {
    if (voices_.size() == 0) voices_ = Aligned<Voice>(voices);
  }
  void add(size_t voice, const Frame& frame, Mono& out) {
    if (voices_.size() == 0) return;
    Voice& v = voices_[voice];
    const float to = frame.asked[Source::level];
    if (frame.fresh) v.sounds = false;
    if (!v.sounds) {
      if (to == 0.0F) return;
      begin(v.state, frame);
      v.sounds = true;
      v.level = frame.fresh ? to : 0.0F;
    } else if (to == 0.0F && v.level == 0.0F) {
      return;
    }
    sound(v.state, frame, Level(v.level, to), out);
    v.level = to;
  }
  void end(size_t voice) {
    if (voices_.size() != 0) voices_[voice].sounds = false;
  }

 private:
  struct Voice {
    bool sounds;
    float level;
    typename Source::State state;
  };
  Aligned<Voice> voices_;
};

// Those of a pool's voices.
class Sources {
 public:
  void take(uint32_t which, size_t voices);
  void add(size_t voice, const Frame& frame, Mono& out);
  void end(size_t voice);

 private:
#define AURALIS_HELD(name, Source) Held<Source> name##_;
  AURALIS_VOICE_SOURCES(AURALIS_HELD)
#undef AURALIS_HELD
};

}  // namespace auralis::source
