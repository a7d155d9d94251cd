// SPDX-License-Identifier: MIT
// A picture in memory: points, lines, small text; written as PNG.
//   errors    Error{environment} for a file that cannot be written
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace auralis {

struct Colour {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
};

class Picture {
 public:
  Picture(int width, int height, Colour ground);

  int width() const { return width_; }
  int height() const { return height_; }
  // Outside the picture nothing happens.
  void point(int x, int y, Colour colour);
  void box(int x, int y, int width, int height, Colour colour);
  // Digits, . : - and the letters of kHz, dB, ms; glyphs are 5 by 7 points times scale, one point apart.
  void text(int x, int y, std::string_view text, Colour colour, int scale = 2);
  static int text_width(std::string_view text, int scale = 2);
  static int text_height(int scale = 2) { return 7 * scale; }

  void write_png(const std::filesystem::path& target) const;

 private:
  int width_;
  int height_;
  std::vector<Colour> points_;
};

}  // namespace auralis
