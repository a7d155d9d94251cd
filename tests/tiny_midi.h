// SPDX-License-Identifier: MIT
// MIDI files of a few events, written out: what a test plays.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace auralis::test {

inline std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

// Big-endian.
inline std::string number(size_t value, int count) {
  std::string out;
  while (count-- > 0) out += static_cast<char>((value >> (8 * count)) & 0xff);
  return out;
}

inline std::string variable_length(unsigned value) {
  std::string out(1, static_cast<char>(value & 0x7f));
  while ((value >>= 7) != 0) out.insert(out.begin(), static_cast<char>(0x80 | (value & 0x7f)));
  return out;
}

inline std::string header(int type, int tracks, int division = 480) {
  return "MThd" + number(6, 4) + number(static_cast<size_t>(type), 2) +
         number(static_cast<size_t>(tracks), 2) + number(static_cast<size_t>(division), 2);
}

inline std::string chunk(const std::string& body) { return "MTrk" + number(body.size(), 4) + body; }

inline const std::string end_of_track = bytes({0, 0xff, 0x2f, 0});
inline std::string track(const std::string& body) { return chunk(body + end_of_track); }

// A track in which half a second is 480 ticks: events at times, in order.
class TinyTrack {
 public:
  TinyTrack& at(double t_s, std::initializer_list<int> event) { return at(t_s, bytes(event)); }
  TinyTrack& at(double t_s, const std::string& event) {
    const auto tick = static_cast<unsigned>(t_s * 960.0 + 0.5);
    body_ += variable_length(tick - tick_) + event;
    tick_ = tick;
    return *this;
  }
  TinyTrack& note(double from_s, double to_s, int key, int channel = 0) {
    at(from_s, {0x90 | channel, key, 100});
    return at(to_s, {0x80 | channel, key, 64});
  }

  const std::string& body() const { return body_; }
  std::string file() const { return header(0, 1) + track(body_); }

 private:
  std::string body_;
  unsigned tick_ = 0;
};

}  // namespace auralis::test
