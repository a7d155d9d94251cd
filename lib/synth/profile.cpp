// SPDX-License-Identifier: MIT
#include "synth/profile.h"

namespace auralis {
namespace {

#define AURALIS_SEND_NAME(name, Effect) #name,
constexpr const char* stage_names[]{
    "events",        "control", "voices", "device_sound",
    "device_copies", "mix",     "stems",  AURALIS_SENDS(AURALIS_SEND_NAME) "inserts",
    "finishes",      "limiter"};
#undef AURALIS_SEND_NAME
static_assert(std::size(stage_names) == stage_count);

}  // namespace

Profile::Profile(double (*clock)()) : clock_(clock), spent_ns_(stage_count) {}

void Profile::add_device(double sound_s, double copies_s) {
  const int64_t sound_ns = nanoseconds(sound_s);
  const int64_t copies_ns = nanoseconds(copies_s);
  add(device_sound_stage, sound_ns);
  add(device_copies_stage, copies_ns);
  add(voices_stage, -sound_ns - copies_ns);
}

std::vector<StageTime> Profile::times() const {
  std::vector<StageTime> all;
  for (size_t stage = 0; stage < stage_count; ++stage) {
    const int64_t ns = spent_ns_[stage].load(std::memory_order_relaxed);
    const bool of_device = stage == device_sound_stage || stage == device_copies_stage;
    if (of_device && ns == 0) continue;  // there is none
    const bool is_effect = stage >= first_send_stage && stage <= finishes_stage;
    all.push_back({stage_names[stage], static_cast<double>(ns) * 1e-9, is_effect});
  }
  return all;
}

}  // namespace auralis
