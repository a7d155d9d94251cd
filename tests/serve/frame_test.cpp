// SPDX-License-Identifier: MIT
#include "serve/frame.h"

#include <doctest/doctest.h>

namespace auralis {

TEST_CASE("A frame header has every field at its byte, little-endian") {
  const std::string bytes = frame_header({1, 2, true, 0x04030201, 0x0807060504030201, 48000, 4800});
  CHECK(bytes == std::string("\1\1\2\1\1\2\3\4\1\2\3\4\5\6\7\x08\x80\xBB\0\0\xC0\x12\0\0", 24));
  CHECK(bytes.size() == frame_header_bytes);
  CHECK(bytes[frame_flags_at] == 1);
}

}  // namespace auralis
