#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::ElementsAre;

// The stream loses one of six messages while notify_server is not there to read them. The relay,
// which would find that by itself after a while, is stopped until it has been told.
class ADamagedStream : public testing::Test {
 protected:
  // REQUIRES: nobody reads the stream.
  void six_are_sent_and_the_third_is_lost() {
    for (const auto* text : {"1", "2", "3", "4", "5", "6"}) alice.posts(chat, text);
    ASSERT_TRUE(published_in_epoch(1));
    system.server.signal(SIGSTOP);
    jsCtx* raw = nullptr;
    nats::check(natsConnection_JetStream(&raw, connection.raw(), nullptr), "jetstream");
    const std::unique_ptr<jsCtx, nats::Destroyer<jsCtx, jsCtx_Destroy>> context{raw};
    nats::check(js_DeleteMsg(raw, event::stream_name, place_of("3"), nullptr, nullptr), "delete");
  }
  // The relay is shown what was seen last, and goes on.
  void the_relay_is_told() {
    const auto message = asked.next(std::chrono::seconds{15});
    const auto seen = message ? event::parse_observation(message->data()) : std::nullopt;
    system.server.signal(SIGCONT);
    ASSERT_TRUE(seen) << system.notify.log();
    EXPECT_EQ(seen->stream_seq, place_of("2"));
  }

  std::uint64_t place_of(const std::string& text) {
    return static_cast<std::uint64_t>(system.database->number(
        fmt::format("SELECT stream_seq FROM outbox WHERE data->>'content' = '{}'", text)));
  }
  bool published_in_epoch(int epoch) {
    return eventually([&] {
      return system.database->number(fmt::format(
                 "SELECT count(*) FROM outbox WHERE epoch IS DISTINCT FROM {}", epoch)) == 0;
    });
  }

  static bool is_up(const Server& server) {
    try {
      return request(server.port(), "GET", "/health/simple").status == 200;
    } catch (const std::exception&) {
      return false;  // nobody listens yet
    }
  }
  // Up to `last`: the texts of messages, and the names of what says where the stream stands.
  static std::vector<std::string> told_by(SseStream& stream, const std::string& last) {
    std::vector<std::string> told;
    while (const auto event = stream.next()) {
      if (event->name == "NewMessage") told.push_back(event->data.at("content"));
      if (event->name == "Reset" || event->name == "CaughtUp") told.push_back(event->name);
      if (!told.empty() && told.back() == last) break;
    }
    return told;
  }
  // The newest first.
  std::vector<std::string> bob_reads() const {
    std::vector<std::string> texts;
    for (const auto& message : bob.get(fmt::format("/api/chat/{}/messages", chat)).json()) {
      texts.push_back(message.at("content"));
    }
    return texts;
  }

  System system;
  nats::Connection connection{{system.nats.url(), "test"}};
  nats::Subscription asked = connection.subscribe(event::verify_subject);
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
  SseStream session = bob.listens();
};

TEST_F(ADamagedStream, IsShownToTheRelayWhichHealsItAndAnOpenStreamHasEverythingOnce) {
  alice.posts(chat, "0");
  ASSERT_TRUE(session.next("NewMessage"));  // so there is a consumer
  system.notify.signal(SIGSTOP);
  system.nats.forget_consumers();  // or its socket would hold all six
  six_are_sent_and_the_third_is_lost();
  system.notify.signal(SIGCONT);
  the_relay_is_told();
  EXPECT_TRUE(published_in_epoch(2));
  alice.posts(chat, "7");
  EXPECT_THAT(told_by(session, "7"), ElementsAre("1", "2", "3", "4", "5", "6", "7"));
}

// Bob's position is of an epoch that has ended.
TEST_F(ADamagedStream, IsHealedWhenNotifyServerStartsAndWhoComesBackIsResetOnce) {
  alice.posts(chat, "0");
  const auto cursor = session.next("NewMessage").value().id;
  system.notify.kill();
  six_are_sent_and_the_third_is_lost();
  system.notify.spawn();
  the_relay_is_told();
  EXPECT_TRUE(published_in_epoch(2));
  EXPECT_TRUE(eventually([this] { return is_up(system.notify); }));
  session = bob.listens(cursor);
  EXPECT_THAT(told_by(session, "CaughtUp"), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(bob_reads(), ElementsAre("6", "5", "4", "3", "2", "1", "0"));
  alice.posts(chat, "7");
  EXPECT_THAT(told_by(session, "7"), ElementsAre("7"));
}

}  // namespace
}  // namespace fechatter::test
