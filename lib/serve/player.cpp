// SPDX-License-Identifier: MIT
#include "serve/player.h"

#include "serve/limits.h"
#include "serve/refusals.h"
#include "serve/station.h"

namespace auralis {

void Player::on_writable() {
  if (!closing_) return write_packet();
  leave();
  stream().finish();
}

void Player::close(const CloseReason&) {
  if (closing_) return;
  closing_ = true;
  stream().deadline(static_cast<int>(limits::takes_nothing_us / limits::us_per_s));
  wake();
}

void Player::check(int64_t now_us) {
  if (station().broadcast().is_over() && has_all()) close(refusals::server_ends());
  Listener::check(now_us);
}

}  // namespace auralis
