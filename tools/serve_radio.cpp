// SPDX-License-Identifier: MIT
#include "serve_radio.h"

#include "base/error.h"
#include "base/plugin.h"
#include "icecast_password.h"
#include "radio/sink.h"

namespace auralis {
namespace {

template <typename Plugin>
const Plugin& load_radio(const std::string& option, const std::string& file, const std::string& entry) {
  const PluginRequest request{file, entry, option,
                              "build it with scripts/setup --radio, or leave " + option + " out"};
  const Plugin& plugin = *reinterpret_cast<const Plugin* (*)()>(load_plugin(request))();
  if (std::string(plugin.version) != AURALIS_VERSION)
    throw Error(Exit::environment, option + " needs " + file + " of version " AURALIS_VERSION +
                                       ", and found " + plugin.version + "; " + request.instead);
  return plugin;
}

// The second of a kind is called icecast-2.
void add(std::vector<OutletSettings>& outlets, const std::string& kind, const std::string& file,
         const std::vector<SinkPlace>& places) {
  for (size_t i = 0; i < places.size(); ++i) {
    const SinkPlugin& plugin = load_radio<SinkPlugin>("--" + kind, file, "auralis_" + kind + "_sink");
    const std::string name = i == 0 ? kind : kind + "-" + std::to_string(i + 1);
    outlets.push_back(
        {.name = name,
         .place = plugin.check(places[i]),
         .open = [&plugin, place = places[i]](const SinkFormat& format, const std::stop_token& stop) {
           return plugin.open(place, format, stop);
         }});
  }
}

}  // namespace

std::vector<OutletSettings> outlets_of(const RadioOptions& options) {
  std::vector<OutletSettings> outlets;
  std::vector<SinkPlace> mounts;
  const std::vector<std::string> passwords = take_icecast_passwords(options.icecast.size());
  for (size_t i = 0; i < passwords.size(); ++i)
    mounts.push_back({.address = options.icecast[i], .password = passwords[i]});
  add(outlets, "icecast", "libauralis_icecast.so", mounts);
  if (options.hls) add(outlets, "hls", "libauralis_av.so", {{*options.hls}});
  if (options.rtp)
    add(outlets, "rtp", "libauralis_av.so", {{.address = *options.rtp, .file = options.sdp.value_or("")}});
  return outlets;
}

PeerSessions::Open webrtc_plugin() {
  return load_radio<PeersPlugin>("--webrtc", "libauralis_webrtc.so", "auralis_webrtc_peers").open;
}

}  // namespace auralis
