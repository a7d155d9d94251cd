// SPDX-License-Identifier: MIT
#include "model/spectra.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "model/json_text.h"

namespace auralis {
namespace {

using nlohmann::json;

[[noreturn]] void wrong(const std::string& path, const json& value, const std::string& expected) {
  throw Error(Exit::bad_input, path + " is " + short_text(value) + ", expected " + expected);
}

void check_list(const json& list, const std::string& path, size_t most, const char* of) {
  if (!list.is_array() || list.empty() || list.size() > most)
    wrong(path, list, "a list of 1 to " + std::to_string(most) + " " + of);
}

}  // namespace

nlohmann::ordered_json spectra_json(const Spectra& spectra) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  if (spectra.frames == nullptr) return out;
  for (const std::vector<float>& frame : *spectra.frames) {
    nlohmann::ordered_json partials = nlohmann::ordered_json::array();
    for (const float x : frame) partials.push_back(std::round(static_cast<double>(x) * 1e6) / 1e6);
    out.push_back(std::move(partials));
  }
  return out;
}

Spectra spectra_from_json(const json& frames, const std::string& path) {
  check_list(frames, path, Spectra::most_frames, "frames");
  auto read = std::make_shared<Spectra::Frames>();
  for (size_t i = 0; i < frames.size(); ++i) {
    const std::string frame_path = path + "[" + std::to_string(i) + "]";
    check_list(frames[i], frame_path, Spectra::most_partials, "amplitudes");
    std::vector<float> frame;
    for (size_t k = 0; k < frames[i].size(); ++k) {
      const json& value = frames[i][k];
      const double x = value.is_number() ? value.get<double>() : -1.0;
      if (!(x >= 0.0 && x <= 1.0)) wrong(frame_path + "[" + std::to_string(k) + "]", value, "0 to 1");
      frame.push_back(static_cast<float>(std::round(x * 1e6) / 1e6));
    }
    if (std::none_of(frame.begin(), frame.end(), [](float x) { return x > 0.0F; }))
      wrong(frame_path, frames[i], "an amplitude above 0");
    read->push_back(std::move(frame));
  }
  return {std::move(read)};
}

}  // namespace auralis
