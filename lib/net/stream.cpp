// SPDX-License-Identifier: MIT
#include "net/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "net/loop_inside.h"

namespace auralis {

namespace {

// The library keeps the certificate that it began with; a connection shows the newest.
int choose_certificate(SSL* connection, void* loop) {
  const std::optional<Certificate>& certificate = static_cast<Loop::Inside*>(loop)->certificate;
  return certificate && certificate->show_on(connection) ? 1 : 0;
}

}  // namespace

int StreamEvents::on_event(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t length) {
  if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) {
    SSL_CTX_set_cert_cb(static_cast<SSL_CTX*>(user), choose_certificate, &inside_of(wsi));
    return 0;
  }
  // Nothing may be thrown through the library; one connection is all that an error may cost.
  try {
    return handle(wsi, reason, {static_cast<const char*>(in), length});
  } catch (const std::exception& error) {
    log_warning(std::string("a connection was closed: ") + error.what());
    return -1;
  }
}

int StreamEvents::handle(lws* wsi, lws_callback_reasons reason, std::string_view bytes) {
  switch (reason) {
    case LWS_CALLBACK_RAW_ADOPT:
      stream_of(wsi);
      return 0;
    case LWS_CALLBACK_RAW_RX: {
      Stream& stream = stream_of(wsi);
      stream.on_bytes(bytes);
      return stream.failed_ ? -1 : 0;
    }
    case LWS_CALLBACK_RAW_WRITEABLE: {
      Stream& stream = stream_of(wsi);
      stream.on_writable();
      return stream.failed_ ? -1 : 0;
    }
    case LWS_CALLBACK_WSI_DESTROY: {
      const std::unique_ptr<Stream> stream(static_cast<Stream*>(lws_get_opaque_user_data(wsi)));
      lws_set_opaque_user_data(wsi, nullptr);
      if (stream) inside_of(wsi).streams.erase(stream.get());
      return 0;
    }
    default:
      return 0;
  }
}

Stream& StreamEvents::stream_of(lws* wsi) {
  if (auto* known = static_cast<Stream*>(lws_get_opaque_user_data(wsi))) return *known;
  Loop::Inside& loop = inside_of(wsi);
  std::unique_ptr<Stream> stream(new Stream(wsi, loop.settings));
  stream->handler_ = loop.on_stream(*stream);
  loop.streams.insert(stream.get());
  lws_set_opaque_user_data(wsi, stream.get());
  return *stream.release();
}

void StreamEvents::release_handler(Stream& stream) { stream.handler_.reset(); }

Stream::Stream(lws* wsi, const LoopSettings& settings) : wsi_(wsi), settings_(settings) {
  std::string address(64, '\0');
  lws_get_peer_simple(wsi, address.data(), address.size());
  address_ = address.c_str();
}

Stream::~Stream() = default;

bool Stream::is_encrypted() const { return lws_is_ssl(wsi_) != 0; }

void Stream::on_bytes(std::string_view bytes) {
  // After the handshake of TLS the library gives a connection some time for what it knows nothing about.
  if (heard_us_ == 0) no_deadline();
  heard_us_ = monotonic_us();
  if (finishing_ || !handler_) return discard(bytes);
  handler_->on_bytes(bytes);
  set_reading();
}

void Stream::on_writable() {
  if (failed_) return;
  if (set_reading() && reading_) {
    // It is read before more is written: else, where every packet fills the kernel's buffer, it never would be.
    want_writable();
  } else if (!finishing_ && handler_) {
    handler_->on_writable();
    set_reading();
  }
}

void Stream::want_writable() { lws_callback_on_writable(wsi_); }

bool Stream::takes_at_once() const {
  return reading_ && !finishing_ && !failed_ && lws_send_pipe_choked(wsi_) == 0;
}

void Stream::write(std::string_view bytes) {
  // What is written is not changed, whatever the library's type says.
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  if (lws_write(wsi_, data, bytes.size(), LWS_WRITE_RAW) < 0) {
    failed_ = true;
    hang_up();  // where it was not the loop that asked
  }
  set_reading();
}

void Stream::update_reading() { set_reading(); }

// Of a connection that takes no more the library reads nothing, whatever is asked: what came would wake it again and
// again.
bool Stream::set_reading() {
  const bool wanted = finishing_ || !handler_ || handler_->wants_bytes();
  const bool reading = wanted && lws_partial_buffered(wsi_) == 0;
  const bool changed = std::exchange(reading_, reading) != reading;
  if (changed) lws_rx_flow_control(wsi_, reading ? 1 : 0);
  return changed;
}

void Stream::deadline(int seconds) { lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_OK, seconds); }

void Stream::no_deadline() { lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0); }

void Stream::discard(std::string_view bytes) {
  discarded_ += bytes.size();
  if (discarded_ > settings_.most_discarded) failed_ = true;
}

void Stream::finish() {
  if (std::exchange(finishing_, true)) return;
  discarded_ = 0;
  if (is_encrypted()) {
    SSL_shutdown(lws_get_ssl(wsi_));
    ERR_clear_error();  // what it left there is nobody else's
  }
  ::shutdown(lws_get_socket_fd(wsi_), SHUT_WR);
  deadline(settings_.linger_s);
  set_reading();
}

void Stream::hang_up() { lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC); }

void Stream::keep_at_most(int bytes) {
  ::setsockopt(lws_get_socket_fd(wsi_), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

}  // namespace auralis
