// SPDX-License-Identifier: MIT
// The places to which one station is carried, each through an outlet of its own. They may change while it plays: what is
// asked for as before goes on, what is not any more ends in its own time, and what is new begins.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "radio/outlet.h"

namespace auralis {

class Outlets {
 public:
  explicit Outlets(std::vector<OutletSettings> wanted) { follow(std::move(wanted)); }

  void follow(std::vector<OutletSettings> wanted);
  // Opens those that are not yet.
  void begin(const SinkFormat& format);

  void play(const SinkSound& sound);
  void tell(const std::string& title);
  // No more sound will come.
  void finish();
  // After finish(): none has anything to carry.
  bool have_ended() const;
  // Waits for all of them together, at most so long.
  void leave(double patience_s);

  bool any_is_up() const;
  // Where the first of that kind leads; empty where there is none.
  std::string address_of(const std::string& kind) const;
  // Of those that are asked for and have begun, by their names.
  std::vector<std::pair<std::string, OutletFigures>> figures() const;

 private:
  struct Entry {
    OutletSettings settings;
    std::unique_ptr<Outlet> outlet;  // none: it has not begun
  };
  std::vector<Entry> wanted_;
  std::vector<std::unique_ptr<Outlet>> ending_;
  std::string title_;
};

}  // namespace auralis
