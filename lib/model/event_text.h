// SPDX-License-Identifier: MIT
// What reading and writing the event stream share.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "model/patch.h"

namespace auralis::event_text {

inline constexpr std::string_view advance_begins = "{\"type\":\"advance\",\"t\":";

// Times are whole microseconds, and whole numbers are written alike by every library.
inline std::string fixed_time(double t) {
  constexpr int64_t us_per_s = 1'000'000;
  const int64_t us = std::llround(t * static_cast<double>(us_per_s));
  const std::string fraction = std::to_string(us_per_s + us % us_per_s);
  return std::to_string(us / us_per_s) + "." + fraction.substr(1);
}

inline const ParamInfo& info_of(const std::variant<VoiceParam, MasterParam>& param) {
  if (const auto* voice = std::get_if<VoiceParam>(&param)) return voice_params[static_cast<size_t>(*voice)];
  return master_params[static_cast<size_t>(std::get<MasterParam>(param))];
}

}  // namespace auralis::event_text
