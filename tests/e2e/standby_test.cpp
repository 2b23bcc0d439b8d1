#include <gmock/gmock.h>

#include <future>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

// A PostgreSQL whose commits wait for a standby that never comes.
struct WithoutItsStandby {
  WithoutItsStandby() : chat{alice.makes_chat("PrivateChannel", {}, "the chat")} {
    postgres.set("synchronous_standby_names", "absent");
  }

  // The answer to a message whose commit is cancelled while it waits.
  Reply posts_in_vain(const Headers& key) {
    auto answer = std::async(std::launch::async, [&] {
      return alice.tries_to_post(chat, {{"content", "a fact"}}, key);
    });
    EXPECT_TRUE(eventually([&] {
      cancel_standby_waits(observer);
      return answer.wait_for(std::chrono::milliseconds{20}) == std::future_status::ready;
    }));
    return answer.get();
  }

  PrivatePostgres postgres{{}, PrivatePostgres::Durability::full};
  System system{{postgres.url(), postgres.owner_url(), {}, {}, false, {}}};
  Person alice = system.signs_up("alice");
  postgres::Connection observer{postgres.owner_url()};
  std::int64_t chat;
};

TEST(SynchronousStandby, AMessageThatItDidNotConfirmIsUnknownUntilItsKeyFindsOut) {
  WithoutItsStandby fault;
  const Headers key{{"Idempotency-Key", "6f1c1a9e-3b0f-4a52-9f0e-8a6a4f7f0001"}};
  EXPECT_EQ(fault.posts_in_vain(key).status, 503);
  EXPECT_EQ(fault.observer.run_script("SELECT FROM messages").size(), 1U);
  // It is there, and yet a primary that dies now takes it along.
  EXPECT_EQ(fault.posts_in_vain(key).status, 503);
  fault.postgres.set("synchronous_standby_names", "");
  const auto answer = fault.alice.tries_to_post(fault.chat, {{"content", "a fact"}}, key);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json().at("content"), "a fact");
  EXPECT_EQ(fault.observer.run_script("SELECT FROM messages").size(), 1U);
}

}  // namespace
}  // namespace fechatter::test
