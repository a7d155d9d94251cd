// SPDX-License-Identifier: MIT
#include "synth/source/sources.h"

namespace auralis::source {
namespace {

constexpr VoiceParam levels[] = {
#define AURALIS_LEVEL(name, Source) Source::level,
    AURALIS_VOICE_SOURCES(AURALIS_LEVEL)
#undef AURALIS_LEVEL
};

}  // namespace

uint32_t source_of(VoiceParam param) {
  for (uint32_t i = 0; i < std::size(levels); ++i) {
    if (levels[i] == param) return 1u << i;
  }
  return 0;
}

uint32_t sources_of(const Patch& patch) {
  uint32_t which = 0;
  for (const VoiceParam level : levels) {
    if (patch[level] > 0.0F) which |= source_of(level);
  }
  return which;
}

uint32_t sources_of(std::span<const Route> routes) {
  uint32_t which = 0;
  for (const Route& route : routes) which |= source_of(route.param);
  return which;
}

void Sources::take(uint32_t which, size_t voices) {
  uint32_t bit = 1;
#define AURALIS_TAKE(name, Source)              \
  if ((which & bit) != 0) name##_.take(voices); \
  bit <<= 1;
  AURALIS_VOICE_SOURCES(AURALIS_TAKE)
#undef AURALIS_TAKE
}

void Sources::add(size_t voice, const Frame& frame, Mono& out) {
#define AURALIS_ADD(name, Source) name##_.add(voice, frame, out);
  AURALIS_VOICE_SOURCES(AURALIS_ADD)
#undef AURALIS_ADD
}

void Sources::end(size_t voice) {
#define AURALIS_END(name, Source) name##_.end(voice);
  AURALIS_VOICE_SOURCES(AURALIS_END)
#undef AURALIS_END
}

}  // namespace auralis::source
