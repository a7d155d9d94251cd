// SPDX-License-Identifier: MIT
// MIDI files to play: what auralis-render makes of one is a stream that any reader takes.
#include <string>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/preset/preset.h"
#include "fuzz/harness/target.h"
#include "model/event_stream.h"

namespace auralis {

AURALIS_FUZZ_TARGET(midi) {
  static const Preset preset;
  const std::vector<Event> events = events_from_midi(bytes, preset, "song.mid");
  EventReader reader("song.jsonl");
  size_t read = 0;
  const auto sink = [&](Event&&) { ++read; };
  for (const Event& event : events) reader.feed(to_line(event), sink);
  AURALIS_CLAIM(reader.finish(sink));
  AURALIS_CLAIM(read == events.size());
}

}  // namespace auralis
