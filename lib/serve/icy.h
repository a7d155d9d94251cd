// SPDX-License-Identifier: MIT
// What players of plain streams are told of what plays: ICY, as SHOUTcast brought it and players of the radio take it.
//   asked for   by the header Icy-MetaData: 1
//   blocks      after every icy_interval bytes of the stream: a length in units of 16 bytes, and so many bytes of
//               StreamTitle='…';, with zeros to the end; length 0 where it is what it was
//   source      there is no standard; SHOUTcast's is described at https://cast.readme.io/docs/icy
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audio/station_tags.h"

namespace auralis {

inline constexpr size_t icy_interval = 16000;

class IcyBlocks {
 public:
  // Whether no block falls between the next so many bytes: then they are counted, and leave as they are.
  bool pass(size_t bytes);
  // The next bytes of the stream, with the blocks that fall between them.
  std::string with_blocks(std::string_view bytes, std::string_view title);

 private:
  size_t until_block_ = icy_interval;
  std::string told_;
};

// icy-name, icy-genre, …; `has_blocks`: icy-metaint, too.
std::vector<std::pair<std::string, std::string>> icy_headers(const StationTags& tags, bool has_blocks);

}  // namespace auralis
