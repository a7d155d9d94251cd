// SPDX-License-Identifier: MIT
// Bytes as text in the alphabet of RFC 4648, section 4, padded.
#pragma once

#include <string>
#include <string_view>

namespace auralis {

std::string base64_encode(std::string_view bytes);

}  // namespace auralis
