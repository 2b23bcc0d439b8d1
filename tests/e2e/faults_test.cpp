#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::ElementsAre;

// A conversation between alice and bob during a fault.
struct Conversation {
  explicit Conversation(SystemOptions options = {}) : system{std::move(options)} {}

  std::vector<std::string> bob_receives_until(const std::string& last) {
    std::vector<std::string> contents;
    while (const auto event = session.next("NewMessage")) {
      contents.push_back(event->data.at("content"));
      if (contents.back() == last) break;
    }
    return contents;
  }

  std::string health_of(const Server& server) const {
    const auto reply = request(server.port(), "GET", "/health");
    return fmt::format("{} {}", reply.status, reply.json().at("status").get<std::string>());
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
  SseStream session = bob.subscribes();
};

TEST(NatsOutage, MessagesAreAcceptedAndTheirEventsAreDeliveredAfterwards) {
  Conversation talk;
  talk.alice.posts(talk.chat, "before");
  EXPECT_THAT(talk.bob_receives_until("before"), ElementsAre("before"))
      << talk.system.server.log() << talk.system.notify.log();

  talk.system.nats.kill();
  for (const auto* text : {"one", "two", "three"}) talk.alice.posts(talk.chat, text);
  // The metrics have asked before; that answer is remembered for half a second.
  EXPECT_TRUE(eventually([&] { return talk.health_of(talk.system.server) == "200 degraded"; }));
  EXPECT_TRUE(eventually([&] { return talk.health_of(talk.system.notify) == "200 degraded"; }));

  talk.system.nats.start();
  EXPECT_THAT(talk.bob_receives_until("three"), ElementsAre("one", "two", "three"));
  EXPECT_TRUE(eventually([&] { return talk.health_of(talk.system.server) == "200 healthy"; }));
  EXPECT_TRUE(eventually([&] { return talk.health_of(talk.system.notify) == "200 healthy"; }));
}

TEST(LostNatsConsumer, EventsAreStillDelivered) {
  Conversation talk;
  talk.alice.posts(talk.chat, "before");
  EXPECT_THAT(talk.bob_receives_until("before"), ElementsAre("before"));
  talk.system.nats.forget_consumers();
  talk.alice.posts(talk.chat, "after");
  EXPECT_THAT(talk.bob_receives_until("after"), ElementsAre("after"));
}

TEST(LostNatsStore, EachEventIsDeliveredOnce) {
  Conversation talk;
  talk.alice.posts(talk.chat, "before");
  EXPECT_THAT(talk.bob_receives_until("before"), ElementsAre("before"));

  talk.system.nats.kill();
  talk.system.nats.lose_store();
  talk.alice.posts(talk.chat, "meanwhile");
  talk.system.nats.start();

  talk.alice.posts(talk.chat, "after");
  EXPECT_THAT(talk.bob_receives_until("after"), ElementsAre("meanwhile", "after"));
  EXPECT_EQ(talk.system.database->number("SELECT epoch FROM relay_state"), 2);
}

TEST(PostgresOutage, RequestsAreRefusedWith503AndTheServerRecovers) {
  PrivatePostgres postgres;
  Conversation talk{{postgres.url(), postgres.owner_url(), {}, {}, true, postgres.notify_url()}};
  talk.alice.posts(talk.chat, "before");
  EXPECT_THAT(talk.bob_receives_until("before"), ElementsAre("before"));

  postgres.crash();
  const auto refused = talk.alice.tries_to_post(talk.chat, {{"content", "lost"}});
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_FALSE(refused.header("retry-after").empty());
  EXPECT_EQ(refused.json().at("code"), "server.database_unavailable");
  EXPECT_EQ(talk.alice.get("/api/chat").status, 503);
  EXPECT_TRUE(eventually([&] { return talk.health_of(talk.system.server) == "503 unhealthy"; }));
  EXPECT_EQ(talk.system.get("/health/simple").status, 200);

  postgres.start();
  // The first request after the restart succeeds.
  EXPECT_EQ(talk.alice.get("/api/chat").status, 200);
  EXPECT_EQ(talk.alice.tries_to_post(talk.chat, {{"content", "after"}}).status, 201);
  EXPECT_THAT(talk.bob_receives_until("after"), ElementsAre("after"))
      << talk.system.server.log() << talk.system.notify.log();
  const auto history = talk.bob.get(fmt::format("/api/chat/{}/messages", talk.chat)).json();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].at("content"), "after");
  EXPECT_EQ(history[0].at("seq"), 2);
  EXPECT_TRUE(eventually([&] { return talk.health_of(talk.system.server) == "200 healthy"; }));
}

TEST(PostgresRestart, EveryAcceptedMessageIsDeliveredOnceAndInOrder) {
  PrivatePostgres postgres;
  Conversation talk{{postgres.url(), postgres.owner_url(), {}, {}, true, postgres.notify_url()}};
  std::vector<std::string> accepted;
  std::atomic<bool> running{true};
  std::thread writer{[&] {
    for (int i = 0; running && i < 2000; ++i) {
      const auto text = fmt::format("message {}", i);
      // A refused or interrupted send is retried with the same key until it is accepted.
      const auto key = fmt::format("00000000-0000-4000-8000-{:012}", i);
      const bool stored = eventually([&] {
        const auto status =
            talk.alice.tries_to_post(talk.chat, {{"content", text}}, {{"Idempotency-Key", key}})
                .status;
        return status == 201 || status == 200;
      });
      if (stored) accepted.push_back(text);
    }
  }};
  const auto count = [&] {
    return talk.alice.get(fmt::format("/api/chat/{}", talk.chat)).status == 200;
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(eventually(count));
    postgres.crash();
    postgres.start();
  }
  EXPECT_TRUE(eventually(count));
  running = false;
  writer.join();
  talk.alice.posts(talk.chat, "the end");
  accepted.emplace_back("the end");
  EXPECT_EQ(talk.bob_receives_until("the end"), accepted);
}

TEST(KilledFechatterServer, AcceptedMessagesAreDeliveredAfterTheRestart) {
  Conversation talk;
  talk.system.nats.kill();  // keeps the events in the outbox
  talk.alice.posts(talk.chat, "accepted");
  talk.system.server.kill();
  talk.system.nats.start();
  talk.system.server.start();
  EXPECT_THAT(talk.bob_receives_until("accepted"), ElementsAre("accepted"));
}

TEST(Sigterm, BothServersExitWithCodeZero) {
  Conversation talk;
  EXPECT_EQ(talk.system.notify.stop(), 0) << talk.system.notify.log();
  EXPECT_EQ(talk.system.server.stop(), 0) << talk.system.server.log();
}

TEST(Sigterm, OpenStreamsAreEnded) {
  Conversation talk;
  talk.system.notify.signal(SIGTERM);
  EXPECT_TRUE(talk.session.ends());
}

TEST(NotifyServerRestart, AClientResumesFromItsCursor) {
  Conversation talk;
  talk.alice.posts(talk.chat, "before");
  const auto seen = talk.session.next("NewMessage");
  ASSERT_TRUE(seen);
  talk.system.notify.kill();
  talk.alice.posts(talk.chat, "meanwhile");
  talk.system.notify.start();
  talk.session = talk.bob.subscribes(seen->id);
  EXPECT_THAT(talk.bob_receives_until("meanwhile"), ElementsAre("meanwhile"));
}

}  // namespace
}  // namespace fechatter::test
