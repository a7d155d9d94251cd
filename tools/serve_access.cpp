// SPDX-License-Identifier: MIT
#include "serve_access.h"

#include "base/error.h"

namespace auralis {
namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& text, const std::string& expected) {
  throw Error(Exit::usage, option + " is \"" + text + "\", expected " + expected);
}

}  // namespace

void check_origin(const std::string& text) {
  if (text == "*") {
    refuse("--origin", text,
           "the pages that may listen and control, one by one, such as https://example.org: any page that a "
           "listener "
           "opens could steer the station otherwise");
  }
  const std::optional<WebAddress> page = parse_web_address(text);
  if (!page) refuse("--origin", text, "a scheme and a name, such as https://example.org");
  if (text != page->origin()) refuse("--origin", text, page->origin() + ", as browsers write it");
}

WebAddress read_public_url(const std::string& text) {
  const std::optional<WebAddress> url = parse_web_address(text);
  if (!url || (url->scheme != "http" && url->scheme != "https"))
    refuse("--public-url", text,
           "an address such as https://radio.example.org/ or https://example.org/radio/");
  return *url;
}

AddressRange read_trusted_proxy(const std::string& text) {
  const std::optional<AddressRange> range = AddressRange::parse(text);
  if (!range)
    refuse("--trusted-proxy", text, "an address or a range of them, such as 127.0.0.1/32 or 10.0.0.0/8");
  return *range;
}

}  // namespace auralis
