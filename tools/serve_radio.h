// SPDX-License-Identifier: MIT
// Where auralis-serve carries the sound beside its listeners: what options or a list of stations name, each by the plugin
// that knows how.
//   errors   Error{usage} for a place that is none, Error{environment} for a plugin that is not installed
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "radio/outlet.h"
#include "serve/peer_sessions.h"

namespace auralis {

struct RadioOptions {
  std::vector<std::string> icecast;  // addresses of mounts
  std::optional<std::string> hls;    // a folder
  std::optional<std::string> rtp;    // HOST:PORT
  std::optional<std::string> sdp;    // a file, for who receives that
};

// Of a kind of place, loaded now.
const SinkPlugin& sink_plugin(const std::string& kind);
// Another place of a station. Errors do not say by which option or field it was asked for.
void add_outlet(std::vector<OutletSettings>& outlets, const SinkPlace& place);

std::vector<OutletSettings> outlets_of(const RadioOptions& options);
// What answers listeners over WebRTC.
PeerSessions::Open webrtc_plugin();

}  // namespace auralis
