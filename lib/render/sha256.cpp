// SPDX-License-Identifier: MIT
#include "render/sha256.h"

#include <array>
#include <cstdint>

namespace auralis {

void Sha256::add(std::string_view bytes) {
  nettle_sha256_update(&context_, bytes.size(), reinterpret_cast<const uint8_t*>(bytes.data()));
}

std::string Sha256::hex() const {
  std::array<uint8_t, SHA256_DIGEST_SIZE> digest;
  sha256_ctx so_far = context_;  // a digest ends its context
  nettle_sha256_digest(&so_far, digest.size(), digest.data());
  std::string text;
  for (const int byte : digest) {
    for (const int nibble : {byte >> 4, byte & 15}) text += "0123456789abcdef"[nibble];
  }
  return text;
}

}  // namespace auralis
