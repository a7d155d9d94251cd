// SPDX-License-Identifier: MIT
// What a listener may ask of the music, checked the same way at every door: HTTP, WebSocket, control socket,
// log.
//   errors   ControlError names the field at fault; a control with one is refused whole
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/event.h"

namespace auralis {

struct LayerControl {
  std::optional<bool> on;
  std::optional<double> gain_db;  // −60 … 6

  bool operator==(const LayerControl&) const = default;
};

struct Control {
  std::string id;  // the sender's, echoed in the acknowledgement; may be empty
  std::optional<std::string> key;
  std::optional<std::string> mode;
  std::optional<double> bpm;        // 30 … 120
  std::optional<double> intensity;  // 0 … 1
  std::optional<std::string> preset;
  std::map<std::string, LayerControl> layers;

  bool empty() const { return !key && !mode && !bpm && !intensity && !preset && layers.empty(); }
  // Later wishes over earlier ones; layers member by member.
  void merge(const Control& later);
  bool operator==(const Control&) const = default;
};

struct ControlError : std::runtime_error {
  ControlError(std::string at_field, const std::string& message)
      : std::runtime_error(message), field(std::move(at_field)) {}
  std::string field;
};

// Reads a JSON object; `type`, `id` and `t` are let pass, any other unknown field is refused.
// Preset and layer names are checked for form only: whether they exist the composer knows.
Control parse_control(const nlohmann::json& object);

// The fields that are set, without id.
nlohmann::json control_fields(const Control& control);

// What an annotation says was applied; what this version does not know of it is passed over.
Control applied_control(const ControlEvent& event);

}  // namespace auralis
