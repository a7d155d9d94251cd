// SPDX-License-Identifier: MIT
// Controls on their way to the composer and back: which are without a reply, and what all listeners want.
//   replies   an acknowledgement or an error from the composer; "composer_unavailable" when it went away or
//             stays silent
//   wanted    what was acknowledged so far; sent whole to a composer that comes back. A preset sets key, mode,
//             bpm, intensity and layers anew, so it clears what was wanted of them before
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/control.h"
#include "net/refusal.h"

namespace auralis {

// What became of a control: what was applied, at which second of the piece, and when it was asked for; or why not.
struct AppliedControl {
  nlohmann::json fields;
  double t_s = 0;
  int64_t asked_us = 0;
};
using ControlOutcome = std::variant<AppliedControl, Refusal>;
using ControlReply = std::function<void(const ControlOutcome&)>;

class Controls {
 public:
  struct Pending {
    Control control;
    ControlReply reply;
    int64_t asked_us = 0;
  };

  // The message for the composer, under an id of ours.
  nlohmann::json ask(const Control& control, ControlReply reply, int64_t now_us);
  // The control that this message replies to, if it does; an acknowledged one becomes wanted.
  std::optional<Pending> settle(const nlohmann::json& message);
  // Those without an reply: all of them, or those older than the longest a composer may take.
  std::vector<Pending> abandon();
  std::vector<Pending> expire(int64_t now_us);

  // nullopt when nothing was wanted yet.
  std::optional<nlohmann::json> wanted_message() const;

 private:
  std::map<std::string, Pending> pending_;
  Control wanted_;
  uint64_t asked_ = 0;
};

}  // namespace auralis
