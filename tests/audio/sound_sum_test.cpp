// SPDX-License-Identifier: MIT
#include "audio/sound_sum.h"

#include <doctest/doctest.h>

#include "audio/signals.h"
#include "base/error.h"
#include "temporary_folder.h"

using namespace auralis;

namespace {

std::string written(const std::filesystem::path& path, const std::vector<float>& frames, int channels = 2) {
  SoundFileWriter writer(path, {SampleFormat::f32, 44100, channels});
  writer.write(frames);
  writer.commit();
  return path.string();
}

}  // namespace

TEST_CASE("Files together are the sum of their samples, as long as the longest") {
  const test::TemporaryFolder folder;
  const std::vector<float> brief = test::noise(2 * 1000, 0.9, 1);
  const std::vector<float> extended = test::noise(2 * 5000, 0.9, 2);
  SoundSum sum({written(folder / "a.wav", brief), written(folder / "b.wav", extended)});
  std::vector<float> read;
  std::vector<float> block(2 * 768);
  while (const size_t frames = sum.read(block))
    read.insert(read.end(), block.begin(), block.begin() + static_cast<long>(2 * frames));
  REQUIRE(read.size() == extended.size());
  for (size_t i = 0; i < read.size(); ++i)
    REQUIRE(read[i] == extended[i] + (i < brief.size() ? brief[i] : 0.0f));
}

TEST_CASE("Files of different kinds are refused by name") {
  const test::TemporaryFolder folder;
  const std::string stereo = written(folder / "a.wav", test::noise(2 * 100, 0.5));
  const std::string mono = written(folder / "b.wav", test::noise(100, 0.5), 1);
  CHECK_THROWS_WITH_AS(
      SoundSum({stereo, mono}),
      (mono + ": has 44100 Hz and 1 channel, expected 44100 Hz and 2 channels as " + stereo + " has").c_str(),
      Error);
}
