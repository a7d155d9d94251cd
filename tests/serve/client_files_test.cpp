// SPDX-License-Identifier: MIT
#include "serve/client_files.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <fstream>

#include "refusal.h"
#include "temporary_folder.h"

namespace auralis {
namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

const std::string page = "<!doctype html><title>Auralis</title>";

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
  write(folder / "index.html", page);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder / "");
  const ClientFiles files("");
  CHECK(files.empty());
  for (const char* path : {"/", "/id_rsa", "/index.html"}) CHECK(at(files, path) == "no_client");
  std::filesystem::current_path(before);
}

TEST_CASE("A folder without our page is refused, whatever else is in it") {
  const test::TemporaryFolder folder;
  write(folder / "home/id_rsa", "secret");
  write(folder / "site/index.html", "<title>Somebody's</title>");
  std::filesystem::create_directories(folder / "deep/index.html");
  write(folder / "real.html", page);
  std::filesystem::create_directories(folder / "linked");
  std::filesystem::create_symlink("../real.html", folder / "linked/index.html");
  for (const char* name : {"home", "site", "deep", "linked", "missing", "home/id_rsa"}) {
    CAPTURE(name);
    const std::string message = test::refusal([&] { ClientFiles(folder / name); }, Exit::usage);
    CHECK_MESSAGE(message.find("expected the folder of the web client") != std::string::npos, message);
  }
}

TEST_CASE(
    "Files of the folder are found, none outside of it, and none through a symbolic link, wherever it "
    "leads") {
  const test::TemporaryFolder folder;
  write(folder / "client/index.html", page);
  REQUIRE(::mkfifo((folder / "client/pipe").c_str(), 0644) == 0);
  write(folder / "client/ui/index.html", "inner");
  write(folder / "client/.hidden", "secret");
  write(folder / "client2/near.txt", "secret");
  write(folder / "outside/secret.txt", "secret");
  std::filesystem::create_symlink(folder / "outside/secret.txt", folder / "client/link.txt");
  std::filesystem::create_directory_symlink(folder / "outside", folder / "client/out");
  std::filesystem::create_directory_symlink("../client2", folder / "client/near");
  std::filesystem::create_symlink("index.html", folder / "client/same.html");
  const ClientFiles files(folder / "client");
  CHECK(at(files, "/") == page);
  CHECK(at(files, "/ui/") == "inner");
  for (const char* path : {"/same.html", "/pipe", "/index.html/x", "/ui/../../outside/secret.txt",
                           "/link.txt", "/out/secret.txt", "/near/near.txt", "/../outside/secret.txt",
                           "/.hidden", "//etc/passwd", "/ui", "/nothing", "", "index.html"}) {
    CAPTURE(path);
    CHECK(at(files, path) == "not_found");
  }
}

TEST_CASE(
    "Below /engine/ lies what was built, beside what the client has there, and nothing else of that folder") {
  const test::TemporaryFolder folder;
  write(folder / "client/index.html", page);
  write(folder / "client/engine/loader.js", "loader");
  write(folder / "share/engine/auralis.bin", "module");
  write(folder / "share/secret", "secret");
  const ClientFiles files(folder / "client", folder / "share/engine");
  CHECK(at(files, "/engine/auralis.bin") == "module");
  CHECK(at(files, "/engine/loader.js") == "loader");
  for (const char* path : {"/auralis.bin", "/engine/../secret", "/engine/", "/engine"}) {
    CAPTURE(path);
    CHECK(at(files, path) == "not_found");
  }
  CHECK(at(ClientFiles(folder / "client"), "/engine/auralis.bin") == "not_found");
}

TEST_CASE("The client's folder may itself be a symbolic link") {
  const test::TemporaryFolder folder;
  write(folder / "real/index.html", page);
  std::filesystem::create_directory_symlink("real", folder / "client");
  CHECK(at(ClientFiles(folder / "client"), "/") == page);
}

}  // namespace auralis
