// SPDX-License-Identifier: MIT
// The bytes that come in, as they come: counted and, where asked for, hashed.
//   errors   Error{environment} for what cannot be opened or read
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "render/sha256.h"

namespace auralis {

class Input {
 public:
  // path: a file, a FIFO (whose writer is awaited in read(), where a stop request is heard), or "-".
  Input(const std::string& path, bool hashed);
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // What is there now, or the first that comes; valid until the next call. Empty at the end, and where a stop was
  // requested: stopped() tells them apart.
  std::string_view read();
  bool stopped() const { return stopped_; }

  // How long read() has waited for bytes.
  double waited_s() const { return waited_s_; }

  const std::string& name() const { return name_; }
  // How much of a plain file has been read, 0 … 1.
  std::optional<double> share_read() const;
  // Of what was read so far; empty where it is not hashed.
  std::string sha256() const { return hash_ ? hash_->hex() : std::string(); }

 private:
  std::string name_;
  int fd_ = -1;
  std::optional<double> size_;
  double read_ = 0.0;
  double waited_s_ = 0.0;
  bool stopped_ = false;
  std::optional<Sha256> hash_;
  std::vector<char> buffer_ = std::vector<char>(65536);
};

}  // namespace auralis
