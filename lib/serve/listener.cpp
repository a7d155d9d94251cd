// SPDX-License-Identifier: MIT
#include "serve/listener.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "serve/limits.h"
#include "serve/station.h"

namespace auralis {
namespace {

// What the kernel holds is heard late by a listener that stalled: room for two packets, or it would hold seconds.
constexpr int64_t least_kernel_bytes = int64_t{8} * 1024;
constexpr int64_t most_kernel_bytes = int64_t{1024} * 1024;

}  // namespace

Listener::Listener(Stream& stream, Station& station, const CodecInfo& codec)
    : stream_(stream), station_(station.shared_from_this()), codec_(codec) {}

Listener::~Listener() { leave(); }

void Listener::join(int64_t now_us) {
  const Broadcast& broadcast = station_->broadcast();
  joined_ = true;
  if (&codec_ == &events_codec()) lane_ = station_->newest_lane();
  cursor_ = station_->broadcast().join(codec_, lane_);
  joined_us_ = moved_us_ = now_us;
  stream_.keep_at_most(static_cast<int>(
      std::clamp(2 * codec_.packet_bytes(broadcast.format()), least_kernel_bytes, most_kernel_bytes)));
  on_joined();
  wake();
}

void Listener::leave() {
  station_->listeners().remove(*this);
  if (std::exchange(joined_, false)) station_->broadcast().leave(codec_);
}

const Track& Listener::track() const { return station_->broadcast().track(codec_, lane_); }

bool Listener::is_owed_packet() const { return joined_ && track().pending(cursor_); }

bool Listener::has_all() const { return !is_owed_packet(); }

void Listener::write_packet() {
  if (!joined_) return;
  catch_up();
  const PacketPtr packet = track().take(cursor_);
  if (!packet) return;
  write(packet->bytes());
  // What was due before a listener came is no lateness of ours.
  StationFigures& figures = station_->figures();
  figures.sent(packet->bytes().size());
  if (packet->due_us() >= joined_us_) figures.left_late_by(monotonic_us() - packet->due_us());
  if (is_owed_packet()) wake();
}

void Listener::check(int64_t now_us) {
  if (!joined_) return;
  catch_up();  // one that takes nothing at all loses chunks, too
  const uint64_t taken = cursor_.next - cursor_.dropped;
  if (!is_owed_packet() || std::exchange(seen_taken_, taken) != taken) {
    moved_us_ = now_us;
  } else if (now_us - moved_us_ > limits::takes_nothing_us) {
    stream_.hang_up();
  }
}

void Listener::catch_up() {
  track().catch_up(cursor_);
  count_drops();
  if (&codec_ != &events_codec() || !std::exchange(cursor_.lost, false)) return;
  lane_ = station_->newest_lane();
  cursor_.next = track().join(0).next;
  on_lost_events();
}

void Listener::count_drops() {
  station_->figures().dropped(cursor_.dropped - std::exchange(counted_drops_, cursor_.dropped));
}

}  // namespace auralis
