// SPDX-License-Identifier: MIT
// The line to the composer: JSON lines over the session's control socket, never waiting.
//   away      send() returns false; the owner calls try_connect() again, after next_try_ms()
//   errors    a line that is no JSON object is passed over; a peer that sends endless lines is left
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/backoff.h"

namespace auralis {

class ComposerLink {
 public:
  using Handle = std::function<void(const nlohmann::json& message, std::string_view line)>;

  explicit ComposerLink(std::filesystem::path socket) : path_(std::move(socket)) {}
  ~ComposerLink() { hang_up(); }
  ComposerLink(const ComposerLink&) = delete;
  ComposerLink& operator=(const ComposerLink&) = delete;

  bool connected() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool try_connect();
  // Grows while nobody accepts.
  int64_t next_try_ms() { return std::llround(1e3 * *backoff_.failed(0.0)); }

  bool send(const nlohmann::json& message);
  bool wants_to_write() const { return !unsent_.empty(); }
  // Both return false when the other end has gone.
  bool on_readable(const Handle& handle);
  bool on_writable();
  void hang_up();

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  Backoff backoff_{
      {.first_delay_s = 0.1, .longest_delay_s = 2.0, .give_up_after = 0, .tries_at_once = false}};
  std::string unsent_;
  std::string partial_;
};

}  // namespace auralis
