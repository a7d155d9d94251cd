// SPDX-License-Identifier: MIT
// doctest where LibTorch was included before: its logging has macros of the same names.
#pragma once

#undef CHECK
#undef CHECK_GT
#undef CHECK_LT
#undef CHECK_EQ
#undef CHECK_NE
#undef CHECK_GE
#undef CHECK_LE
#include <doctest/doctest.h>
