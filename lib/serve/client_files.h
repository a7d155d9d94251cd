// SPDX-License-Identifier: MIT
// The web client's files: "/" is index.html. Hidden files, paths that leave the folder, also by a symbolic link, and
// everything where there is no folder are not found.
#pragma once

#include <filesystem>
#include <string_view>
#include <variant>

#include "net/http.h"

namespace auralis {

class ClientFiles {
 public:
  // Empty, or no folder: there is no client.
  explicit ClientFiles(const std::filesystem::path& folder);

  bool empty() const { return folder_.empty(); }
  std::variant<HttpResponse, Refusal> get(const HttpRequest& request, std::string_view path) const;

 private:
  std::filesystem::path folder_;  // canonical
};

}  // namespace auralis
