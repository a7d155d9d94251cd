// SPDX-License-Identifier: MIT
#include "serve/event_feed.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/error.h"
#include "base/log.h"
#include "serve/limits.h"

namespace auralis {
namespace {

// A composer that advances less often makes no lane wait for its turn.
constexpr auto longest_us =
    static_cast<int64_t>((event_lanes + 1) * subscribers_told_every_s * limits::us_per_s);

}  // namespace

std::vector<EventMessage> EventFeed::on_line(std::string_view type, std::string_view line, int64_t now_us) {
  if (type == "start") {
    forget();
    reader_.emplace("<composer>", EventReader::Warn{}, true);
  }
  if (!reader_) return {};
  std::vector<EventMessage> messages;
  try {
    const std::string whole = std::string(line) + '\n';
    reader_->feed(whole, [&](Event&& event) {
      const bool is_end = std::holds_alternative<EndEvent>(event);
      const bool is_whole = is_end || std::holds_alternative<AdvanceEvent>(event);
      keep(event, is_whole ? "" : whole);
      if (is_whole) messages = advance(whole, is_end, now_us);
    });
  } catch (const Error& error) {
    log_warning(std::string("the composer's events are not passed on: ") + error.what());
    forget();
    return {};
  }
  return messages;
}

void EventFeed::keep(const Event& event, std::string_view line) {
  all_at_once_ |= std::holds_alternative<StartEvent>(event) || std::holds_alternative<ControlEvent>(event);
  coming_.push_back(event);
  coming_lines_ += line;
}

std::vector<EventMessage> EventFeed::advance(std::string_view line, bool is_end, int64_t now_us) {
  for (const Event& event : coming_) history_.push(event);
  coming_.clear();
  snapshot_.reset();
  const bool all = std::exchange(all_at_once_, false) || is_end;
  const int64_t start = position_of_(0.0, history_.newest_s());
  newest_lane_ = (newest_lane_ + 1) % event_lanes;
  std::vector<EventMessage> messages;
  for (size_t i = 0; i < event_lanes; ++i) {
    Lane& lane = lanes_[i];
    lane.lines += coming_lines_;
    if (!all && i != newest_lane_ && now_us - lane.sent_us < longest_us) continue;
    const bool is_moved = std::exchange(lane.start, start) != start;
    lane.sent_us = now_us;
    const std::string text = (is_moved ? clock() : "") + std::exchange(lane.lines, {}) + std::string(line);
    messages.push_back({i, std::make_shared<Packet>(Packet::Framing::text, text, now_us)});
  }
  coming_lines_.clear();
  return messages;
}

PacketPtr EventFeed::snapshot() {
  if (!history_.begun()) return nullptr;
  if (!snapshot_)
    snapshot_ = std::make_shared<Packet>(Packet::Framing::text, clock() + history_.lines(), int64_t{0});
  return snapshot_;
}

void EventFeed::forget() {
  reader_.reset();
  snapshot_.reset();
  history_ = EventHistory(newcomer_window_s);
  lanes_ = {};
  coming_.clear();
  coming_lines_.clear();
  all_at_once_ = false;
}

std::string EventFeed::clock() const {
  const double t_s = history_.newest_s();
  const nlohmann::ordered_json line{{"type", "clock"}, {"t", t_s}, {"position", position_of_(t_s, t_s)}};
  return line.dump() + '\n';
}

}  // namespace auralis
