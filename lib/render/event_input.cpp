// SPDX-License-Identifier: MIT
#include "render/event_input.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/log.h"
#include "compose/midi/midi_container.h"
#include "compose/midi/midi_file.h"
#include "compose/midi/midi_limits.h"
#include "compose/preset/preset_files.h"

namespace auralis {
namespace {

// What begins a file of sound: WAV, RF64, AIFF, FLAC, Ogg, MP3 with tags, MPEG-4.
bool begins_sound(std::string_view bytes) {
  const auto has = [bytes](size_t at, std::string_view text) {
    return bytes.size() >= at + text.size() && bytes.substr(at, text.size()) == text;
  };
  const bool chunks = has(0, "RIFF") || has(0, "RF64") || has(0, "FORM");
  return (chunks && (has(8, "WAVE") || has(8, "AIF"))) || has(0, "fLaC") || has(0, "OggS") || has(0, "ID3") ||
         has(4, "ftyp");
}

}  // namespace

EventInput::EventInput(Input& input, std::string preset, bool only_midi, const TuningChoice& tuning)
    : input_(input),
      preset_(std::move(preset)),
      only_midi_(only_midi),
      tuning_(tuning),
      reader_(input.name(), log_warning) {
  if (tuning.tuning || tuning.reference_hz)
    intonation_.emplace(tuning.tuning.value_or(equal_temperament()),
                        tuning.reference_hz.value_or(standard_hz));
}

void EventInput::hand_over(Event&& event, const std::function<void(const Event&)>& sink) {
  if (const auto* start = std::get_if<StartEvent>(&event)) warn_of_version(*start);
  if (!intonation_) return sink(event);
  std::vector<Event> tuned;
  tuned.push_back(std::move(event));
  intonation_->tune(tuned);
  for (const Event& each : tuned) sink(each);
}

bool EventInput::read(const std::function<void(const Event&)>& sink) {
  const std::string_view bytes = input_.read();
  if (input_.stopped()) return false;
  if (bytes.empty()) {
    finish(sink);
    return false;
  }
  const auto take = [&](Event&& event) { hand_over(std::move(event), sink); };
  if (kind_ == Kind::stream) {
    reader_.feed(bytes, take);
    return true;
  }
  bytes_ += bytes;
  if (kind_ == Kind::unknown) find_kind();
  if (kind_ == Kind::midi && bytes_.size() > most_midi_bytes) {
    throw Error(Exit::bad_input, input_.name() + ": more than " + std::to_string(most_midi_bytes >> 20) +
                                     " MiB, expected a shorter MIDI file");
  }
  if (kind_ == Kind::stream) reader_.feed(std::exchange(bytes_, {}), take);
  return true;
}

// A MIDI file may arrive a byte at a time.
void EventInput::find_kind() {
  const std::optional<bool> midi = begins_midi(bytes_);
  if (!midi) return;
  if (*midi) {
    kind_ = Kind::midi;
  } else {
    take_for_stream();
  }
}

void EventInput::take_for_stream() {
  kind_ = Kind::stream;
  if (begins_sound(bytes_)) {
    const bool is_file = input_.share_read().has_value();
    throw Error(Exit::bad_input, input_.name() + " is sound already, expected events or a MIDI file; " +
                                     (is_file ? "auralis-serve " + input_.name() + " plays it"
                                              : std::string("auralis-serve plays it")));
  }
  if (bytes_[0] != '{' && (input_.name().ends_with(".yaml") || input_.name().ends_with(".yml"))) {
    throw Error(Exit::bad_input, input_.name() +
                                     " is no event stream; a preset is for auralis-compose --preset " +
                                     input_.name() + " | auralis-render");
  }
  if (only_midi_) {
    throw Error(Exit::usage, "--preset gives a MIDI file its sounds, and " + input_.name() +
                                 " has events with sounds of their own; type: auralis-compose --preset " +
                                 preset_ + " ... | auralis-render");
  }
}

void EventInput::warn_of_version(const StartEvent& start) const {
  if (start.version.empty() || start.version == AURALIS_VERSION) return;
  log_warning(input_.name() + " was composed by version " + start.version +
              ", this is " AURALIS_VERSION ": the same events may sound otherwise");
}

void EventInput::play_midi(const std::function<void(const Event&)>& sink) {
  const Preset preset = load_preset(preset_);
  std::vector<Event> events = events_from_midi(bytes_, preset, input_.name());
  const bool is_tuned = std::ranges::any_of(events, [](const Event& event) {
    const auto* note = std::get_if<NoteEvent>(&event);
    return note != nullptr && note->key.has_value();
  });
  const bool asked = tuning_.tuning || tuning_.reference_hz;
  if (asked || !is_tuned) {
    const Tuning tuning =
        for_keyboard(tuning_.tuning ? *tuning_.tuning : preset.scale.value_or(equal_temperament()));
    Intonation(tuning, tuning_.reference_hz.value_or(preset.reference_hz)).tune(events);
  }
  for (const Event& event : events) sink(event);
}

void EventInput::finish(const std::function<void(const Event&)>& sink) {
  if (kind_ == Kind::midi) return play_midi(sink);
  const auto take = [&](Event&& event) { hand_over(std::move(event), sink); };
  reader_.feed(bytes_, take);
  reader_.finish(take);
}

}  // namespace auralis
