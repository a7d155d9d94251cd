// SPDX-License-Identifier: MIT
// A player of plain HTTP: the stream of one codec, without end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "serve/icy.h"
#include "serve/listener.h"

namespace auralis {

class Player final : public Listener {
 public:
  // `tells_titles`: it is told what plays, in the stream.
  Player(Stream& stream, Station& station, const CodecInfo& codec, bool tells_titles);

  // What it needs before the first packet; once joined.
  std::string header();

  void on_writable() override;
  void close(const CloseReason& why) override;
  void check(int64_t now_us) override;

 private:
  void write(std::string_view bytes) override;
  std::string with_titles(std::string_view bytes);

  std::optional<IcyBlocks> titles_;
  bool closing_ = false;
};

}  // namespace auralis
