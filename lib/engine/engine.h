// SPDX-License-Identifier: MIT
// The whole instrument in one object: composer and renderer without files, clocks, sockets or threads. It either composes
// from a resolved preset, or follows events that are pushed into it.
//   samples    those of `auralis-compose | auralis-render`, to the bit: events are rounded to what their lines say
//   ahead      composed only as far ahead as the next frames need, so that a control is heard at once
//   copies     an engine is a value: a copy goes on with the same events and the same samples
//   pull       interleaved stereo float32; frame n is time n/rate
//   errors     Error{bad_input} for events and presets, ControlError for controls, Error{usage} for what the engine does
//              not do; it stays as it was
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/composer.h"
#include "model/event_stream.h"
#include "synth/renderer.h"

namespace auralis {

class Engine {
 public:
  Engine(const Preset& preset, const ComposeSettings& settings, int rate);  // composes
  explicit Engine(int rate, int64_t first_frame = 0);                       // follows

  // Lines of an event stream, in pieces of any size; only where it follows.
  void push(std::string_view bytes);

  // Takes effect behind what is composed already; answers what was applied. Only where it composes.
  Control control(const Control& control);
  // Comes to a musical end from here on; answers when it will be over, in seconds.
  double finish();

  // Up to `frames` frames, fewer where the piece ends or where it follows and the events allow no more.
  int64_t pull(float* stereo, int64_t frames);

  // The lines of every event composed since the last call; where nobody takes them, the newest.
  std::string take_events();

  int64_t position() const { return position_; }  // the next frame of the piece
  bool finished() const { return renderer_.finished(); }
  const std::optional<Composer>& composer() const { return composer_; }

 private:
  void compose_until(double t_s);
  void render_events();

  int rate_;
  std::optional<Composer> composer_;
  Renderer renderer_;
  EventReader reader_;         // where it follows
  std::vector<Event> events_;  // composed, not yet rendered
  std::string lines_;
  double composed_s_ = 0.0;
  int64_t position_ = 0;
};

}  // namespace auralis
