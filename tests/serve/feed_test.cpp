// SPDX-License-Identifier: MIT
#include "serve/feed.h"

#include <doctest/doctest.h>

#include <memory>
#include <span>
#include <thread>

using namespace auralis;

namespace {

// A renderer that came back, and of whose new header a part was read.
class HalfRead final : public PcmSource {
 public:
  const PcmFormat& format() const override { return format_; }
  int64_t read(std::span<float>) override {
    format_ = {SampleFormat::s16, 8000, 1};
    return 0;
  }
  bool rewind() override { return false; }

 private:
  PcmFormat format_{SampleFormat::s16, 44100, 2};
};

}  // namespace

TEST_CASE("A feed has the format that it was opened with, whatever its thread reads since") {
  const Feed feed([] { return std::make_unique<HalfRead>(); }, {}, [] {});
  while (!feed.ended()) std::this_thread::yield();
  CHECK(feed.format() == PcmFormat{SampleFormat::s16, 44100, 2});
  CHECK(feed.ring().channels() == 2);
}
