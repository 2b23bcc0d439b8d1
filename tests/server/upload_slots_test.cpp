#include "fechatter_server/file/upload_slots.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

constexpr UserId slot_alice{1};
constexpr UserId slot_bob{2};

std::optional<ErrorCode> refusal_of(UploadSlots& slots, UserId user) {
  try {
    slots.take(user);
    return std::nullopt;
  } catch (const Error& error) {
    return error.code();
  }
}

TEST(UploadSlots, AUserHasAFewOfThem) {
  UploadSlots slots{10, 2};
  const auto first = slots.take(slot_alice);
  {
    const auto second = slots.take(slot_alice);
    EXPECT_EQ(refusal_of(slots, slot_alice), ErrorCode::rate_limited);
    EXPECT_EQ(refusal_of(slots, slot_bob), std::nullopt);
  }
  EXPECT_EQ(refusal_of(slots, slot_alice), std::nullopt);
  EXPECT_EQ(slots.taken(), 1U);
}

TEST(UploadSlots, AllUsersShareThem) {
  UploadSlots slots{2, 2};
  const auto first = slots.take(slot_alice);
  auto second = std::make_optional(slots.take(slot_bob));
  EXPECT_EQ(refusal_of(slots, slot_bob), ErrorCode::overloaded);
  second.reset();
  EXPECT_EQ(refusal_of(slots, slot_bob), std::nullopt);
}

TEST(UploadSlots, OneThatWasMovedIsGivenBackOnce) {
  UploadSlots slots{2, 2};
  {
    auto first = slots.take(slot_alice);
    const auto moved = std::move(first);
    EXPECT_EQ(slots.taken(), 1U);
  }
  EXPECT_EQ(slots.taken(), 0U);
}

}  // namespace
}  // namespace fechatter::server
