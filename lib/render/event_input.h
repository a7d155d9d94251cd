// SPDX-License-Identifier: MIT
// Events from an input that is an event stream or a Standard MIDI File, told apart by content.
//   stream   events are handed over as soon as their lines are there
//   MIDI     is read whole, then played with the sounds of a preset, and in its tuning where the file has none
//   tuning   that is chosen takes the place of the piece's own
//   errors   Error{bad_input} "FILE:LINE: …" or "FILE: byte N: …"; what was handed over before stays good. Sound is refused
//            with what plays it; Error{usage} for events where only a MIDI file is wanted
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "compose/intonation.h"
#include "model/event_stream.h"
#include "render/input.h"
#include "render/job.h"

namespace auralis {

class EventInput {
 public:
  // preset: whose sounds a MIDI file is played with. The input outlives this.
  EventInput(Input& input, std::string preset, bool only_midi = false, const TuningChoice& tuning = {});

  // Hands over what one more read gives. False where the input has ended or a stop was requested (input.stopped()).
  bool read(const std::function<void(const Event&)>& sink);

 private:
  enum class Kind { unknown, stream, midi };

  void find_kind();
  void take_for_stream();
  void warn_of_version(const StartEvent& start) const;
  void hand_over(Event&& event, const std::function<void(const Event&)>& sink);
  void play_midi(const std::function<void(const Event&)>& sink);
  void finish(const std::function<void(const Event&)>& sink);

  Input& input_;
  std::string preset_;
  bool only_midi_;
  TuningChoice tuning_;
  std::optional<Intonation> intonation_;  // of a stream
  EventReader reader_;
  Kind kind_ = Kind::unknown;
  std::string bytes_;  // until the kind is known; all of a MIDI file
};

}  // namespace auralis
