// SPDX-License-Identifier: MIT
// A wave of one's own: the partials of a cycle, frame by frame, through which wave_position moves. Presets have it as
// layers.NAME.wave, `patch` events as wave: a list of 1 to 16 frames, each a list of 1 to 512 amplitudes from 0 to 1, the
// fundamental's first. A copy shares what it holds.
//   errors   Error{bad_input, "PATH[1][3] is 2, expected 0 to 1"}
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace auralis {

struct Spectra {
  using Frames = std::vector<std::vector<float>>;
  static constexpr size_t most_frames = 16;
  static constexpr size_t most_partials = 512;

  std::shared_ptr<const Frames> frames{};  // none: no wave of its own

  bool operator==(const Spectra& other) const {
    return frames == other.frames ||
           (frames != nullptr && other.frames != nullptr && *frames == *other.frames);
  }
};

nlohmann::ordered_json spectra_json(const Spectra& spectra);
Spectra spectra_from_json(const nlohmann::json& frames, const std::string& path);

}  // namespace auralis
