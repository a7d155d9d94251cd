// SPDX-License-Identifier: MIT
#include "net/http.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace auralis {
namespace {

std::string header_of(const HttpResponse& response, const std::string& name) {
  const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  return found == response.headers.end() ? "" : found->second;
}

}  // namespace

TEST_CASE("What comes from outside cannot end a header's line") {
  const HttpResponse response{307, "text/plain", "", {{"Location", "/a\r\nSet-Cookie: x=1\r\n\r\nbody\n"}}};
  const std::string head = response_head(response, 0, true);
  CHECK(head.find("\r\nLocation: /aSet-Cookie: x=1body\r\n") != std::string::npos);
  CHECK(head.find("\r\n\r\n") == head.size() - 4);
}

TEST_CASE("A refusal is the same five facts as JSON, and its status brings the headers that go with it") {
  const Refusal refusal{405, "method_not_allowed", "expected GET", "", false, "GET"};
  CHECK(refusal_json(refusal) == nlohmann::json{{"type", "error"},
                                                {"code", "method_not_allowed"},
                                                {"message", "expected GET"},
                                                {"recoverable", false}});
  CHECK(refusal_json({400, "bad_control", "no", "bpm"})["field"] == "bpm");
  CHECK(header_of(refusal_response(refusal), "Allow") == "GET");
  CHECK(header_of(refusal_response({401, "unauthorized", "x", "token"}), "WWW-Authenticate") != "");
  CHECK(header_of(refusal_response({426, "upgrade_required", "x", ""}), "Sec-WebSocket-Version") == "13");
  CHECK(header_of(refusal_response({503, "no_audio", "x", "", true}), "Retry-After") == "1");
  CHECK(header_of(refusal_response({404, "not_found", "x", ""}), "Retry-After") == "");
  const HttpResponse health = refusal_response({503, "no_audio", "x", "", true}, {{"reason", "x"}});
  CHECK(nlohmann::json::parse(health.body)["reason"] == "x");
}

TEST_CASE("A response's head says how long the body is, or that the connection's end is its end") {
  CHECK(response_head({200, "text/plain", "", {}}, 12, true)
            .starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"));
  CHECK(response_head({404, "", "", {}}, 12, true).find("\r\nContent-Length: 12\r\n") != std::string::npos);
  CHECK(response_head({200, "", "", {}}, {}, false).find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(response_head({101, "", "", {{"Upgrade", "websocket"}}}, {}, true)
            .find("\r\nConnection: Upgrade\r\n") != std::string::npos);
  CHECK(response_head({200, "", "", {}}, {}, true).ends_with("\r\n\r\n"));
}

TEST_CASE("A list has its members without regard to spaces and capitals, and no part of one") {
  CHECK(lists("keep-alive,\t Upgrade ", "upgrade"));
  CHECK(lists(",,Upgrade", "upgrade"));
  CHECK_FALSE(lists("upgrades, up", "upgrade"));
  CHECK_FALSE(lists("", "upgrade"));
}

TEST_CASE("A protocol is in a list letter by letter, and whole") {
  CHECK(lists_exactly("chat, auralis.v1", "auralis.v1"));
  CHECK_FALSE(lists_exactly("AURALIS.V1, xauralis.v1", "auralis.v1"));
  CHECK_FALSE(lists_exactly("", "auralis.v1"));
}

}  // namespace auralis
