// SPDX-License-Identifier: MIT
#include "serve/client_files.h"

#include <doctest/doctest.h>

#include <fstream>

#include "temporary_folder.h"

namespace auralis {
namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

// The body of what is at that path; its code where it is refused.
std::string at(const ClientFiles& files, const std::string& path) {
  const auto found = files.get(HttpRequest(), path);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refusal->code;
  return std::get<HttpResponse>(found).body;
}

}  // namespace

TEST_CASE("Without a folder there is no file, whatever lies in the working directory") {
  const test::TemporaryFolder folder;
  write(folder / "id_rsa", "secret");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder / "");
  for (const char* client : {"", "missing", "id_rsa"}) {
    const ClientFiles files(client);
    CHECK(files.empty());
    for (const char* path : {"/", "/id_rsa", "/index.html"}) CHECK(at(files, path) == "no_client");
  }
  std::filesystem::current_path(before);
}

TEST_CASE("Files of the folder are found, and none outside of it, by path or by symbolic link") {
  const test::TemporaryFolder folder;
  write(folder / "client/index.html", "page");
  write(folder / "client/ui/index.html", "inner");
  write(folder / "client/.hidden", "secret");
  write(folder / "client2/near.txt", "secret");
  write(folder / "outside/secret.txt", "secret");
  std::filesystem::create_symlink(folder / "outside/secret.txt", folder / "client/link.txt");
  std::filesystem::create_directory_symlink(folder / "outside", folder / "client/out");
  std::filesystem::create_directory_symlink("../client2", folder / "client/near");
  std::filesystem::create_symlink("index.html", folder / "client/same.html");
  const ClientFiles files(folder / "client");
  CHECK(at(files, "/") == "page");
  CHECK(at(files, "/ui/") == "inner");
  CHECK(at(files, "/same.html") == "page");  // a link that stays
  for (const char* path : {"/link.txt", "/out/secret.txt", "/near/near.txt", "/../outside/secret.txt",
                           "/.hidden", "//etc/passwd", "/ui", "/nothing", "", "index.html"}) {
    CAPTURE(path);
    CHECK(at(files, path) == "not_found");
  }
}

TEST_CASE("The client's folder may itself be a symbolic link") {
  const test::TemporaryFolder folder;
  write(folder / "real/index.html", "page");
  std::filesystem::create_directory_symlink("real", folder / "client");
  CHECK(at(ClientFiles(folder / "client"), "/") == "page");
}

}  // namespace auralis
