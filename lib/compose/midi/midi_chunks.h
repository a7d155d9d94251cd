// SPDX-License-Identifier: MIT
// What a MIDI file is written of: messages at ticks, tracks of them, and the tempos that seconds become ticks by.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auralis {

inline constexpr int ticks_per_quarter = 480;

inline void put_number(std::string& out, uint64_t value, int bytes) {
  while (bytes-- > 0) out += static_cast<char>((value >> (8 * bytes)) & 0xff);
}

inline void put_length(std::string& out, uint64_t value) {
  value = std::min<uint64_t>(value, 0x0fffffff);
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift != 0) out += static_cast<char>(0x80 | ((value >> shift) & 0x7f));
  }
  out += static_cast<char>(value & 0x7f);
}

inline std::string meta(int type, std::string_view data) {
  std::string out{'\xff', static_cast<char>(type)};
  put_length(out, data.size());
  return out + std::string(data);
}

inline std::string channel_event(int status, int channel, int first, int second) {
  return {static_cast<char>(status | channel), static_cast<char>(first), static_cast<char>(second)};
}

// Messages at ticks, in any order; at one tick those of a lower rank come first.
class Track {
 public:
  enum Rank { setup, note_off, setting, note_on };

  void put(int64_t tick, Rank rank, std::string message) {
    messages_.push_back({tick, rank, std::move(message)});
  }

  std::string chunk(int64_t end_tick) {
    std::stable_sort(messages_.begin(), messages_.end(), [](const Message& a, const Message& b) {
      return a.tick != b.tick ? a.tick < b.tick : a.rank < b.rank;
    });
    std::string body;
    int64_t now = 0;
    for (const Message& message : messages_) {
      put_length(body, static_cast<uint64_t>(message.tick - now));
      body += message.bytes;
      now = message.tick;
    }
    put_length(body, static_cast<uint64_t>(std::max<int64_t>(0, end_tick - now)));
    body += meta(0x2f, {});
    std::string out = "MTrk";
    put_number(out, body.size(), 4);
    return out + body;
  }

 private:
  struct Message {
    int64_t tick;
    Rank rank;
    std::string bytes;
  };
  std::vector<Message> messages_;
};

// Seconds to ticks, by the tempos the file can state (whole microseconds a quarter), so that nothing drifts.
class TempoMap {
 public:
  // From t on, later than every change before; answers the meta event.
  std::string change(double t, double bpm) {
    const auto us = static_cast<uint64_t>(std::llround(6e7 / bpm));
    const auto from_tick = changes_.empty() ? 0.0 : static_cast<double>(tick(t));
    changes_.push_back({t, from_tick, ticks_per_quarter * 1e6 / static_cast<double>(us)});
    std::string data;
    put_number(data, us, 3);
    return meta(0x51, data);
  }
  int64_t tick(double t) const {
    const auto after = std::upper_bound(changes_.begin() + 1, changes_.end(), t,
                                        [](double time, const Change& change) { return time < change.t; });
    const Change& change = *(after - 1);
    return std::llround(change.tick + (t - change.t) * change.ticks_per_s);
  }

 private:
  struct Change {
    double t;
    double tick;
    double ticks_per_s;
  };
  std::vector<Change> changes_;
};

}  // namespace auralis
