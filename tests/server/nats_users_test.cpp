#include <gmock/gmock.h>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_core/nats/pull_consumer.hpp"
#include "tests/support/services.hpp"

// The users of NATS (deploy/nats/users.conf). That each may do what it must is shown by all tests
// that start a server; here is what they may not.
namespace fechatter::nats {
namespace {

using std::chrono::seconds;

// Whether NATS accepts what `act` does with a connection.
template <class Act>
bool is_permitted(const Settings& settings, Act act) {
  Connection connection{settings};
  act(connection);
  try {
    connection.ping(seconds{5});  // a refusal comes before its answer
  } catch (const Failure& failure) {
    if (failure.status() != NATS_NOT_PERMITTED) throw;
  }
  const char* text = nullptr;
  return natsConnection_GetLastError(connection.raw(), &text) != NATS_NOT_PERMITTED;
}

bool may_publish(const Settings& settings, const std::string& subject) {
  return is_permitted(settings, [&](Connection& connection) { connection.publish(subject, "x"); });
}

bool may_subscribe(const Settings& settings, const std::string& subject) {
  std::optional<Subscription> subscription;
  return is_permitted(settings, [&](Connection& connection) {
    subscription.emplace(connection.subscribe(subject));
  });
}

// A subject, and which of fechatter_server and notify_server may use it.
struct Row {
  const char* subject;
  bool server;
  bool notify;
};

event::Publication publication(const std::string& id, std::uint64_t after) {
  event::Publication event;
  event.subject = "fechatter.v1.event.1.1.NewMessage";
  event.message_id = id;
  event.expected_last_seq = after;
  event.data = "an event";
  return event;
}

class UsersOfNats : public testing::Test {
 protected:
  void publish_event() {
    connection.publish("fechatter.v1.event.1.1.T", "{}");
    connection.ping(seconds{5});
  }

