// SPDX-License-Identifier: MIT
// What arcs, intensity, tempo and faders do to the sounds: every layer's patch and the master's as they should be at a
// time, and the changes that take them there.
//   movements   what the preset declares of a layer: routes from arcs are changes here, all others go with the patch. A
//               cutoff that no route moves follows the arc of brightness. Intensity, tempo and faders act on the rest as
//               one table in sounds.cpp says
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

  // Whether the preset has arcs move the layer's sound.
  static bool has_arcs(const LayerPlan& plan);

  // The master comes up from far below over the introduction; behind begin().
  void rise(double glide_s, EventQueue& queue);

  // The master sinks to silence at the end of the piece.
  static void fade_out(const Timeline& time, EventQueue& queue);

 private:
  std::array<Patch, layer_count> sent_{};
  std::array<Modulation, layer_count> sent_routes_{};
  std::array<Spectra, layer_count> sent_waves_{};
  MasterPatch sent_master_{};
  double risen_s_ = 0.0;  // when the introduction is over
};

}  // namespace auralis
