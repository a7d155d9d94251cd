// SPDX-License-Identifier: MIT
#include "render/pcm_sum.h"

#include <optional>

namespace auralis {

void PcmSum::add(std::span<const float> interleaved) {
  bytes_.clear();
  append_pcm(interleaved, format_, bytes_,
             format_ == SampleFormat::s16 ? std::optional(samples_) : std::nullopt);
  samples_ += static_cast<int64_t>(interleaved.size());
  hash_.add(bytes_);
}

}  // namespace auralis
