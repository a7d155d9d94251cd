// SPDX-License-Identifier: MIT
// What a newcomer to a stream of events needs, so as to be in step with those who heard it from its beginning: the last
// seconds of it, and before them the sounds and the sounding notes as they were then. Who plays these seconds as fast as it
// can has tails, echoes and glides as everybody has them.
//   push    in stream order; a start forgets all that was before
//   lines   a stream like any other, except that it begins late: start, a patch for each layer, what still glides, what
//           still sounds, the events since, an advance to the newest second
//   kept    the events of the window, the notes that still sound, and one set of values for each layer
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "model/event.h"

namespace auralis {

// Longer than tails and echoes are heard.
inline constexpr double newcomer_window_s = 20.0;

// So often a live composer tells its subscribers what there is, and how far that goes.
inline constexpr double subscribers_told_every_s = 0.1;

// A parameter on its way from one value to another.
struct ParamMove {
  float from = 0.0F;
  float to = 0.0F;
  double begins_s = 0.0;
  double ends_s = 0.0;
};
template <typename Param, size_t count>
struct MovingSound {
  std::array<ParamMove, count> moves{};
  Modulation modulation{};
  Spectra wave{};
};

class EventHistory {
 public:
  explicit EventHistory(double window_s) : window_s_(window_s) {}

  void push(const Event& event);
  bool begun() const { return start_.has_value(); }
  double newest_s() const { return newest_s_; }
  std::string lines() const;

 private:
  using LayerSound = MovingSound<VoiceParam, voice_param_count>;
  using MasterSound = MovingSound<MasterParam, master_param_count>;

  void leave_window(const Event& event);
  void leave(const PatchEvent& event);
  void leave(const ChangeEvent& event);
  LayerSound& sound_of(const std::string& layer);
  double begins_s() const;

  double window_s_;
  double newest_s_ = 0.0;
  std::optional<StartEvent> start_;
  std::deque<Event> window_;
  // As it was when the window began:
  std::map<std::string, LayerSound> layers_;
  std::optional<MasterSound> master_;
  std::map<uint64_t, NoteEvent> sounding_;
  std::optional<ChordEvent> chord_;
};

}  // namespace auralis
