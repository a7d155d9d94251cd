// SPDX-License-Identifier: MIT
// The web client's files: "/" is index.html, and what lies below "/engine/" comes from a folder of its own, since it is built.
// Hidden files, paths that leave the folder or lead through a symbolic link, and
// everything where there is no folder are not found. Only a folder with our page in it is served: another is a mistake, and
// what lies there is nobody's business.
#pragma once

#include <filesystem>
#include <string_view>
#include <variant>

#include "net/http.h"

namespace auralis {

class ClientFiles {
 public:
  // Empty: there is no client, or no engine for it. Error{usage} for a folder without our page.
  explicit ClientFiles(std::filesystem::path folder, std::filesystem::path engine = {});

  bool empty() const { return folder_.empty(); }
  std::variant<HttpResponse, Refusal> get(const HttpRequest& request, std::string_view path) const;

 private:
  std::filesystem::path folder_;
  std::filesystem::path engine_;
};

}  // namespace auralis
