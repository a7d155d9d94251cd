// SPDX-License-Identifier: MIT
// The web client's files: "/" is index.html. Hidden files, paths that leave the folder or lead through a symbolic link, and
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
  // Empty: there is no client. Error{usage} for a folder without our page.
  explicit ClientFiles(std::filesystem::path folder);

  bool empty() const { return folder_.empty(); }
  std::variant<HttpResponse, Refusal> get(const HttpRequest& request, std::string_view path) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace auralis