  test::NatsServer nats;
  const Settings server = nats.as_server("test");
  const Settings notify = nats.as_notify("test");
  Connection connection{{nats.url(), "admin"}};
};

TEST_F(UsersOfNats, PublishTheirSubjectsOnly) {
  const Row rows[] = {
      {"fechatter.v1.event.1.1.NewMessage", true, false},
      {"fechatter.v1.dead.search", true, false},
      {"fechatter.v1.dead.other", false, false},
      {"fechatter.v1.realtime.outbox", true, false},
      {"fechatter.v1.realtime.revoked", true, false},
      {"fechatter.v1.realtime.activity", true, false},
      {"fechatter.v1.realtime.presence", false, true},
      {"fechatter.v1.realtime.subscriptions", false, true},
      {"fechatter.v1.realtime.verify", false, true},
      {"fechatter.v1.realtime.delivered", false, true},
      {"fechatter.v1.realtime.other", false, false},
      {"fechatter.v2.event.1.1.NewMessage", false, false},
      {"_INBOX.fechatter_server.x.1", false, false},
      {"_INBOX.notify_server.x.1", false, false},
      {"_INBOX.x.1", false, false},
      {"$SYS.REQ.SERVER.PING", false, false},
      {"$JS.API.INFO", false, false},
      {"$JS.API.STREAM.NAMES", false, false},
      {"$JS.API.STREAM.INFO.FECHATTER_EVENTS", true, true},
      {"$JS.API.STREAM.CREATE.FECHATTER_EVENTS", true, false},
      {"$JS.API.STREAM.UPDATE.FECHATTER_EVENTS", true, false},
      {"$JS.API.STREAM.PURGE.FECHATTER_EVENTS", true, false},
      {"$JS.API.STREAM.DELETE.FECHATTER_EVENTS", false, false},
      {"$JS.API.STREAM.SNAPSHOT.FECHATTER_EVENTS", false, false},
      {"$JS.API.STREAM.RESTORE.FECHATTER_EVENTS", false, false},
      {"$JS.API.STREAM.MSG.GET.FECHATTER_EVENTS", true, true},
      {"$JS.API.STREAM.MSG.DELETE.FECHATTER_EVENTS", true, false},
      {"$JS.API.STREAM.CREATE.FECHATTER_DEAD", true, false},
      {"$JS.API.STREAM.MSG.GET.FECHATTER_DEAD", false, false},
      {"$JS.API.STREAM.PURGE.FECHATTER_DEAD", false, false},
      {"$JS.API.STREAM.CREATE.OTHER", false, false},
      {"$JS.API.CONSUMER.CREATE.FECHATTER_EVENTS", true, true},
      {"$JS.API.CONSUMER.CREATE.FECHATTER_DEAD", false, false},
      {"$JS.API.CONSUMER.CREATE.FECHATTER_EVENTS.search", true, false},
      {"$JS.API.CONSUMER.CREATE.FECHATTER_EVENTS.search.fechatter.v1.event.>", true, false},
      {"$JS.API.CONSUMER.DURABLE.CREATE.FECHATTER_EVENTS.search", true, false},
      {"$JS.API.CONSUMER.DURABLE.CREATE.FECHATTER_EVENTS.other", false, false},
      {"$JS.API.CONSUMER.DELETE.FECHATTER_EVENTS.search", true, false},
      {"$JS.API.CONSUMER.DELETE.FECHATTER_EVENTS.x", true, true},
      {"$JS.API.CONSUMER.MSG.NEXT.FECHATTER_EVENTS.search", true, false},
      {"$JS.API.CONSUMER.MSG.NEXT.FECHATTER_EVENTS.x", true, true},
      {"$JS.API.CONSUMER.NAMES.FECHATTER_EVENTS", false, false},
      {"$JS.ACK.FECHATTER_EVENTS.search.1.1.1.1.0", true, false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(may_publish(server, row.subject), row.server) << row.subject;
    EXPECT_EQ(may_publish(notify, row.subject), row.notify) << row.subject;
  }
}

TEST_F(UsersOfNats, SubscribeToTheirSubjectsOnly) {
  const Row rows[] = {
      {"fechatter.v1.realtime.outbox", true, false},
      {"fechatter.v1.realtime.verify", true, false},
      {"fechatter.v1.realtime.revoked", true, true},
      {"fechatter.v1.realtime.presence", false, true},
      {"fechatter.v1.realtime.delivered", false, false},  // the server only in its queue
      {"fechatter.v1.realtime.subscriptions", false, true},
      {"fechatter.v1.realtime.activity", false, true},
      {"_INBOX.fechatter_server.x.*", true, false},
      {"_INBOX.notify_server.x.*", false, true},
      {"_INBOX.>", false, false},
      {"_INBOX.*.>", false, false},
      {"fechatter.v1.event.>", false, false},  // only through JetStream
      {"fechatter.v1.event.1.1.NewMessage", false, false},
      {"fechatter.v1.realtime.*", false, false},
      {"fechatter.v1.dead.>", false, false},
      {">", false, false},
      {"$JS.API.>", false, false},
      {"$SYS.>", false, false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(may_subscribe(server, row.subject), row.server) << row.subject;
    EXPECT_EQ(may_subscribe(notify, row.subject), row.notify) << row.subject;
  }
}

TEST_F(UsersOfNats, OthersAreNotLetIn) {
  auto unnamed = server;
  unnamed.url = unnamed.url.substr(0, unnamed.url.find("//") + 2) +
                unnamed.url.substr(unnamed.url.find('@') + 1);
  auto wrong = unnamed;
  wrong.user = "notify_server";
  wrong.password = "secret_of_fechatter_server";
  for (const auto& settings : {unnamed, wrong}) {
    try {
      Connection stranger{settings};
      ADD_FAILURE() << "was let in";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.status(), NATS_CONNECTION_AUTH_FAILED);
      EXPECT_THAT(failure.what(), testing::Not(testing::HasSubstr("secret")));
    }
  }
  wrong.password = "secret_of_notify_server";
  EXPECT_TRUE(Connection{wrong}.alive());  // by user and password, not in the URL
}

TEST_F(UsersOfNats, NotifyServerReadsTheStreamInEachWay) {
  Connection relay{server};
  JetStream{relay}.create();
  publish_event();
  Connection reader{notify};
  JetStream stream{reader};
  ASSERT_TRUE(stream.find_state());
  EXPECT_EQ(stream.find_state()->last_seq, 1U);
  EXPECT_TRUE(stream.find_message(1));
  EXPECT_EQ(stream.read_range(1, 1).size(), 1U);
  EXPECT_EQ(stream.read_workspace(WorkspaceId{1}, 1, {}).messages.size(), 1U);
  const auto follower = stream.follow({1, {}});
  EXPECT_TRUE(follower->next(seconds{5}));
  publish_event();
  EXPECT_TRUE(follower->next(seconds{5}));
}

TEST_F(UsersOfNats, NotifyServerChangesNothingInTheStream) {
  Connection relay{server};
  JetStream{relay}.create();
  publish_event();
  Connection intruder{notify};
  JetStream stream{intruder};
  EXPECT_THROW(stream.purge(1), Failure);
  EXPECT_THROW(stream.create(), Failure);
  stream.publish(publication("1-2", 1));
  EXPECT_FALSE(stream.next_ack(std::chrono::milliseconds{300}));
  EXPECT_THROW((PullConsumer{intruder, "search", seconds{5}}), Failure);
  const auto state = JetStream{relay}.find_state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->messages, 1U);
  EXPECT_EQ(state->last_seq, 1U);
}

TEST_F(UsersOfNats, TheRelayWritesErasesAndPurges) {
  Connection relay{server};
  JetStream stream{relay};
  stream.create();
  stream.apply_limits();
  stream.publish(publication("1-1", 0));
  const auto ack = stream.next_ack(seconds{5});
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->stream_seq, 1U);
  jsCtx* raw = nullptr;
  check(natsConnection_JetStream(&raw, relay.raw(), nullptr), "jetstream");
  EXPECT_EQ(js_EraseMsg(raw, event::stream_name, 1, nullptr, nullptr), NATS_OK);
  jsCtx_Destroy(raw);
  publish_event();
  stream.purge(2);
  EXPECT_EQ(stream.find_state()->messages, 0U);
}

// A reply goes to the inboxes of the user that asked.
TEST_F(UsersOfNats, InboxesAreOfTheirUser) {
  EXPECT_TRUE(Connection{server}.new_inbox().starts_with("_INBOX.fechatter_server."));
  EXPECT_TRUE(Connection{notify}.new_inbox().starts_with("_INBOX.notify_server."));
  EXPECT_NE(Connection{notify}.new_inbox(), Connection{notify}.new_inbox());
}

}  // namespace
}  // namespace fechatter::nats
