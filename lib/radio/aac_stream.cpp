// SPDX-License-Identifier: MIT
#include "radio/aac_stream.h"

#include "base/plugin.h"
#include "radio/sink.h"

namespace auralis {

const AacPlugin& aac_plugin() {
  static const AacPlugin& plugin =
      plugin_table<AacPlugin>({av_plugin_file, "auralis_aac_stream", "AAC", radio_setup});
  return plugin;
}

}  // namespace auralis
