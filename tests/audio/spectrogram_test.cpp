// SPDX-License-Identifier: MIT
#include "audio/spectrogram.h"

#include <doctest/doctest.h>
#include <png.h>

#include <algorithm>
#include <cmath>

#include "audio/signals.h"
#include "audio/spectrum.h"
#include "base/error.h"
#include "base/io.h"
#include "temporary_folder.h"

using namespace auralis;

namespace {

struct Read {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;
  int brightness(int x, int y) const {
    const size_t at = 3 * static_cast<size_t>(y * width + x);
    return rgb[at] + rgb[at + 1] + rgb[at + 2];
  }
};

Read read_png(const std::filesystem::path& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_file(&image, path.c_str()) != 0);
  image.format = PNG_FORMAT_RGB;
  Read out{static_cast<int>(image.width), static_cast<int>(image.height),
           std::vector<uint8_t>(PNG_IMAGE_SIZE(image))};
  REQUIRE(png_image_finish_read(&image, nullptr, out.rgb.data(), 0, nullptr) != 0);
  return out;
}

}  // namespace

TEST_CASE("The power of a spectrum adds up to the sound's mean square") {
  Spectrum spectrum(4096);
  const std::vector<float> sine = test::sine(1000, 1.0, 1.0);
  std::vector<float> left(4096);
  for (size_t i = 0; i < left.size(); ++i) left[i] = sine[2 * i];
  double sum = 0.0;
  for (const float power : spectrum.power(left)) sum += static_cast<double>(power);
  CHECK(sum == doctest::Approx(0.5).epsilon(0.001));
}

TEST_CASE("A tone is a bright line at its frequency and its time, and nowhere else") {
  const test::TemporaryFolder folder;
  for (const double seconds : {2.0, 60.0}) {
    // 1 kHz in the second half.
    std::vector<float> frames = test::sine(1000, 0.5, seconds);
    std::fill(frames.begin(), frames.begin() + static_cast<long>(frames.size() / 2), 0.0f);
    SoundFileWriter writer(folder / "a.wav", {SampleFormat::f32, 44100, 2});
    writer.write(frames);
    writer.commit();
    SoundFileReader reader(folder / "a.wav");
    draw_spectrogram(reader, 800, 400).write_png(folder / "a.png");
    const Read picture = read_png(folder / "a.png");
    CHECK(picture.width == 800);
    CHECK(picture.height == 400);
    // The axes of a picture of 800 by 400: 600 columns from 90, 336 rows from 20 that span 25 Hz to 20 kHz.
    const int row = 20 + static_cast<int>(336 * (1.0 - std::log2(1000.0 / 25.0) / std::log2(800.0)));
    CHECK(picture.brightness(90 + 450, row) > 600);
    CHECK(picture.brightness(90 + 150, row) < 60);
    CHECK(picture.brightness(90 + 450, row + 60) < 60);
    CHECK(picture.brightness(90 + 450, row - 60) < 60);
  }
}

TEST_CASE("A picture that cannot be written is an error, and an empty file has none") {
  CHECK_THROWS_AS(Picture(10, 10, {}).write_png("/nonexistent/a.png"), Error);
  const test::TemporaryFolder folder;
  SoundFileWriter writer(folder / "a.wav", {});
  writer.commit();
  SoundFileReader reader(folder / "a.wav");
  CHECK_THROWS_AS(draw_spectrogram(reader), Error);
}
