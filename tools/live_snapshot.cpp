// SPDX-License-Identifier: MIT
#include "live_snapshot.h"

#include <curl/curl.h>
#include <dlfcn.h>

#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/session.h"
#include "figures/prometheus.h"
#include "figures/session_figures.h"
#include "model/json_text.h"

namespace auralis {
namespace {

using nlohmann::json;

// libcurl, since it knows TLS, proxies and redirects and is on every Debian. It is loaded when a server is asked: with the
// forty libraries behind it a start takes 10 ms longer.
struct Curl {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_strerror) easy_strerror;
};

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function == nullptr) throw Error(Exit::environment, std::string("libcurl has no ") + name);
}

Curl load_curl() {
  void* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(Exit::environment,
                std::string("a server is asked through libcurl (Debian: libcurl4): ") + ::dlerror());
  }
  Curl curl{};
  find(library, "curl_global_init", curl.global_init);
  find(library, "curl_easy_init", curl.easy_init);
  find(library, "curl_easy_cleanup", curl.easy_cleanup);
  find(library, "curl_easy_setopt", curl.easy_setopt);
  find(library, "curl_easy_perform", curl.easy_perform);
  find(library, "curl_easy_getinfo", curl.easy_getinfo);
  find(library, "curl_easy_strerror", curl.easy_strerror);
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    throw Error(Exit::environment, "libcurl cannot start");
  return curl;
}

constexpr long time_out_s = 5;

struct Answer {
  long status = 0;
  std::string body;
};

Answer get(const std::string& url) {
  static const Curl curl = load_curl();
  const std::unique_ptr<CURL, decltype(curl.easy_cleanup)> request(curl.easy_init(), curl.easy_cleanup);
  if (!request) throw Error(Exit::environment, "libcurl cannot start");
  Answer answer;
  const auto append = +[](char* data, size_t size, size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
  };
  CURL* handle = request.get();
  curl.easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl.easy_setopt(handle, CURLOPT_TIMEOUT, time_out_s);
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, append);
  curl.easy_setopt(handle, CURLOPT_WRITEDATA, &answer.body);
  const CURLcode result = curl.easy_perform(handle);
  if (result != CURLE_OK)
    throw Error(Exit::environment, "cannot reach " + url + ": " + curl.easy_strerror(result));
  curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

[[noreturn]] void refuse(const std::string& url, long status) {
  throw Error(Exit::environment,
              url + " answered " + std::to_string(status) + ", expected the figures of an auralis-serve");
}

json get_json(const std::string& url) {
  const Answer answer = get(url);
  json body = parse_json(answer.body);
  if (answer.status != 200 || !body.is_object()) refuse(url, answer.status);
  return body;
}

std::string base_of(const std::string& url) {
  std::string base = url.find("://") == std::string::npos ? "http://" + url : url;
  while (base.ends_with('/')) base.pop_back();
  return base;
}

}  // namespace

Snapshot snapshot_of_session(const std::string& session) {
  SessionFigures figures = read_session_figures(find_session(session).value_or(""));
  return {.figures = std::move(figures.merged),
          .parts = std::move(figures.parts),
          .status = nullptr,
          .stations = nullptr,
          .source = "session " + session};
}

Snapshot snapshot_of_server(const std::string& url) {
  const std::string base = base_of(url);
  Snapshot snapshot;
  snapshot.figures = get_json(base + "/api/metrics");
  snapshot.parts = snapshot.figures.value("parts", json::object());
  snapshot.figures.erase("parts");
  snapshot.stations = snapshot.figures.value("stations", json());
  snapshot.figures.erase("stations");
  snapshot.status = get_json(base + "/api/status");
  snapshot.source = base;
  return snapshot;
}

std::string prometheus_text_of(const std::string& url, const std::string& session) {
  if (url.empty()) {
    const SessionFigures figures = read_session_figures(find_session(session).value_or(""));
    return prometheus_text(figures.merged, figures.histograms);
  }
  const std::string address = base_of(url) + "/metrics";
  const Answer answer = get(address);
  if (answer.status != 200 || answer.body.find("auralis_") == std::string::npos)
    refuse(address, answer.status);
  return answer.body;
}

std::vector<std::string> missing_commands(const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const char* name : {"compose", "render", "serve"}) {
    if (!snapshot.parts.value(name, json()).is_object()) names.push_back(std::string("auralis-") + name);
  }
  return names;
}

}  // namespace auralis
