// SPDX-License-Identifier: MIT
#include "compose/state_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace auralis {

nlohmann::ordered_json state_json(const Composer::State& state) {
  nlohmann::json layers = nlohmann::json::object();
  for (size_t i = 0; i < layer_count; ++i) {
    layers[std::string(layer_names()[i])] = {{"on", *state.layers[i].on},
                                             {"gain_db", *state.layers[i].gain_db}};
  }
  return {{"key", state.key},
          {"mode", state.mode},
          {"bpm", std::round(state.bpm * 100) / 100},
          {"intensity", std::round(state.intensity * 1000) / 1000},
          {"preset", state.preset},
          {"chord", state.chord},
          {"scene", state.scene},
          {"motif", state.motif},
          {"why", state.why},
          {"next_chord", state.next_chord_s},
          {"layers", layers}};
}

}  // namespace auralis
