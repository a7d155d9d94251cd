// SPDX-License-Identifier: MIT
// The form of a piece: slow arcs, the course of the whole, who plays in a scene, silences between scenes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "compose/arc.h"
#include "compose/piece_state.h"
#include "model/layer.h"
#include "model/rng.h"

namespace auralis {

// Who plays in a scene: each layer does where its draw is below its share.
struct Cast {
  std::array<double, layer_count> draws{};
  std::array<bool, layer_count> plays{};
};

class Form {
 public:
  Form(uint64_t seed, const Range& arc_s);

  // New arcs for another preset, the same whenever it comes.
  void draw_arcs(uint64_t seed, const Preset& preset);

  // How much is played now, 0 … 1.
  double density(const PieceState& state) const;
  // How rich a chord that begins at t_s may be, 0 … 1.
  double richness(const PieceState& state, double t_s) const;
  int register_st(const PieceState& state, double t_s) const;
  double brightness_oct(const PieceState& state, double t_s) const;
  double space_db(const PieceState& state, double t_s) const;

  // Where the arc of a layer's route is, −1 … 1.
  double arc(const Route& route, Layer layer, const PieceState& state, double t_s) const;

  // Seconds until the sounds are moved again.
  double draw_step_s();

  // When each layer may enter at the beginning: the ground first, what moves later.
  static void plan_entries(PieceState& state);

  Cast draw_cast(const PieceState& state);
  // Within a scene a layer leaves, or those that left come back.
  void breathe(Cast& cast, const Cast& whole, const PieceState& state);
  // One layer more or less, where there is one that may; returns which.
  std::optional<Layer> change_cast(Cast& cast, const PieceState& state);
  // Who of the cast plays: a function of its draws, the preset and the intensity alone.
  static void fill_cast(Cast& cast, const PieceState& state);

  // Seconds of silence at the end of a scene whose last chord lasts chord_s, where there is one.
  std::optional<double> draw_silence_s(const FormPlan& plan, double chord_s);

 private:
  double swing(const Arc& arc, const PieceState& state, double t_s) const;

  uint64_t seed_;
  Rng rng_;
  Arcs arcs_;
  bool pad_rests_ = false;  // in the scene drawn last
};

}  // namespace auralis
