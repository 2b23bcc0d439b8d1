#include "tests/notify/stream/shard_fixture.hpp"

namespace fechatter::notify::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Alice and bob are in a chat; what is written to them is recorded.
class Deliveries : public ShardTest {
 protected:
  Deliveries() {
    shard = std::make_unique<Shard>(
        settings,
        CatchUpSources{
            [this](std::vector<UserId> users) { return database.read(std::move(users)); },
            [this](WorkspaceId workspace, FrameId after, std::uint64_t to) {
              return stream.read(workspace, after, to);
            },
            [this](std::vector<MessageKey> messages) {
              return database.read_versions(std::move(messages));
            }},
        revoked, OnStream{}, &log);
    warm_up();
  }
  // The pairs of user and number since it was last asked.
  std::vector<std::pair<UserId, std::int64_t>> recorded() {
    std::vector<std::pair<UserId, std::int64_t>> pairs;
    for (const auto& one : log.take_all()) {
      EXPECT_EQ(one.chat, lunch);
      EXPECT_GT(one.at, now() - std::chrono::minutes{1});
      pairs.emplace_back(one.user, one.seq);
    }
    return pairs;
  }

  DeliveryLog log;
};

TEST_F(Deliveries, AreTheHighestNumberOfEachUserWithAStream) {
  auto& phone = join(alice);
  auto& laptop = join(alice);
  join(mallory);
  publish(shows({lunch, 1}, 1, 5));
  publish(shows({lunch, 2}, 1, 6));
  until_received(phone, 3);
  until_received(laptop, 3);
  EXPECT_THAT(recorded(), ElementsAre(std::pair{alice, 2}));
  EXPECT_THAT(recorded(), IsEmpty());
}

TEST_F(Deliveries, AreOfEventsThatShowAMessage) {
  auto& phone = join(alice);
  publish(in_chat(lunch, 5, "ChatUpdated"));
  until_received(phone, 2);
  EXPECT_THAT(recorded(), IsEmpty());
}

TEST_F(Deliveries, OfAChatBeyondTheFanOutMemberLimitAreNotRecorded) {
  for (auto& row : database.rows) row.large = row.chat_id == lunch;
  auto& phone = join(alice);
  const auto cursor = phone.frames()[0].id;
  publish(shows({lunch, 1}, 1, 5));
  until_received(phone, 2);
  EXPECT_THAT(recorded(), IsEmpty());
  auto& back = connect(alice, cursor);
  until([&] { return back.has("CaughtUp"); });
  EXPECT_THAT(recorded(), IsEmpty());
  for (auto& row : database.rows) row.large = false;
  join(bob);  // reads that the chat has shrunk
  publish(shows({lunch, 2}, 1, 6));
  until_received(phone, 3);
  EXPECT_FALSE(recorded().empty());
}

TEST_F(Deliveries, ComeWithAReplay) {
  auto& phone = join(alice);
  const auto cursor = phone.frames()[0].id;
  publish(shows({lunch, 1}, 1, 5));
  until_received(phone, 2);
  recorded();
  auto& back = connect(bob, cursor);
  until([&] { return back.has("CaughtUp"); });
  EXPECT_THAT(recorded(), ElementsAre(std::pair{bob, 1}));
}

}  // namespace
}  // namespace fechatter::notify::test
