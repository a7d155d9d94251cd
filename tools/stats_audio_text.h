// SPDX-License-Identifier: MIT
// The figures of a sound, as a table and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "audio/measure.h"
#include "audio/reduction.h"

namespace auralis {

struct MeasuredSound {
  std::vector<std::string> files;  // whose sum it is
  std::string format;
  int rate;
  int channels;
  AudioFigures figures;
  std::optional<Reduction> reduction;
};

nlohmann::ordered_json json_of(const MeasuredSound& sound);
std::string text_of(const MeasuredSound& sound);

}  // namespace auralis
