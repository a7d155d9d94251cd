// SPDX-License-Identifier: MIT
// MIDI files to play: what auralis-render makes of one is a stream that any reader takes.
#include <string>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/preset/preset.h"
#include "fuzz/harness/target.h"
#include "model/event_stream.h"

namespace auralis {
namespace {

// Lines of a piece that are read back: under sanitizers those of a whole megabyte take longer than any reader may.
constexpr size_t most_lines = 4'000;

}  // namespace

AURALIS_FUZZ_TARGET(midi) {
  static const Preset preset;
  const std::vector<Event> events = events_from_midi(bytes, preset, "song.mid");
  EventReader reader("song.jsonl");
  size_t read = 0;
  const auto sink = [&](Event&&) { ++read; };
  if (events.size() <= most_lines) {
    for (const Event& event : events) reader.feed(to_line(event), sink);
    AURALIS_CLAIM(reader.finish(sink));
    AURALIS_CLAIM(read == events.size());
    return;
  }
  for (size_t i = 0; i < most_lines; ++i) reader.feed(to_line(events[i]), sink);
  AURALIS_CLAIM(read == most_lines);
}

}  // namespace auralis
