// SPDX-License-Identifier: MIT
#include "serve/player.h"

#include "serve/limits.h"
#include "serve/refusals.h"
#include "serve/station.h"

namespace auralis {

Player::Player(Stream& stream, Station& station, const CodecInfo& codec, bool tells_titles)
    : Listener(stream, station, codec) {
  if (tells_titles) titles_.emplace();
}

std::string Player::header() { return with_titles(station().broadcast().header(codec())); }

void Player::write(std::string_view bytes) {
  if (!titles_ || titles_->pass(bytes.size())) return stream().write(bytes);
  stream().write(with_titles(bytes));
}

std::string Player::with_titles(std::string_view bytes) {
  return titles_ ? titles_->with_blocks(bytes, station().now_playing()) : std::string(bytes);
}

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
