// SPDX-License-Identifier: MIT
// A layer's routes in motion. Those of the whole layer move its parameters once a quantum, in straight lines between knots
// some 23 ms apart; those of each voice's own are the pool's to play: see voice/own_motion.h.
//   go_to    other routes: what is in both goes on, and depths fade over a time, so that nothing steps
//   copies   go on as the original does
//   memory   is taken where routes first come, and bounded by limits.h
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/limits.h"
#include "model/modulation.h"

namespace auralis::modulation {

// One route and its depth in time; times are quanta.
struct MovingRoute {
  VoiceParam param{};
  Source source{};
  double period_s = 0.0;
  bool own = false;
  int ordinal = 0;  // of those alike in a layer
  uint64_t key = 0;
  double from_depth = 0.0, depth = 0.0;
  int64_t since = 0, over = 0;  // when the depth sets out, and how long it takes
  // Of the whole layer: the source at the two knots about now.
  int64_t knot = -1;
  double before = 0.0, after = 0.0;

  double depth_at(int64_t quantum) const;
  bool faded(int64_t quantum) const { return depth == 0.0 && quantum >= since + over; }
};

// In a layer, those that fade among them.
inline constexpr size_t most_at_once = 4 * limits::routes;

// So many quanta from knot to knot: a power of two, at most 24 ms.
int64_t knot_quanta(int rate);

// A parameter moved by an offset, within its range: see Route::depth in model/modulation.h.
float moved(VoiceParam param, float value, double offset);

class LayerRoutes {
 public:
  LayerRoutes(int rate, uint64_t seed, std::string_view layer);

  void go_to(const Modulation& wanted, int64_t quantum, int64_t over);
  // Whether routes of the voices' own have come or gone since it was last asked.
  bool own_changed(int64_t quantum);

  bool of_layer() const { return of_layer_ > 0; }
  std::span<const MovingRoute> own() const { return std::span(routes_).subspan(of_layer_); }

  // Moves a patch to where it is at a quantum.
  void move(Patch& patch, int64_t quantum);

 private:
  uint64_t key_of_route(const Route& route, int ordinal) const;
  MovingRoute* find(const Route& route, int ordinal);
  MovingRoute begun(const Route& route, int ordinal, int64_t quantum) const;
  void sort();

  int rate_;
  int64_t knot_quanta_;
  uint64_t key_;
  std::vector<MovingRoute> routes_;  // the layer's first, each by parameter
  size_t of_layer_ = 0;
  int64_t last_fade_ = -1;  // when the last that goes has gone
  bool own_changed_ = false;
};

}  // namespace auralis::modulation
