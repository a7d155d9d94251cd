// SPDX-License-Identifier: MIT
// A station's door to its composer: the control socket, found again whenever it was lost, the controls that wait for an
// reply, and the state that the composer sends.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "net/loop.h"
#include "serve/composer_link.h"
#include "serve/controls.h"

namespace auralis {

class ComposerPort {
 public:
  struct Events {
    // The composer's state, and the newest second that it has released.
    std::function<void(const nlohmann::json& message, double t_s)> state;
    // A line of the piece's events, once they were asked for.
    std::function<void(std::string_view type, std::string_view line)> event;
    std::function<void()> lost;
  };

  ComposerPort(Loop& loop, std::filesystem::path socket, Events events);

  bool connected() const { return link_.connected(); }
  // nullopt: it is on its way, and `reply` is called, once.
  std::optional<Refusal> submit(const Control& control, ControlReply reply, int64_t now_us);
  // The events of the piece are wanted: from a composer that comes later, too.
  void subscribe();
  // Refuses controls that have waited too long.
  void refuse_late(int64_t now_us);
  // No composer is sought any more, and controls that still wait are refused.
  void stop();

 private:
  void reach();
  void lose();
  void on_readable();
  void on_message(const nlohmann::json& message, std::string_view line);
  void ask_for_events();
  void settle(const Controls::Pending& settled, const nlohmann::json& message);

  Loop& loop_;
  ComposerLink link_;
  Controls controls_;
  Events events_;
  double t_s_ = 0;
  bool subscribed_ = false;
  bool stopped_ = false;
  std::optional<Watch> watch_;
  Timer reach_;
};

}  // namespace auralis
