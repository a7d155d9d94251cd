// SPDX-License-Identifier: MIT
#include "compose/state_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace auralis {

nlohmann::ordered_json state_json(const Composer::State& state) {
  const nlohmann::json controls = control_fields(state.controls);
  nlohmann::ordered_json all;
  for (std::string_view name : control_names()) all[std::string(name)] = controls.at(std::string(name));
  all.update({{"chord", state.chord},
              {"scene", state.scene},
              {"motif", state.motif},
              {"why", state.why},
              {"next_chord", state.next_chord_s},
              {"layers", controls.at("layers")}});
  return all;
}

}  // namespace auralis
