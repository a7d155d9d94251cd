// SPDX-License-Identifier: MIT
#include "serve/secret_key.h"

#include <sys/random.h>

#include <array>
#include <string_view>

#include "base/error.h"

namespace auralis {
namespace {

constexpr size_t key_bytes = 16;

}  // namespace

std::string draw_key() {
  std::array<unsigned char, key_bytes> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw Error(Exit::environment, "no random numbers to be had");
  std::string key;
  for (const unsigned char byte : random) {
    constexpr std::string_view digits = "0123456789abcdef";
    key += digits[byte >> 4];
    key += digits[byte & 15];
  }
  return key;
}

}  // namespace auralis
