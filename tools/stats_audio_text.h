// SPDX-License-Identifier: MIT
// The figures of a sound, as a table and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "audio/measure.h"

namespace auralis {

struct MeasuredSound {
  std::string file;
  std::string format;
  int rate;
  int channels;
};

nlohmann::ordered_json json_of(const MeasuredSound& sound, const AudioFigures& figures);
std::string text_of(const MeasuredSound& sound, const AudioFigures& figures);

}  // namespace auralis
