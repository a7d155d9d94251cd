// SPDX-License-Identifier: MIT
#include "token.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "process/child.h"

namespace auralis {
namespace {

constexpr std::string_view token_option = "--token";
constexpr const char* credential = "token";
constexpr const char* token = "the token";

constexpr size_t most_secret_bytes = 8192;  // a request's head has room for no more

std::string checked(std::string secret, const std::string& from, const std::string& what) {
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) throw Error(Exit::usage, from + " is empty, expected " + what);
  const bool plain =
      std::none_of(secret.begin(), secret.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
  if (!plain) throw Error(Exit::usage, from + " has more than one line, expected " + what + " alone");
  return secret;
}

}  // namespace

std::string read_secret(const std::string& file, const std::string& what) {
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & S_IROTH) != 0)
    log_warning("everybody on this machine may read " + what + " in " + file + " (chmod o-r)");
  const std::string text = read_file(file, most_secret_bytes, what + " alone");
  return checked(std::string(without_byte_order_mark(text)), file, what);
}

// What a process was started with stays readable in /proc, unless it is overwritten.
std::optional<std::string> take_variable(const char* name) {
  char* given = std::getenv(name);
  if (given == nullptr) return std::nullopt;
  std::string value = given;
  std::memset(given, 0, value.size());
  ::unsetenv(name);
  return value;
}

std::string find_token(const std::optional<std::string>& option, const std::optional<std::string>& file) {
  const std::optional<std::string> variable = take_variable(token_variable);
  if (option) return checked(*option, "--token", token);
  if (file) return read_secret(*file, token);
  if (variable) return checked(*variable, token_variable, token);
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  const std::filesystem::path path =
      std::filesystem::path(credentials == nullptr ? "" : credentials) / credential;
  std::error_code error;
  return credentials != nullptr && std::filesystem::exists(path, error) ? read_secret(path, token)
                                                                        : std::string();
}

void hide_token(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == token_option && i + 1 < argc) {
      std::memset(argv[i + 1], 'x', std::strlen(argv[i + 1]));
    } else if (word.starts_with("--token=")) {
      std::memset(argv[i] + token_option.size() + 1, 'x', word.size() - token_option.size() - 1);
    }
  }
  log_warning(
      "until now the list of processes showed the token: --token-file, AURALIS_TOKEN or a systemd credential "
      "does not");
}

}  // namespace auralis
