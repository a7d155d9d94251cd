// SPDX-License-Identifier: MIT
#include "serve/peer_sessions.h"

#include <algorithm>
#include <utility>

#include "audio/encoder.h"
#include "base/clock.h"
#include "serve/frame.h"
#include "serve/limits.h"
#include "serve/refusals.h"
#include "serve/secret_key.h"

namespace auralis {
namespace {

const CodecInfo& opus() {
  static const CodecInfo& found = *find_codec("opus");
  return found;
}

}  // namespace

PeerSessions::PeerSessions(Loop& loop, const Open& open)
    : loop_(loop),
      of_address_([](const std::string& address) {
        return is_loopback(address) ? limits::peers : limits::peers_of_address;
      }),
      offers_(limits::peer_offers) {
  if (!open) return;
  peers_ = open([this, news = news_](const std::string& id) {
    const std::lock_guard lock(news->mutex);
    news->gone.push_back(id);
    loop_.wake();
  });
}

PeerSessions::~PeerSessions() { peers_.reset(); }

std::optional<Refusal> PeerSessions::begin(Station& station, const std::string& address,
                                           const std::string& offer, OnBegun on_begun) {
  const Broadcast& broadcast = station.broadcast();
  if (!broadcast.is_open() || broadcast.is_over()) return station.silence();
  if (station.listeners().full()) return refusals::too_many_listeners();
  if (sessions_.size() >= limits::peers) return refusals::too_many_peers();
  if (!is_loopback(address) && (!offers_.take(limited_as(address), monotonic_us()) ||
                                !all_offers_.take(limits::all_peer_offers, monotonic_us())))
    return refusals::too_many_offers();
  std::optional<AddressCounts::Seat> seat = of_address_.take(address);
  if (!seat) return refusals::too_many_connections();
  const std::string id = draw_key();
  sessions_.emplace(id, Session{station.shared_from_this(), std::move(*seat), std::move(on_begun)});
  const uint64_t group = join(station);
  peers_->begin(id, group, offer, [this, id, news = news_](std::variant<PeerAnswer, PeerRefusal> answer) {
    const std::lock_guard lock(news->mutex);
    news->answered.push_back({id, std::move(answer)});
    loop_.wake();
  });
  return std::nullopt;
}

uint64_t PeerSessions::join(Station& station) {
  station.listeners().add_peer();
  auto [found, is_new] = groups_.try_emplace(&station);
  Group& group = found->second;
  ++group.sessions;
  if (!is_new) return group.number;
  group.number = ++groups_begun_;
  station.broadcast().join(opus());
  group.cursor = station.broadcast().track(opus()).join(0);
  station.on_sound([this](Station& sounding) { feed(sounding); });
  return group.number;
}

void PeerSessions::leave(Station& station) {
  station.listeners().remove_peer();
  const auto found = groups_.find(&station);
  if (--found->second.sessions > 0) return;
  groups_.erase(found);
  station.on_sound({});
  station.broadcast().leave(opus());
}

// A frame leaves at once over the WebSocket; here each of its packets when it is due.
void PeerSessions::feed(Station& station) {
  const auto found = groups_.find(&station);
  if (found == groups_.end()) return;
  Group& group = found->second;
  const Track& track = station.broadcast().track(opus());
  std::vector<PeerPacket> packets;
  while (const PacketPtr packet = track.take(group.cursor)) {
    const OpusFrame frame = read_opus_frame(packet->message());
    auto position = static_cast<int64_t>(frame.position);
    int64_t due_us = group.clock.due_us(frame.position, packet->due_us());
    for (const std::string_view one : frame.packets) {
      packets.push_back({std::string(one), position, due_us});
      position += opus_packet_frames;
      due_us += limits::us_per_s * opus_packet_frames / opus_rate;
    }
  }
  if (!packets.empty()) peers_->play(group.number, std::move(packets));
}

// Frames hold a packet more or less than their chunk is long, so the clock is that of positions.
int64_t PeerSessions::PositionClock::due_us(uint64_t position, int64_t frame_due_us) {
  const auto since_us = static_cast<int64_t>(position) * limits::us_per_s / opus_rate;
  const int64_t start_us = frame_due_us - since_us;
  constexpr int64_t shifted_us = 2 * limits::us_per_s * opus_packet_frames / opus_rate;
  if (!begun_ || start_us > start_us_ + shifted_us || start_us < start_us_ - shifted_us) start_us_ = start_us;
  begun_ = true;
  return start_us_ + since_us;
}

bool PeerSessions::end(const Station& station, const std::string& id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.station.get() != &station) return false;
  peers_->end(id);
  forget(id);
  return true;
}

void PeerSessions::forget(const std::string& id) {
  auto session = sessions_.extract(id);
  if (session.empty()) return;
  leave(*session.mapped().station);
  if (session.mapped().on_begun) session.mapped().on_begun(refusals::no_answer("the session has ended"));
}

void PeerSessions::on_answer(const Answered& answered) {
  const auto found = sessions_.find(answered.id);
  if (found == sessions_.end()) return;
  const OnBegun on_begun = std::exchange(found->second.on_begun, nullptr);
  if (!on_begun) return;
  if (const auto* answer = std::get_if<PeerAnswer>(&answered.answer))
    return on_begun(Begun{answered.id, answer->sdp});
  const auto& refused = std::get<PeerRefusal>(answered.answer);
  on_begun(refused.of_offer ? refusals::bad_offer(refused.why) : refusals::no_answer(refused.why));
}

void PeerSessions::take_news() {
  if (!peers_) return;
  std::vector<Answered> answered;
  std::vector<std::string> gone;
  {
    const std::lock_guard lock(news_->mutex);
    answered.swap(news_->answered);
    gone.swap(news_->gone);
  }
  for (const Answered& one : answered) on_answer(one);
  for (const std::string& id : gone) forget(id);
}

void PeerSessions::tick() {
  std::vector<std::string> over;
  for (const auto& [id, session] : sessions_)
    if (session.station->is_stopped() || session.station->broadcast().is_over()) over.push_back(id);
  for (const std::string& id : over) {
    peers_->end(id);
    forget(id);
  }
}

}  // namespace auralis
