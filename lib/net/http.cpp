// SPDX-License-Identifier: MIT
#include "net/http.h"

#include <http_parser.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <iterator>
#include <nlohmann/json.hpp>

namespace auralis {
namespace {

// RFC 9110, section 5.6.7.
std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text.data();
}

}  // namespace

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

HttpResponse json_response(int status, const nlohmann::json& body) {
  return {status, "application/json", json_text(body) + "\n", {{"Cache-Control", "no-store"}}};
}

HttpResponse refusal_response(const Refusal& refusal, const nlohmann::json& more) {
  nlohmann::json body = refusal_json(refusal);
  if (more.is_object()) body.update(more);
  HttpResponse response = json_response(refusal.status, body);
  if (refusal.recoverable)
    response.headers.emplace_back("Retry-After", std::to_string(refusal.retry_after_s));
  if (refusal.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"auralis\"");
  if (refusal.status == 405) response.headers.emplace_back("Allow", refusal.allowed);
  if (refusal.status == 426) {
    response.headers.emplace_back("Upgrade", "websocket");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
  }
  return response;
}

HttpResponse refusal_response(const Refusal& refusal) { return refusal_response(refusal, nullptr); }

std::string response_head(const HttpResponse& response, std::optional<size_t> length, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                     ::http_status_str(static_cast<http_status>(response.status)) + "\r\n";
  // A value that has the end of a line in it would be another header, or another response.
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ");
    std::copy_if(value.begin(), value.end(), std::back_inserter(head),
                 [](unsigned char c) { return c >= ' ' && c != 0x7F; });
    head.append("\r\n");
  };
  if (!response.type.empty()) add("Content-Type", response.type);
  add("Date", date());
  if (length) add("Content-Length", std::to_string(*length));
  const bool upgrades = std::any_of(response.headers.begin(), response.headers.end(),
                                    [](const auto& header) { return header.first == "Upgrade"; });
  if (upgrades) add("Connection", keep_alive ? "Upgrade" : "Upgrade, close");
  if (!upgrades && !keep_alive) add("Connection", "close");
  // An isolated page may use SharedArrayBuffer.
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Embedder-Policy", "require-corp");
  add("X-Content-Type-Options", "nosniff");
  // An address may be a key.
  add("Referrer-Policy", "no-referrer");
  for (const auto& [name, value] : response.headers) add(name, value);
  return head + "\r\n";
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::vector<std::string_view> list_members(std::string_view list) {
  std::vector<std::string_view> members;
  while (!list.empty()) {
    const std::string_view member = list.substr(0, list.find(','));
    members.push_back(trimmed(member));
    list.remove_prefix(std::min(member.size() + 1, list.size()));
  }
  return members;
}

bool lists(std::string_view list, std::string_view wanted) {
  return std::ranges::any_of(list_members(list),
                             [&](std::string_view member) { return same_letters(member, wanted); });
}

bool lists_exactly(std::string_view list, std::string_view wanted) {
  return std::ranges::count(list_members(list), wanted) > 0;
}

}  // namespace auralis
