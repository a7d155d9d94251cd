// SPDX-License-Identifier: MIT
#include "serve/composer_port.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "serve/limits.h"
#include "serve/refusals.h"

namespace auralis {
namespace {

using nlohmann::json;

std::string text_of(const json& message, const char* name) {
  const auto found = message.find(name);
  return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The composer's error as a refusal of ours. One that ends will be back.
Refusal refusal_of(const json& error) {
  const std::string code = text_of(error, "code");
  if (code == "ending") return refusals::composer_unavailable(text_of(error, "message"));
  Refusal refusal = refusals::bad_control(text_of(error, "message"), text_of(error, "field"));
  if (!code.empty()) refusal.code = code;
  return refusal;
}

}  // namespace

ComposerPort::ComposerPort(Loop& loop, std::filesystem::path socket, Events events)
    : loop_(loop), link_(std::move(socket)), events_(std::move(events)), reach_(loop, [this] { reach(); }) {
  reach_.start(0);
}

std::optional<Refusal> ComposerPort::submit(const Control& control, ControlReply reply, int64_t now_us) {
  if (!connected()) return refusals::composer_unavailable("the composer is away");
  if (!link_.send(controls_.ask(control, std::move(reply), now_us))) {
    lose();
  } else if (link_.wants_to_write()) {
    watch_->want_writable();
  }
  return std::nullopt;
}

void ComposerPort::refuse_late(int64_t now_us) {
  for (const Controls::Pending& late : controls_.expire(now_us))
    late.reply(refusals::composer_unavailable("the composer did not reply"));
}

void ComposerPort::stop() {
  stopped_ = true;
  for (const Controls::Pending& pending : controls_.abandon())
    pending.reply(refusals::composer_unavailable("the server ends"));
}

void ComposerPort::reach() {
  if (stopped_) return;
  if (!link_.try_connect()) return reach_.start(link_.next_try_ms() * limits::us_per_ms);
  try {
    watch_.emplace(loop_, link_.fd(),
                   Watch::Events{[this] { on_readable(); },
                                 [this] {
                                   if (!link_.on_writable()) return lose();
                                   if (link_.wants_to_write()) watch_->want_writable();
                                 },
                                 [this] { lose(); }});
  } catch (const Error&) {
    link_.hang_up();
    throw;
  }
  log_detail("the composer is there");
  if (const std::optional<json> wanted = controls_.wanted_message()) link_.send(*wanted);
  if (subscribed_) ask_for_events();
  if (link_.wants_to_write()) watch_->want_writable();
}

void ComposerPort::on_readable() {
  if (!link_.on_readable([this](const json& message, std::string_view line) { on_message(message, line); }))
    lose();
}

void ComposerPort::lose() {
  watch_.reset();
  link_.hang_up();
  log_detail("the composer has gone");
  events_.lost();
  for (const Controls::Pending& lost : controls_.abandon())
    lost.reply(refusals::composer_unavailable("the composer went away"));
  if (!stopped_) reach_.start(link_.next_try_ms() * limits::us_per_ms);
}

void ComposerPort::subscribe() {
  if (std::exchange(subscribed_, true) || !connected()) return;
  ask_for_events();
  if (link_.wants_to_write()) watch_->want_writable();
}

void ComposerPort::ask_for_events() { link_.send({{"type", "subscribe"}}); }

void ComposerPort::on_message(const json& message, std::string_view line) {
  const auto t = message.find("t");
  if (t != message.end() && t->is_number()) t_s_ = t->get<double>();
  const std::string type = text_of(message, "type");
  if (type == "state") return events_.state(message, t_s_);
  if (type != "control_ack" && type != "error") return events_.event(type, line);
  if (const std::optional<Controls::Pending> settled = controls_.settle(message)) settle(*settled, message);
}

void ComposerPort::settle(const Controls::Pending& settled, const json& message) {
  if (text_of(message, "type") != "control_ack") return settled.reply(refusal_of(message));
  settled.reply(
      AppliedControl{message.value("applied", control_fields(settled.control)), t_s_, settled.asked_us});
}

}  // namespace auralis
