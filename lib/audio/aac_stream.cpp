// SPDX-License-Identifier: MIT
#include "audio/aac_stream.h"

#include "base/plugin.h"

namespace auralis {

const AacPlugin& aac_plugin() {
  static const AacPlugin& plugin = plugin_table<AacPlugin>(
      {"libauralis_av.so", "auralis_aac_stream", "AAC", "build it with scripts/setup --radio"});
  return plugin;
}

}  // namespace auralis
