#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::ElementsAre;

// The stream loses one of six messages while notify_server is down or stopped. The relay, whose own
// check would find the loss later, is stopped until notify_server has requested a verification.
class DamagedStream : public testing::Test {
 protected:
  // REQUIRES: no consumer reads the stream.
  void send_six_and_lose_the_third() {
    for (const auto* text : {"1", "2", "3", "4", "5", "6"}) alice.posts(chat, text);
    ASSERT_TRUE(published_in_epoch(1));
    system.server.signal(SIGSTOP);
    jsCtx* raw = nullptr;
    nats::check(natsConnection_JetStream(&raw, connection.raw(), nullptr), "jetstream");
    const std::unique_ptr<jsCtx, nats::Destroyer<jsCtx, jsCtx_Destroy>> context{raw};
    nats::check(js_DeleteMsg(raw, event::stream_name, position_of("3"), nullptr, nullptr),
                "delete");
  }
  // Waits until notify_server requests a verification of the last seen message, then resumes the
  // relay.
  void await_verification_request() {
    const auto message = verification_requests.next(std::chrono::seconds{15});
    const auto seen = message ? event::parse_observation(message->data()) : std::nullopt;
    system.server.signal(SIGCONT);
    ASSERT_TRUE(seen) << system.notify.log();
    EXPECT_EQ(seen->stream_seq, position_of("2"));
  }

  std::uint64_t position_of(const std::string& text) {
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
      return false;  // it does not accept connections yet
    }
  }
  // The frames up to `last`: the content of each message, and the names of Reset and CaughtUp.
  static std::vector<std::string> frames_until(SseStream& stream, const std::string& last) {
    std::vector<std::string> frames;
    while (const auto event = stream.next()) {
      if (event->name == "NewMessage") frames.push_back(event->data.at("content"));
      if (event->name == "Reset" || event->name == "CaughtUp") frames.push_back(event->name);
      if (!frames.empty() && frames.back() == last) break;
    }
    return frames;
  }
  // The contents of the chat as REST lists them, newest first.
  std::vector<std::string> bob_reads() const {
    std::vector<std::string> texts;
    for (const auto& message : bob.get(fmt::format("/api/chat/{}/messages", chat)).json()) {
      texts.push_back(message.at("content"));
    }
    return texts;
  }

  System system;
  nats::Connection connection{{system.nats.url(), "test"}};
  nats::Subscription verification_requests = connection.subscribe(event::verify_subject);
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
  SseStream session = bob.subscribes();
};

TEST_F(DamagedStream, ALossIsRepublishedAndAnOpenStreamReceivesEverythingOnce) {
  alice.posts(chat, "0");
  ASSERT_TRUE(session.next("NewMessage"));  // the consumer exists
  system.notify.signal(SIGSTOP);
  system.nats.forget_consumers();  // its socket would buffer all six messages
  send_six_and_lose_the_third();
  system.notify.signal(SIGCONT);
  await_verification_request();
  EXPECT_TRUE(published_in_epoch(2));
  alice.posts(chat, "7");
  EXPECT_THAT(frames_until(session, "7"), ElementsAre("1", "2", "3", "4", "5", "6", "7"));
}

// Bob's cursor is of the epoch before.
TEST_F(DamagedStream, AClientOfThePreviousEpochIsResetOnce) {
  alice.posts(chat, "0");
  const auto cursor = session.next("NewMessage").value().id;
  system.notify.kill();
  send_six_and_lose_the_third();
  system.notify.spawn();
  await_verification_request();
  EXPECT_TRUE(published_in_epoch(2));
  EXPECT_TRUE(eventually([this] { return is_up(system.notify); }));
  session = bob.subscribes(cursor);
  EXPECT_THAT(frames_until(session, "CaughtUp"), ElementsAre("Reset", "CaughtUp"));
  EXPECT_THAT(bob_reads(), ElementsAre("6", "5", "4", "3", "2", "1", "0"));
  alice.posts(chat, "7");
  EXPECT_THAT(frames_until(session, "7"), ElementsAre("7"));
}

}  // namespace
}  // namespace fechatter::test
