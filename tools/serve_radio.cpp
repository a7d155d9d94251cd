// SPDX-License-Identifier: MIT
#include "serve_radio.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/error.h"
#include "base/plugin.h"
#include "icecast_password.h"
#include "radio/sink.h"

namespace auralis {
namespace {

PluginRequest request_of(const std::string& asked, const std::string& file, const std::string& entry) {
  return {file, entry, asked, std::string(radio_setup) + ", or leave " + asked + " out"};
}

struct Kind {
  const char* name;
  const char* plugin;
};
constexpr std::array<Kind, 3> kinds{
    {{icecast_kind, "libauralis_icecast.so"}, {hls_kind, av_plugin_file}, {rtp_kind, av_plugin_file}}};

// By an option, which its errors name.
void add(std::vector<OutletSettings>& outlets, const SinkPlace& place) {
  try {
    add_outlet(outlets, place);
  } catch (const Error& error) {
    throw Error(error.exit, "--" + place.kind + ": " + error.what());
  }
}

}  // namespace

const SinkPlugin& sink_plugin(const std::string& kind) {
  const auto known = std::ranges::find(kinds, kind, [](const Kind& of) { return std::string(of.name); });
  assert(known != kinds.end());
  return plugin_table<SinkPlugin>(request_of(kind, known->plugin, "auralis_" + kind + "_sink"));
}

// The second of a kind is called icecast-2.
void add_outlet(std::vector<OutletSettings>& outlets, const SinkPlace& place) {
  const SinkPlugin& plugin = sink_plugin(place.kind);
  const auto before =
      std::ranges::count(outlets, place.kind, [](const OutletSettings& outlet) { return outlet.asked.kind; });
  outlets.push_back({.name = before == 0 ? place.kind : place.kind + "-" + std::to_string(before + 1),
                     .place = plugin.check(place),
                     .asked = place,
                     .open = [&plugin, place](const SinkFormat& format, const std::stop_token& stop) {
                       return plugin.open(place, format, stop);
                     }});
}

std::vector<OutletSettings> outlets_of(const RadioOptions& options) {
  std::vector<OutletSettings> outlets;
  const std::vector<std::string> passwords = take_icecast_passwords(options.icecast.size());
  for (size_t i = 0; i < passwords.size(); ++i)
    add(outlets, {.kind = icecast_kind, .address = options.icecast[i], .password = passwords[i]});
  if (options.hls) add(outlets, {.kind = hls_kind, .address = *options.hls});
  if (options.rtp)
    add(outlets, {.kind = rtp_kind, .address = *options.rtp, .file = options.sdp.value_or("")});
  return outlets;
}

PeerSessions::Open webrtc_plugin() {
  return plugin_table<PeersPlugin>(request_of("--webrtc", "libauralis_webrtc.so", "auralis_webrtc_peers"))
      .open;
}

}  // namespace auralis
