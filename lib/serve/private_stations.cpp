// SPDX-License-Identifier: MIT
#include "serve/private_stations.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "model/control.h"
#include "model/number_text.h"
#include "net/web_address.h"
#include "serve/limits.h"
#include "serve/private_session.h"
#include "serve/refusals.h"
#include "serve/secret_key.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr const char* title = "My own station";

bool is_whole_number(const std::string& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// A seed, as text since JSON's numbers end sooner, or as a number.
std::string seed_of(const json& value) {
  std::string text = value.is_string()            ? value.get<std::string>()
                     : value.is_number_unsigned() ? std::to_string(value.get<uint64_t>())
                                                  : "";
  if (!is_whole_number(text)) throw ControlError("seed", "expected a whole number below 2^64, such as \"7\"");
  return text;
}

// A preset is one of the list: a path would be read.
void check_preset(const std::string& name, const json& presets) {
  const bool is_known = std::any_of(presets.begin(), presets.end(),
                                    [&name](const json& preset) { return preset.value("name", "") == name; });
  if (!is_known) throw ControlError("preset", "expected one of /api/presets");
}

std::string mix_of(const json& shares, const json& presets) {
  std::string text;
  for (const auto& [name, share] : shares.items()) {
    check_preset(name, presets);
    text += (text.empty() ? "" : ",") + name + ":" + number_text(share.get<double>());
  }
  return text;
}

// As options of auralis-compose. Throws ControlError.
std::vector<std::string> piece_of(const json& wish, const json& presets,
                                  const std::function<bool(const std::string&)>& knows_tuning) {
  std::vector<std::string> options;
  json controls = wish.is_null() ? json::object() : wish;
  if (controls.is_object() && controls.contains("seed")) {
    options.push_back("--seed=" + seed_of(controls["seed"]));
    controls.erase("seed");
  }
  const json asked = control_fields(parse_control(controls));
  for (const auto& [name, value] : asked.items()) {
    if (name == info_of(ControlId::mix).name) {
      options.push_back("--mix=" + mix_of(value, presets));
      continue;
    }
    if (!value.is_string() && !value.is_number())
      throw ControlError(name, "expected later, as a control of the station");
    const std::string text = value.is_string() ? value.get<std::string>() : number_text(value.get<double>());
    if (name == "preset") check_preset(text, presets);
    if (name == "tuning" && !knows_tuning(text))
      throw ControlError("tuning", "expected " + expected_value(info_of(ControlId::tuning)));
    options.push_back("--" + name + "=" + text);
  }
  return options;
}

}  // namespace

PrivateStations::PrivateStations(Stations& stations, Roster::Make make, size_t most,
                                 std::function<bool(const std::string&)> knows_tuning)
    : stations_(stations),
      make_(std::move(make)),
      most_(most),
      knows_tuning_(std::move(knows_tuning)),
      of_address_([most](const std::string& address) {
        return is_loopback(address) ? most : limits::private_stations_of_address;
      }),
      begins_(limits::private_begins) {
  if (most_ > 0) sweep_private_sessions();
}

// A guess: the one that has been without a listener for longest ends next, unless somebody comes.
int64_t PrivateStations::next_free_us(int64_t now_us) const {
  int64_t heard_us = now_us;
  for (const Entry& entry : all_) heard_us = std::min(heard_us, entry.heard_us);
  return heard_us + limits::private_idle_us - now_us;
}

size_t PrivateStations::free_number() const {
  size_t number = 1;
  while (
      std::any_of(all_.begin(), all_.end(), [number](const Entry& entry) { return entry.number == number; }))
    ++number;
  return number;
}

std::variant<std::shared_ptr<Station>, Refusal> PrivateStations::begin(const json& wish, const json& presets,
                                                                       const std::string& address,
                                                                       int64_t now_us) {
  if (closed_) return refusals::shutting_down();
  StationPlan plan;
  try {
    plan.piece = piece_of(wish, presets, knows_tuning_);
  } catch (const ControlError& error) {
    return refusals::bad_control(error.what(), error.field);
  }
  if (all_.size() >= most_) return refusals::too_many_stations(next_free_us(now_us));
  if (!is_loopback(address) && !begins_.take(limited_as(address), now_us))
    return refusals::too_many_beginnings();
  std::optional<AddressCounts::Seat> seat = of_address_.take(address);
  if (!seat) return refusals::too_many_stations_of_address();
  const size_t number = free_number();
  plan.name = std::string(private_prefix) + std::to_string(number);
  plan.session = std::string(private_prefix) + std::to_string(::getpid()) + "-" + std::to_string(++begun_);
  plan.tags.name = title;
  plan.controls = {ControlRule::Who::address};
  try {
    plan.key = draw_key();
    const std::shared_ptr<Station> station = make_(plan);
    stations_.add(station);
    all_.push_back({station, number, now_us, std::move(*seat)});
    log_detail(plan.name + ": beginning");
    return station;
  } catch (const std::exception& error) {
    log_warning("a private station cannot begin: " + std::string(error.what()));
    return refusals::no_station_now();
  }
}

void PrivateStations::tick(int64_t now_us) {
  for (Entry& entry : all_) {
    const std::shared_ptr<Station> station = entry.station.lock();
    if (!station) continue;
    if (station->listeners().size() > 0) entry.heard_us = now_us;
    if (now_us - entry.heard_us >= limits::private_idle_us || station->broadcast().is_over())
      end(*station, now_us);
  }
  // A listener that leaves slowly holds its station, but not the place.
  std::erase_if(all_, [](const Entry& entry) {
    const std::shared_ptr<Station> station = entry.station.lock();
    return !station || station->is_stopped();
  });
}

}  // namespace auralis
