// SPDX-License-Identifier: MIT
// A player of plain HTTP: the stream of one codec, without end.
#pragma once

#include "serve/listener.h"

namespace auralis {

class Player final : public Listener {
 public:
  using Listener::Listener;

  void on_writable() override;
  void close(const CloseReason& why) override;
  void check(int64_t now_us) override;

 private:
  bool closing_ = false;
};

}  // namespace auralis
