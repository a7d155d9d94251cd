// SPDX-License-Identifier: MIT
#include "icecast_password.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string_view>

#include "base/log.h"
#include "process/child.h"
#include "token.h"

namespace auralis {
namespace {

constexpr std::string_view option = "--icecast";

// Where http://USER:PASSWORD@HOST/NAME has it; empty where it has none.
std::string_view password_in(std::string_view address) {
  const size_t scheme = address.find("://");
  const size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view server = address.substr(begin, address.find('/', begin) - begin);
  const size_t at = server.rfind('@');
  const size_t colon = server.find(':');
  if (at == std::string_view::npos || colon > at) return {};
  return server.substr(colon + 1, at - colon - 1);
}

}  // namespace

void hide_icecast_passwords(int argc, char** argv) {
  bool shown = false;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word == option && i + 1 < argc) {
      word = argv[++i];
    } else if (!word.starts_with(std::string(option) + "=")) {
      continue;
    }
    const std::string_view password = password_in(word);
    if (password.empty()) continue;
    std::memset(argv[i] + (password.data() - word.data()), 'x', password.size());
    shown = true;
  }
  if (shown)
    log_warning("until now the list of processes showed the password of --icecast: " +
                std::string(icecast_password_variable) + " does not");
}

std::vector<std::string> take_icecast_passwords(size_t mounts) {
  std::istringstream lines(take_variable(icecast_password_variable).value_or(""));
  std::vector<std::string> passwords;
  for (std::string line; std::getline(lines, line);) passwords.push_back(line);
  passwords.resize(mounts, passwords.size() == 1 ? passwords.front() : "");
  return passwords;
}

void hand_on_icecast_passwords(std::vector<std::string>& addresses) {
  std::vector<std::string> passwords = take_icecast_passwords(addresses.size());
  std::string lines;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const std::string_view password = password_in(addresses[i]);
    if (!password.empty()) {
      passwords[i] = password;
      addresses[i].erase(static_cast<size_t>(password.data() - addresses[i].data()), password.size());
    }
    lines += passwords[i] + "\n";
  }
  if (!addresses.empty()) ::setenv(icecast_password_variable, lines.c_str(), 1);
}

}  // namespace auralis
