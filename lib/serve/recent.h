// SPDX-License-Identifier: MIT
// What was sent lately, kept in memory for who asks for it as a file.
//   kept     the last so many seconds, as 16-bit PCM: 10.6 MB a minute at 44.1 kHz in stereo; older chunks go
//   file     made into FLAC as it is taken, so that a download costs what is taken of it; it keeps the chunks that it has
//            not come to yet alive, and there are only so many at once
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace auralis {

class Recent {
 public:
  explicit Recent(double kept_s) : kept_s_(kept_s) {}

  double kept_s() const { return kept_s_; }
  void keep(const std::string& s16, int64_t frames, int rate);
  double there_s() const { return frames_ == 0 ? 0.0 : static_cast<double>(frames_) / rate_; }

  // How many files of it are being taken.
  size_t files() const { return static_cast<size_t>(files_.use_count()) - 1; }
  // Of the last `seconds`, or of as many as there are: what gives the next bytes, none at the end.
  std::function<std::string()> file(double seconds, int channels) const;

 private:
  struct Chunk {
    std::shared_ptr<const std::string> s16;
    int64_t frames;
  };
  double kept_s_;
  int rate_ = 0;
  int64_t frames_ = 0;
  std::deque<Chunk> chunks_;
  std::shared_ptr<int> files_ = std::make_shared<int>();  // held by each file
};

}  // namespace auralis
