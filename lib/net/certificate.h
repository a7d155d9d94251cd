// SPDX-License-Identifier: MIT
// A certificate chain and its key, for TLS: read from files, checked, and replaced as a whole while connections go on.
//   tls      1.2 with ephemeral keys and authenticated encryption only, or 1.3
//   errors   Error{environment} naming the file and what is wrong with it
#pragma once

#include <filesystem>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace auralis {

// What OpenSSL may agree on with a client that has no TLS 1.3.
inline constexpr const char* tls_1_2_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

class Certificate {
 public:
  // Both in PEM.
  Certificate(const std::filesystem::path& chain, const std::filesystem::path& key);

  // For a name, or an address in text.
  bool is_for(const std::string& name) const;

  // That connection shows it, in place of any other. False where it cannot.
  bool show_on(ssl_st* connection) const;

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace auralis
