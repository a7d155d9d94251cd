// SPDX-License-Identifier: MIT
#ifdef AURALIS_MP3
#include "audio/mp3_stream.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "audio/signals.h"
#include "audio/sound_file.h"
#include "base/io.h"
#include "temporary_folder.h"

using namespace auralis;

namespace {

struct Decoded {
  double seconds = 0.0;
  double level = 0.0;  // RMS of the second half
};

Decoded decoded(const std::string& bytes) {
  const test::TemporaryFolder folder;
  write_file(folder / "a.mp3", bytes);
  SoundFileReader reader(folder / "a.mp3");
  std::vector<float> back(size_t{2} * 48000 * 5);
  const size_t count = reader.read(back);
  double power = 0.0;
  for (size_t i = count; i < 2 * count; ++i)
    power += static_cast<double>(back[i]) * static_cast<double>(back[i]);
  return {static_cast<double>(count) / reader.rate(),
          std::sqrt(power / static_cast<double>(std::max<size_t>(count, 1)))};
}

}  // namespace

TEST_CASE("An MP3 stream plays from its beginning, and for who joins late from any frame") {
  for (const int rate : {44100, 48000, 96000, 22050}) {
    CAPTURE(rate);
    const std::vector<float> frames = test::sine(440, 0.5, 4.0, rate);
    const size_t block = static_cast<size_t>(rate) / 10 * 2;
    Mp3Stream stream(rate, 2, 192000);
    std::string first;
    std::string second;
    for (size_t at = 0; at < frames.size(); at += block)
      stream.encode(std::span(frames).subspan(at, std::min(block, frames.size() - at)),
                    at < frames.size() / 2 ? first : second);
    stream.finish(second);
    CHECK(static_cast<double>(first.size() + second.size()) == doctest::Approx(4 * 192000 / 8).epsilon(0.05));
    const Decoded all = decoded(first + second);
    CHECK(all.seconds == doctest::Approx(4.0).epsilon(0.03));
    CHECK(all.level == doctest::Approx(0.354).epsilon(0.03));
    const Decoded half = decoded(second);
    CHECK(half.seconds == doctest::Approx(2.0).epsilon(0.06));
    CHECK(half.level == doctest::Approx(0.354).epsilon(0.05));
  }
}
#endif
