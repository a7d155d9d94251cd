// SPDX-License-Identifier: MIT
// The server's controls: who may, what becomes of them, and the line to the composer.
#include <fcntl.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "serve/protocol.h"
#include "serve/server_impl.h"

namespace auralis {
namespace {

using nlohmann::json;

std::string given_token(const HttpRequest& request) {
  if (request.authorization.starts_with(bearer)) return request.authorization.substr(bearer.size());
  const auto argument = request.query.find("token");
  return argument == request.query.end() ? "" : argument->second;
}

// Frames that are not sent yet: those of a piece that was cut short never are.
constexpr size_t most_awaited = 1000;
constexpr double most_age_us = 60e6;  // of a timestamp: an older one is of another clock

}  // namespace

// No origin: not a page. On loopback a page's own host must be a loopback name, too: a name that a stranger's
// DNS turned to 127.0.0.1 is not.
bool Server::own_origin(const HttpRequest& request) const {
  if (request.origin.empty()) return true;
  if (is_listed_origin(request)) return true;
  if (is_loopback(settings_.host) && !is_loopback(request.host)) return false;
  return request.origin == page_origin(!settings_.tls_cert.empty(), request.host);
}

bool Server::is_listed_origin(const HttpRequest& request) const {
  return std::find(settings_.origins.begin(), settings_.origins.end(), request.origin) !=
         settings_.origins.end();
}

std::optional<HttpResponse> Server::refuse_control_by(const HttpRequest& request) const {
  if (!own_origin(request)) {
    return http_error(403, "origin_not_allowed",
                      "pages of this origin may not control (--origin allows them)", "Origin");
  }
  if (!controls_open_)
    return http_error(403, "controls_off", "controls are off: the server was started without a token");
  if (settings_.token.empty()) return std::nullopt;
  const std::string given = given_token(request);
  if (given.empty()) return http_error(401, "unauthorized", "controls need the token", "token");
  if (!same_secret(given, settings_.token))
    return http_error(403, "forbidden", "the token is not right", "token");
  return std::nullopt;
}

std::optional<HttpResponse> Server::refuse_control(const Connection& connection) {
  // Wrong tokens count, too, or they could be tried at any speed.
  if (!control_rate_.take(connection.address, now_us())) {
    return http_error(
        429, "too_many_controls",
        "expected at most " + std::to_string(static_cast<int>(control_limit.per_s)) + " a second");
  }
  return refuse_control_by(connection.request);
}

// nullopt when the control is on its way.
std::optional<HttpResponse> Server::submit(Connection& connection, const json& body) {
  Control control;
  try {
    control = parse_control(body);
  } catch (const ControlError& error) {
    return http_error(400, "bad_control", error.what(), error.field);
  }
  if (control.empty())
    return http_error(400, "bad_control", "nothing is set, expected such as {\"intensity\": 0.5}");
  if (!link_.connected()) return http_error(503, "composer_unavailable", "the composer is away");
  const std::string id = control.id;
  if (!link_.send(controls_.ask(control, {connection.id, id}, now_us()))) {
    lws_set_timeout(composer_wsi_, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
  } else if (link_.wants_to_write()) {
    lws_callback_on_writable(composer_wsi_);
  }
  return std::nullopt;
}

void Server::settle(const Controls::Pending& pending, json answer, int64_t position) {
  const auto found = connections_.find(pending.asker.connection);
  if (found == connections_.end()) return;
  Connection& connection = *found->second;
  const bool good = answer["type"] == "control_ack";
  answer["id"] = pending.asker.id;
  if (connection.waits_for_composer) {
    if (good) answer["position"] = position;
    const bool away = answer.value("code", "") == "composer_unavailable";
    HttpResponse response = json_response(good ? 200 : away ? 503 : 400, answer);
    if (away) response.headers.emplace_back("Retry-After", "1");
    respond(connection, std::move(response));
  } else if (connection.listener) {
    if (good) answer["position"] = position_for(*connection.listener, position);
    send(connection, answer);
  }
}

void Server::on_composer(const json& message) {
  const auto text = [&message](const char* name) {
    const auto found = message.find(name);
    return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto t = message.find("t");
  if (t != message.end() && t->is_number()) composer_t_s_ = t->get<double>();
  const std::string type = text("type");
  if (type == "state") return on_state(message, composer_t_s_);

  const std::optional<Controls::Pending> settled = controls_.settle(message);
  if (!settled) return;
  if (type == "control_ack") {
    const int64_t position = std::max<int64_t>(station_->position_of(composer_t_s_, composer_t_s_), 0);
    await(controlled_, position, settled->arrived_us);
    settle(*settled,
           {{"type", "control_ack"}, {"applied", message.value("applied", control_fields(settled->control))}},
           position);
  } else {
    const std::string code = text("code");
    settle(*settled, code == "ending" ? error_message("composer_unavailable", text("message"), true)
                                      : error_message(code.empty() ? "bad_control" : code, text("message"),
                                                      false, text("field")));
  }
}

void Server::await(std::deque<Origin>& origins, int64_t position, int64_t began_us) const {
  if (!station_->open()) return;
  const Origin origin{station_->input_of(position), began_us};
  const auto later = std::find_if(origins.begin(), origins.end(), [origin](const Origin& other) {
    return other.input_frame > origin.input_frame;
  });
  origins.insert(later, origin);
  if (origins.size() > most_awaited) origins.pop_back();
}

void Server::observe_left(std::deque<Origin>& origins, Latency& latency) {
  const int64_t now = now_us();
  const int64_t left = station_->input_of(station_->position());
  while (!origins.empty() && origins.front().input_frame < left) {
    latency.observe(static_cast<double>(now - origins.front().began_us) / us_per_ms);
    origins.pop_front();
  }
}

// The composer tells its state every second; listeners hear of it when it is another one.
void Server::on_state(const json& message, double t_s) {
  json state = message;
  for (const char* name : {"type", "id", "t", "composed_at", "presets", "next_chord"}) state.erase(name);
  const int64_t position = station_->position_of(t_s, t_s);
  const auto composed_at = message.find("composed_at");
  if (composed_at != message.end() && composed_at->is_number() && position >= station_->position()) {
    const int64_t now = now_us();
    const double age_us = static_cast<double>(now) - composed_at->get<double>() * us_per_s;
    if (age_us >= 0 && age_us < most_age_us) await(composed_, position, now - std::llround(age_us));
  }
  const auto next = message.find("next_chord");
  next_chord_position_.reset();
  if (next != message.end() && next->is_number()) next_chord_position_ = station_->position_of(*next, t_s);
  if (state == composer_state_ && next_chord_position_ == told_next_chord_position_) return;
  composer_state_ = std::move(state);
  told_next_chord_position_ = next_chord_position_;
  broadcast([&](const Listener& listener) { return state_message(listener, position); });
}

json Server::state_message(const Listener& listener, int64_t position) const {
  json state = composer_state_;
  state["type"] = "state";
  state["position"] = position_for(listener, position);
  if (next_chord_position_) state["next_chord_position"] = position_for(listener, *next_chord_position_);
  return state;
}

void Server::reach_composer() {
  if (phase_ != Phase::running) return;
  if (!link_.try_connect()) return start(reach_, &Server::reach_composer, link_.next_try_ms() * us_per_ms);
  // The loop waits on a descriptor of its own and closes that; the link keeps its own.
  try {
    composer_wsi_ = adopt(::fcntl(link_.fd(), F_DUPFD_CLOEXEC, 0));
  } catch (const Error&) {
    link_.hang_up();
    throw;
  }
  log_detail("the composer is there");
  if (const std::optional<json> wanted = controls_.wanted_message()) link_.send(*wanted);
}

void Server::lose_composer() {
  composer_wsi_ = nullptr;
  if (phase_ == Phase::done) return;
  link_.hang_up();
  station_->composer_restarted();
  next_chord_position_.reset();
  controlled_.clear();
  composed_.clear();
  log_detail("the composer has gone");
  for (const Controls::Pending& lost : controls_.abandon()) {
    settle(lost, error_message("composer_unavailable", "the composer went away", true));
  }
  start(reach_, &Server::reach_composer, link_.next_try_ms() * us_per_ms);
}

}  // namespace auralis
