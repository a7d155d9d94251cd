// SPDX-License-Identifier: MIT
// What loop.cpp and stream.cpp share of libwebsockets.
#pragma once

#include <libwebsockets.h>

#include <optional>
#include <unordered_set>
#include <vector>

#include "net/certificate.h"
#include "net/loop.h"
#include "net/stream.h"

namespace auralis {

struct Loop::Inside {
  LoopSettings settings;
  std::function<void()> on_wake;
  NewStream on_stream;
  std::optional<Certificate> certificate;
  std::vector<lws_protocols> protocols;
  lws_context* context = nullptr;
  lws_vhost* vhost = nullptr;
  std::unordered_set<Stream*> streams;
  bool stopped = false;
  bool ending = false;  // the receiver of these events has gone
};

inline Loop::Inside& inside_of(lws* wsi) {
  return *static_cast<Loop::Inside*>(lws_context_user(lws_get_context(wsi)));
}

// The library's callback for streams.
struct StreamEvents {
  static int on_event(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t length);
  static Stream& stream_of(lws* wsi);
  static int handle(lws* wsi, lws_callback_reasons reason, std::string_view bytes);
  static void release_handler(Stream& stream);
};

}  // namespace auralis
