// SPDX-License-Identifier: MIT
#include "net/base64.h"

#include <doctest/doctest.h>

namespace auralis {

TEST_CASE("Base64 is that of RFC 4648, section 10") {
  CHECK(base64_encode("") == "");
  CHECK(base64_encode("f") == "Zg==");
  CHECK(base64_encode("fo") == "Zm8=");
  CHECK(base64_encode("foo") == "Zm9v");
  CHECK(base64_encode("foob") == "Zm9vYg==");
  CHECK(base64_encode("fooba") == "Zm9vYmE=");
  CHECK(base64_encode("foobar") == "Zm9vYmFy");
  CHECK(base64_encode(std::string("\xFB\xFF\0", 3)) == "+/8A");
}

}  // namespace auralis
