// SPDX-License-Identifier: MIT
// What arcs, intensity, tempo and faders do to the sounds: every layer's patch and the master's as they should be at a
// time, and the changes that take them there.
//   movements   one table in sounds.cpp says what moves which parameter; what it does not name stays as the preset says
#pragma once

#include <array>

#include "compose/event_queue.h"
#include "compose/form.h"
#include "compose/piece_state.h"
#include "model/layer.h"
#include "model/patch.h"

namespace auralis {

class Sounds {
 public:
  // Every layer's patch and the master's, as the piece begins.
  void begin(const PieceState& state, const Form& form, EventQueue& queue);

  // From now on everything that differs from what was sent glides to where it should be at t_s.
  void move(Layer layer, double t_s, double glide_s, const PieceState& state, const Form& form,
            EventQueue& queue);
  void move_master(double t_s, double glide_s, const PieceState& state, const Form& form, EventQueue& queue);

  // The master sinks to silence at the end of the piece.
  static void fade_out(const Timeline& time, EventQueue& queue);

 private:
  std::array<Patch, layer_count> sent_{};
  MasterPatch sent_master_{};
};

}  // namespace auralis
