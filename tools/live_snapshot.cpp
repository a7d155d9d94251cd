// SPDX-License-Identifier: MIT
#include "live_snapshot.h"

#include <curl/curl.h>

#include <memory>
#include <utility>

#include "base/error.h"
#include "base/session.h"
#include "figures/session_figures.h"

namespace auralis {
namespace {

using nlohmann::json;

// libcurl, for it knows TLS, proxies and redirects, and is on every Debian.
json get_json(const std::string& url) {
  static const bool ready = ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> request(::curl_easy_init(),
                                                                      ::curl_easy_cleanup);
  if (!ready || !request) throw Error(Exit::environment, "libcurl cannot start");
  std::string body;
  const auto append = +[](char* data, size_t size, size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
  };
  CURL* curl = request.get();
  ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl, CURLOPT_TIMEOUT, 5L);
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  const CURLcode result = ::curl_easy_perform(curl);
  if (result != CURLE_OK)
    throw Error(Exit::environment, "cannot reach " + url + ": " + ::curl_easy_strerror(result));
  long status = 0;
  ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  json answer = json::parse(body, nullptr, false);
  if (status != 200 || !answer.is_object()) {
    throw Error(Exit::environment,
                url + " answered " + std::to_string(status) + ", expected the figures of an auralis-serve");
  }
  return answer;
}

}  // namespace

Snapshot snapshot_of_session(const std::string& session) {
  SessionFigures figures = read_session_figures(session_path(session));
  return {std::move(figures.merged), std::move(figures.parts), nullptr, "session " + session};
}

Snapshot snapshot_of_server(const std::string& url) {
  std::string base = url.find("://") == std::string::npos ? "http://" + url : url;
  while (base.ends_with('/')) base.pop_back();
  Snapshot snapshot;
  snapshot.figures = get_json(base + "/api/metrics");
  snapshot.parts = snapshot.figures.value("parts", json::object());
  snapshot.figures.erase("parts");
  snapshot.status = get_json(base + "/api/status");
  snapshot.source = base;
  return snapshot;
}

std::vector<std::string> missing_commands(const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const char* name : {"compose", "render", "serve"}) {
    if (!snapshot.parts.value(name, json()).is_object()) names.push_back(std::string("auralis-") + name);
  }
  return names;
}

}  // namespace auralis
