// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <span>
#include <string>
#include <vector>

#include "audio/pcm.h"
#include "render/pcm_sum.h"
#include "render/sha256.h"

using namespace auralis;

TEST_CASE("The sum is that of the bytes without a header, whatever the size of the blocks") {
  std::vector<float> samples;
  for (int i = 0; i < 5000; ++i) samples.push_back(static_cast<float>(i % 401 - 200) / 250.0f);
  for (const SampleFormat format : {SampleFormat::s16, SampleFormat::s24, SampleFormat::f32}) {
    std::string bytes;
    append_pcm(samples, format, bytes,
               format == SampleFormat::s16 ? std::optional<int64_t>(0) : std::nullopt);
    Sha256 expected;
    expected.add(bytes);
    for (const size_t block : {2u, 998u, 5000u}) {
      PcmSum sum(format);
      for (size_t at = 0; at < samples.size(); at += block) {
        sum.add(std::span(samples).subspan(at, std::min(block, samples.size() - at)));
      }
      CHECK(sum.hex() == expected.hex());
    }
  }
}
