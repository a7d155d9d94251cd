// SPDX-License-Identifier: MIT
// How a voice moves by itself: what routes of each voice's own (model/modulation.h) make of its layer's patch. Its rows are
// worked out at knots, and go in straight lines in between:
//   params     the layer's, and on them what the routes make the difference, so that a bend of the layer is heard at once
//   envelopes  as of the last knot: their rows belong together, and a level's course has no step where they change
//   levels     from knot to knot
#pragma once

#include <cstdint>
#include <span>

#include "model/modulation.h"
#include "synth/modulation/routes.h"
#include "synth/source/frame.h"
#include "synth/voice/patch_params.h"

namespace auralis::voice {

// What a layer asks of its voices, and the routes on it.
struct LayerSound {
  const PatchRows& is;
  std::span<const modulation::MovingRoute> routes;
  bool sourced = false;  // its voices may have sources
};

struct Envelopes {
  double amp = 0.0;
  double mod = 0.0;
};

class OwnMotion {
 public:
  // A voice begins, or routes come to one that sounds; then set_out.
  void begin(const Note& note, int64_t quantum, int rate, const LayerSound& layer);

  // The patch as the voice has it at a quantum.
  Patch patch_at(const LayerSound& layer, int64_t quantum, const Envelopes& envelopes) const;

  // From now on towards where the routes are at a later quantum; fresh: it is at once where they are now. Returns the rows
  // that change by it, beside those that move.
  RowSet set_out(const LayerSound& layer, int64_t now, int64_t knot, const Envelopes& envelopes, bool fresh);

  // The rows that are on their way.
  const RowSet& moving() const { return moving_; }

  // Where rows (of the layer, with the note's touch; those of the set alone) and levels are at a quantum.
  void move(PatchParams& rows, uint64_t which, int64_t quantum) const;
  float level(int row, int64_t quantum) const {
    return level_from_[row] + level_step_[row] * static_cast<float>(quantum - from_quantum_);
  }

  PatchUnison unison(int64_t quantum) const {
    PatchUnison at;
    each_unison([&](double PatchUnison::*member) {
      at.*member = unison_from_.*member + unison_step_.*member * static_cast<double>(quantum - from_quantum_);
    });
    return at;
  }

  source::Asked asked(int64_t quantum) const;  // of sources, where the layer has them
  void bend(double pitch) { note_.pitch = pitch; }

  bool begun() const { return begun_; }
  void end() { begun_ = false; }
  bool modulated() const { return modulated_; }
  int64_t knot() const { return knot_; }  // where the line ends

 private:
  struct Rows {
    PatchParams params;
    PatchLevels levels;
    PatchUnison unison;
    source::Asked asked;
  };
  template <typename F>
  static void each_unison(F f) {
    for (const auto member : {&PatchUnison::count, &PatchUnison::half_spread_oct, &PatchUnison::width})
      f(member);
  }

  double source_at(const modulation::MovingRoute& route, int64_t quantum, const Envelopes& envelopes) const;
  Rows rows_at(const LayerSound& layer, int64_t quantum, const Envelopes& envelopes) const;
  double difference(int row, int64_t quantum) const {
    return from_[row] + step_[row] * static_cast<double>(quantum - from_quantum_);
  }

  bool begun_ = false;
  bool modulated_ = false;
  int rate_ = 0;
  RowSet moving_{};
  Note note_{};
  int64_t onset_ = 0;  // quantum
  int64_t from_quantum_ = 0;
  int64_t knot_ = 0;
  PatchParams held_{};
  double from_[param_rows] = {};
  double step_[param_rows] = {};
  float level_from_[level_rows] = {};
  float level_step_[level_rows] = {};
  PatchUnison unison_from_{}, unison_step_{};
  source::Asked asked_from_{}, asked_step_{};
};

}  // namespace auralis::voice
