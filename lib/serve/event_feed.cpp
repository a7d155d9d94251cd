// SPDX-License-Identifier: MIT
#include "serve/event_feed.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/error.h"
#include "base/log.h"

namespace auralis {
namespace {

PacketPtr message(std::string_view lines, int64_t now_us) {
  return std::make_shared<Packet>(Packet::Framing::text, lines, now_us);
}

}  // namespace

PacketPtr EventFeed::on_line(std::string_view type, std::string_view line, int64_t now_us) {
  if (type == "start") {
    forget();
    begins_ = true;
    reader_.emplace("<composer>", EventReader::Warn{}, true);
  }
  if (!reader_) return nullptr;
  snapshot_.reset();
  batch_ += line;
  batch_ += '\n';
  bool is_whole = false;
  try {
    const std::string whole = std::string(line) + '\n';
    reader_->feed(whole, [&](Event&& event) {
      is_whole = std::holds_alternative<AdvanceEvent>(event) || std::holds_alternative<EndEvent>(event);
      history_.push(event);
    });
  } catch (const Error& error) {
    log_warning(std::string("the composer's events are not passed on: ") + error.what());
    forget();
    return nullptr;
  }
  if (!is_whole) return nullptr;
  const int64_t start = position_of_(0.0, history_.newest_s());
  if (std::exchange(begins_, false) || start != start_) batch_.insert(0, clock());
  start_ = start;
  return message(std::exchange(batch_, {}), now_us);
}

PacketPtr EventFeed::snapshot() {
  if (!history_.begun()) return nullptr;
  if (!snapshot_) snapshot_ = message(clock() + history_.lines(), 0);
  return snapshot_;
}

void EventFeed::forget() {
  reader_.reset();
  snapshot_.reset();
  history_ = EventHistory(newcomer_window_s);
  batch_.clear();
}

std::string EventFeed::clock() const {
  const double t_s = history_.newest_s();
  const nlohmann::ordered_json line{{"type", "clock"}, {"t", t_s}, {"position", position_of_(t_s, t_s)}};
  return line.dump() + '\n';
}

}  // namespace auralis
