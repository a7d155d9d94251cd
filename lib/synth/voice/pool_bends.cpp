// SPDX-License-Identifier: MIT
// Notes whose pitch moves while they sound.
#include "synth/voice/each_lane.h"
#include "synth/voice/pool.h"

namespace auralis::voice {

void Pool::bend(uint64_t id, double pitch, int64_t quanta) {
  for (Group& group : groups_) {
    for_each_lane(group.active, [&](int lane) {
      Lane& voice = group.lanes[lane];
      if (voice.note.id != id || voice.stolen) return;
      voice.bend = {voice.note.pitch, pitch - voice.note.pitch, quanta, quanta};
      group.bending |= 1u << lane;
    });
  }
}

void Pool::move_bends(Group& group) {
  for_each_lane(group.bending, [&](int lane) {
    Lane& voice = group.lanes[lane];
    Bend& bend = voice.bend;
    --bend.left;
    const double x = 1.0 - static_cast<double>(bend.left) / static_cast<double>(bend.quanta);
    voice.note.pitch = bend.from + bend.span * x * x * (3.0 - 2.0 * x);
    control(group).base_increment[lane] = increment_of(voice.note.pitch, rate_);
    if (OwnMotion* own = motion_of(group, lane)) own->bend(voice.note.pitch);
    fill_params(group, lane);
    if (bend.left == 0) group.bending &= ~(1u << lane);
  });
}

}  // namespace auralis::voice
