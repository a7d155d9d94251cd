// SPDX-License-Identifier: MIT
#include "play/notices.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/notify.h"

using namespace auralis;

TEST_CASE("What a process tells arrives under its own number alone") {
  const Notices notices;
  ::setenv("NOTIFY_SOCKET", notices.name().c_str(), 1);
  notify_supervisor("READY=1\nSTATUS=here");
  notify_supervisor("READY=2");
  CHECK_FALSE(notices.take(::getpid() + 1));  // which drops what others said
  notify_supervisor("READY=1\nSTATUS=here");
  ::unsetenv("NOTIFY_SOCKET");
  notify_supervisor("READY=3");
  const auto told = notices.take(::getpid());
  REQUIRE(told);
  CHECK(notice_value(*told, "READY") == "1");
  CHECK(notice_value(*told, "STATUS") == "here");
  CHECK(notice_value(*told, "TATUS").empty());
  CHECK_FALSE(notices.take(::getpid()));
}

TEST_CASE("Nobody to tell is no error") {
  for (const char* socket : {"", "relative", "/nonexistent/socket", "@nobody-is-here"}) {
    ::setenv("NOTIFY_SOCKET", socket, 1);
    CHECK_NOTHROW(notify_supervisor("READY=1"));
  }
  ::unsetenv("NOTIFY_SOCKET");
}
