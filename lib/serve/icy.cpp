// SPDX-License-Identifier: MIT
#include "serve/icy.h"

#include <algorithm>

#include "base/text.h"

namespace auralis {
namespace {

constexpr size_t unit = 16;
constexpr size_t most_title_bytes = 255 * unit - std::string_view("StreamTitle='';").size();

// There is no escape: a quotation mark and a semicolon would end it.
std::string block_of(std::string_view title) {
  std::string text = "StreamTitle='";
  for (const char letter : first_bytes(title, most_title_bytes)) text += letter == '\'' ? '`' : letter;
  text += "';";
  text.resize((text.size() + unit - 1) / unit * unit);
  return std::string(1, static_cast<char>(text.size() / unit)) + text;
}

}  // namespace

bool IcyBlocks::pass(size_t bytes) {
  if (bytes >= until_block_) return false;
  until_block_ -= bytes;
  return true;
}

std::string IcyBlocks::with_blocks(std::string_view bytes, std::string_view title) {
  std::string out;
  while (bytes.size() >= until_block_) {
    out += bytes.substr(0, until_block_);
    bytes.remove_prefix(until_block_);
    until_block_ = icy_interval;
    if (title == told_) {
      out += '\0';
    } else {
      out += block_of(title);
      told_ = title;
    }
  }
  until_block_ -= bytes.size();
  return out += bytes;
}

std::vector<std::pair<std::string, std::string>> icy_headers(const StationTags& tags, bool has_blocks) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, value] :
       {std::pair("icy-name", tags.name), {"icy-genre", tags.genre}, {"icy-description", tags.description}})
    if (!value.empty()) headers.emplace_back(name, value);
  if (has_blocks) headers.emplace_back("icy-metaint", std::to_string(icy_interval));
  return headers;
}

}  // namespace auralis
