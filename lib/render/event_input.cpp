// SPDX-License-Identifier: MIT
#include "render/event_input.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "compose/midi/midi_container.h"
#include "compose/midi/midi_file.h"
#include "compose/midi/midi_limits.h"
#include "compose/preset/preset_files.h"

namespace auralis {
EventInput::EventInput(Input& input, std::string preset)
    : input_(input), preset_(std::move(preset)), reader_(input.name(), log_warning) {}

bool EventInput::read(const std::function<void(const Event&)>& sink) {
  const std::string_view bytes = input_.read();
  if (input_.stopped()) return false;
  if (bytes.empty()) {
    finish(sink);
    return false;
  }
  const auto hand_over = [&sink](Event&& event) { sink(event); };
  if (kind_ == Kind::stream) {
    reader_.feed(bytes, hand_over);
    return true;
  }
  bytes_ += bytes;
  if (kind_ == Kind::unknown) find_kind();
  if (kind_ == Kind::midi && bytes_.size() > most_midi_bytes) {
    throw Error(Exit::bad_input, input_.name() + ": more than " + std::to_string(most_midi_bytes >> 20) +
                                     " MiB, expected a shorter MIDI file");
  }
  if (kind_ == Kind::stream) reader_.feed(std::exchange(bytes_, {}), hand_over);
  return true;
}

// A MIDI file may arrive a byte at a time.
void EventInput::find_kind() {
  if (const std::optional<bool> midi = begins_midi(bytes_)) kind_ = *midi ? Kind::midi : Kind::stream;
}

void EventInput::finish(const std::function<void(const Event&)>& sink) {
  if (kind_ == Kind::midi) {
    for (const Event& event : events_from_midi(bytes_, load_preset(preset_), input_.name())) sink(event);
    return;
  }
  const auto hand_over = [&sink](Event&& event) { sink(event); };
  reader_.feed(bytes_, hand_over);
  reader_.finish(hand_over);
}

}  // namespace auralis
