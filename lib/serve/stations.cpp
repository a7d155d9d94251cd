// SPDX-License-Identifier: MIT
#include "serve/stations.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "serve/limits.h"
#include "serve/refusals.h"

namespace auralis {
namespace {

constexpr std::string_view prefix = "/s/";
constexpr int64_t fade_us = PlayoutSettings{}.ending_ms * limits::us_per_ms;

// Of a secret address nothing may be learned from how long the refusal of another takes.
bool is_address_of(const Station& station, std::string_view name) {
  return station.is_private() ? same_secret(station.address(), name) : station.address() == name;
}

}  // namespace

Station& Stations::add(std::shared_ptr<Station> station) {
  all_.push_back(std::move(station));
  return *all_.back();
}

bool Stations::has_address(const Station& station) const {
  return std::none_of(farewells_.begin(), farewells_.end(),
                      [&station](const Farewell& farewell) { return farewell.station.get() == &station; });
}

Station* Stations::first() const {
  const std::vector<Station*> all = listed();
  return all.empty() ? nullptr : all.front();
}

std::vector<Station*> Stations::listed() const {
  std::vector<Station*> out;
  for (const auto& station : all_)
    if (!station->is_private() && has_address(*station)) out.push_back(station.get());
  return out;
}

void Stations::sort_as(const std::vector<std::string>& names) {
  const auto place = [&names](const std::shared_ptr<Station>& station) {
    const auto found = std::find(names.begin(), names.end(), station->name());
    const auto there = found - names.begin();
    return station->is_private() ? there : found == names.end() ? -1 : there;
  };
  std::stable_sort(all_.begin(), all_.end(),
                   [&place](const auto& a, const auto& b) { return place(a) < place(b); });
}

Stations::Place Stations::place_of(std::string_view path) const {
  if (!path.starts_with(prefix)) return {first(), path};
  const std::string_view behind = path.substr(prefix.size());
  const size_t end = std::min(behind.find('/'), behind.size());
  const auto found =
      std::find_if(all_.begin(), all_.end(), [this, name = behind.substr(0, end)](const auto& station) {
        return is_address_of(*station, name) && has_address(*station);
      });
  if (found == all_.end()) return {nullptr, {}};
  return {found->get(), behind.substr(end)};
}

void Stations::dismiss(Station& station, int64_t now_us, std::function<void()> then) {
  if (!has_address(station)) return;
  Broadcast& broadcast = station.broadcast();
  const bool fades = broadcast.is_playing() && (station.listeners().size() > 0 || broadcast.is_carried());
  const int64_t fades_until_us = now_us + (fades ? fade_us : 0);
  const int64_t ends_us = fades_until_us + limits::stop_drain_us;
  if (fades) broadcast.fade_out();
  const nlohmann::json message{{"type", "shutdown"},
                               {"reason", "ended"},
                               {"drain_s", static_cast<double>(ends_us - now_us) / limits::us_per_s}};
  station.listeners().send_texts([&message](const CodecInfo&) { return message; });
  farewells_.push_back({station.shared_from_this(), fades_until_us, ends_us, std::move(then)});
}

bool Stations::is_said(Farewell& farewell, int64_t now_us) {
  Station& station = *farewell.station;
  if (now_us < farewell.fades_until_us && !station.broadcast().is_over()) return false;
  if (!station.is_stopped()) station.stop();  // after the encoders' end no more may come
  station.flush();
  const bool is_heard = now_us >= farewell.ends_us || station.listeners().have_all();
  return is_heard &&
         (now_us >= farewell.ends_us + limits::sinks_us || station.broadcast().sinks_have_ended());
}

bool Stations::is_gone(const Farewell& farewell) {
  farewell.station->listeners().close_all(refusals::station_ends());
  return farewell.station->broadcast().recording_has_ended();
}

void Stations::release(const Farewell& farewell) {
  Station& station = *farewell.station;
  try {
    station.broadcast().finish(0);         // they have had their time, and others play
  } catch (const std::exception& error) {  // the others go on
    log_warning(station.name() + ": " + error.what());
  }
  std::erase(all_, farewell.station);
}

void Stations::tick(int64_t now_us) {
  std::vector<Farewell> said;
  for (auto at = farewells_.begin(); at != farewells_.end();) {
    if (!is_said(*at, now_us) || !is_gone(*at)) {
      ++at;
      continue;
    }
    said.push_back(std::move(*at));
    at = farewells_.erase(at);
  }
  for (const Farewell& farewell : said) {
    release(farewell);
    if (farewell.then) farewell.then();
  }
}

}  // namespace auralis
