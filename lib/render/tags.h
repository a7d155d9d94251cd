// SPDX-License-Identifier: MIT
// What a sound file says of the piece in it, as the stream's first line tells it.
#pragma once

#include "audio/sound_tags.h"
#include "model/event.h"

namespace auralis {

SoundTags tags_of(const StartEvent& start);

}  // namespace auralis
