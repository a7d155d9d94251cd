// SPDX-License-Identifier: MIT
#include "audio/sound_sum.h"

#include <algorithm>
#include <cassert>

#include "base/error.h"

namespace auralis {
namespace {

std::string kind_of(int rate, int channels) {
  return std::to_string(rate) + " Hz and " + std::to_string(channels) +
         (channels == 1 ? " channel" : " channels");
}

}  // namespace

SoundSum::SoundSum(const std::vector<std::string>& paths) {
  assert(!paths.empty());
  for (const std::string& path : paths) {
    files_.emplace_back(path);
    const SoundFileReader& file = files_.back();
    if (file.rate() == rate() && file.channels() == channels()) continue;
    throw Error(Exit::bad_input, path + ": has " + kind_of(file.rate(), file.channels()) + ", expected " +
                                     kind_of(rate(), channels()) + " as " + paths.front() + " has");
  }
}

size_t SoundSum::read(std::span<float> interleaved) {
  std::ranges::fill(interleaved, 0.0f);
  one_.resize(interleaved.size());
  const auto width = static_cast<size_t>(channels());
  size_t longest = 0;
  for (SoundFileReader& file : files_) {
    const size_t frames = file.read(one_);
    for (size_t i = 0; i < frames * width; ++i) interleaved[i] += one_[i];
    longest = std::max(longest, frames);
  }
  return longest;
}

}  // namespace auralis
