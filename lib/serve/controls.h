// SPDX-License-Identifier: MIT
// Controls on their way to the composer and back: who asked, what is unanswered, what all listeners want.
//   answers   an acknowledgement or an error from the composer; "composer_unavailable" when it went away or
//             stays silent
//   wanted    what was acknowledged so far; sent whole to a composer that comes back. A preset sets key, mode,
//             bpm, intensity and layers anew, so it clears what was wanted of them before
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/control.h"

namespace auralis {

class Controls {
 public:
  struct Asker {
    uint64_t connection = 0;
    std::string id;  // theirs
  };
  struct Pending {
    Asker asker;
    Control control;
    int64_t arrived_us = 0;
  };

  // The message for the composer, under an id of ours.
  nlohmann::json ask(const Control& control, const Asker& asker, int64_t now_us);
  // Whose control this message answers, if it does; an acknowledged one becomes wanted.
  std::optional<Pending> settle(const nlohmann::json& message);
  // Those without an answer: all of them, or those older than the longest a composer may take.
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
