// SPDX-License-Identifier: MIT
// A place to which a station's sound is carried: an Icecast server, a folder of HLS, a receiver of RTP. Each is a plugin,
// loaded when it is asked for. A sink has the thread of its outlet (outlet.h) to itself and writes no messages.
//   sound     chunk after chunk in the order of time; a position that jumps tells that some were lost
//   errors    what open and carry throw ends the sink, and the outlet opens another later; check throws Error{usage},
//             without saying by which option or field it was asked
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "audio/station_tags.h"

namespace auralis {

inline constexpr const char* icecast_kind = "icecast";
inline constexpr const char* hls_kind = "hls";
inline constexpr const char* rtp_kind = "rtp";

// What has libavformat and libavcodec, and how one comes to have it.
inline constexpr const char* av_plugin_file = "libauralis_av.so";
inline constexpr const char* radio_setup = "build it with scripts/setup --radio";

struct SinkPlace {
  std::string kind{};  // one of those above
  std::string address;
  std::string password{};  // where the address has none
  std::string file{};      // where a receiver's description is written; empty: nowhere

  bool operator==(const SinkPlace&) const = default;
};

struct SinkFormat {
  int rate = 44100;
  int channels = 2;
  StationTags tags{};
};

struct SinkSound {
  std::shared_ptr<const std::vector<float>> samples;  // interleaved, nominal ±1
  int64_t position = 0;                               // frames since the stream began
  int64_t due_us = 0;                                 // monotonic clock
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void carry(const SinkSound& sound) = 0;
  // What plays from now on, where the place shows it.
  virtual void tell(const std::string& title) { (void)title; }
  // The sound is over: what is held leaves, and what would be stale goes.
  virtual void finish() {}
};

// What a plugin's entry, a C function of no arguments, returns. Program and plugin are built together; `version` tells
// where they were not.
struct SinkPlugin {
  const char* version;
  // The place as messages may show it: without a password.
  std::string (*check)(const SinkPlace& place);
  // May take its time, but ends soon after a stop.
  std::unique_ptr<Sink> (*open)(const SinkPlace& place, const SinkFormat& format,
                                const std::stop_token& stop);
};

}  // namespace auralis
