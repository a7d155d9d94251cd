// SPDX-License-Identifier: MIT
// Sound files that are heard together, as one: the sum of their samples, such as the stems of a mix.
//   reading   as long as the longest; a shorter one is silent from its end on
//   errors    as SoundFileReader's; Error{bad_input} where rates or channels differ
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "audio/sound_file.h"

namespace auralis {

class SoundSum {
 public:
  // At least one.
  explicit SoundSum(const std::vector<std::string>& paths);

  int rate() const { return files_.front().rate(); }
  int channels() const { return files_.front().channels(); }
  // Of the first.
  std::string description() const { return files_.front().description(); }
  // Whole frames; fewer than asked only at the end.
  size_t read(std::span<float> interleaved);

 private:
  std::vector<SoundFileReader> files_;
  std::vector<float> one_;
};

}  // namespace auralis
