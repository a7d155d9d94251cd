// SPDX-License-Identifier: MIT
// The listeners over WebRTC of all stations (WHEP): who they are, and which station's sound each hears. A station's packets
// of Opus are encoded once, for these and for those of the WebSocket.
//   threads   all on the loop's
//   ids       secret: whoever knows one may end that session
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/address_counts.h"
#include "net/loop.h"
#include "net/rate_limit.h"
#include "net/refusal.h"
#include "radio/peers.h"
#include "serve/station.h"

namespace auralis {

class PeerSessions {
 public:
  // What the plugin's table offers; none: there is no WebRTC.
  using Open = std::function<std::unique_ptr<Peers>(std::function<void(const std::string& id)> on_gone)>;
  struct Begun {
    std::string id;
    std::string answer;
  };
  using OnBegun = std::function<void(const std::variant<Begun, Refusal>&)>;

  PeerSessions(Loop& loop, const Open& open);
  ~PeerSessions();
  PeerSessions(const PeerSessions&) = delete;
  PeerSessions& operator=(const PeerSessions&) = delete;

  bool are_offered() const { return peers_ != nullptr; }
  // nullopt: `on_begun` is called, once.
  std::optional<Refusal> begin(Station& station, const std::string& address, const std::string& offer,
                               OnBegun on_begun);
  // Whether that station had it.
  bool end(const Station& station, const std::string& id);
  // The loop was woken: perhaps for an answer, or since somebody left.
  void take_news();
  // Hands on what this station's track has.
  void feed(Station& station);
  // Of stations that ended nobody hears anything.
  void tick();

 private:
  struct Session {
    std::shared_ptr<Station> station;
    AddressCounts::Seat seat;
    OnBegun on_begun;  // none: it has its answer
  };
  // When the sound at a position of Opus is due.
  class PositionClock {
   public:
    int64_t due_us(uint64_t position, int64_t frame_due_us);

   private:
    bool begun_ = false;
    int64_t start_us_ = 0;
  };
  struct Group {
    uint64_t number = 0;
    Cursor cursor;
    PositionClock clock;
    size_t sessions = 0;
  };
  struct Answered {
    std::string id;
    std::variant<PeerAnswer, PeerRefusal> answer;
  };
  // What the plugin's threads leave for the loop.
  struct News {
    std::mutex mutex;
    std::vector<Answered> answered;
    std::vector<std::string> gone;
  };

  uint64_t join(Station& station);
  void leave(Station& station);
  void on_answer(const Answered& answered);
  void forget(const std::string& id);

  Loop& loop_;
  AddressCounts of_address_;
  RateLimiter offers_;
  Bucket all_offers_;
  std::map<std::string, Session> sessions_;
  std::map<const Station*, Group> groups_;
  uint64_t groups_begun_ = 0;
  std::shared_ptr<News> news_ = std::make_shared<News>();
  std::unique_ptr<Peers> peers_;  // last: its threads, which wake the loop, end first
};

}  // namespace auralis
