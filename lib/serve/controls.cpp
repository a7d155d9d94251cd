// SPDX-License-Identifier: MIT
#include "serve/controls.h"

#include <utility>

#include "serve/limits.h"

namespace auralis {
namespace {

using nlohmann::json;

json message_of(const Control& control, const std::string& id) {
  json message = control_fields(control);
  message["type"] = "control";
  message["id"] = id;
  return message;
}

}  // namespace

json Controls::ask(const Control& control, ControlReply reply, int64_t now_us) {
  const std::string id = "serve-" + std::to_string(++asked_);
  pending_[id] = {control, std::move(reply), now_us};
  return message_of(control, id);
}

std::optional<Controls::Pending> Controls::settle(const json& message) {
  const auto id = message.find("id");
  if (id == message.end() || !id->is_string()) return std::nullopt;
  const auto found = pending_.find(id->get<std::string>());
  if (found == pending_.end()) return std::nullopt;
  Pending settled = std::move(found->second);
  pending_.erase(found);
  if (message.value("type", "") == "control_ack") {
    if (settled.control[ControlId::preset]) wanted_ = Control();
    wanted_.merge(settled.control);
  }
  return settled;
}

std::vector<Controls::Pending> Controls::abandon() {
  std::vector<Pending> out;
  for (auto& [id, pending] : std::exchange(pending_, {})) out.push_back(std::move(pending));
  return out;
}

std::vector<Controls::Pending> Controls::expire(int64_t now_us) {
  std::vector<Pending> out;
  for (auto at = pending_.begin(); at != pending_.end();) {
    if (now_us - at->second.asked_us < limits::composer_us) {
      ++at;
      continue;
    }
    out.push_back(std::move(at->second));
    at = pending_.erase(at);
  }
  return out;
}

std::optional<json> Controls::wanted_message() const {
  if (wanted_.empty()) return std::nullopt;
  return message_of(wanted_, "serve-wanted");
}

}  // namespace auralis
