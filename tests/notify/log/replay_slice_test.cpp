#include "notify_server/log/replay_slice.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <stdexcept>

#include "tests/notify/log/fake_erasures.hpp"

namespace fechatter::notify {
namespace {

using event::StreamMessage;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr WorkspaceId quiet{1};
constexpr WorkspaceId busy{2};

// A stream that is only read.
class StoredEvents final : public event::EventStream {
 public:
  // The next event of a workspace, in the present epoch.
  void add(WorkspaceId workspace) {
    StreamMessage message;
    message.stream_seq = ++state.last_seq;
    message.epoch.number = epoch;
    message.message_id =
        event::message_id_of(epoch, EventId{static_cast<std::int64_t>(message.stream_seq)});
    message.workspace_previous = std::exchange(last_of_[{epoch, workspace.value}], state.last_seq);
    message.data = fmt::format(
        R"({{"event_id":{},"type":"T","workspace_id":{},"chat_id":7,)"
        R"("occurred_at":"2026-01-31T09:08:07.000000Z","audience":"chat","data":{{}}}})",
        state.last_seq, workspace.value);
    messages.emplace(state.last_seq, std::pair{workspace, std::move(message)});
    ++state.messages;
  }
  void lose(std::uint64_t seq) {
    messages.erase(seq);
    --state.messages;
  }
  void expire(std::uint64_t through) {
    while (state.first_seq <= through) lose(state.first_seq++);
  }

  std::optional<event::StreamState> find_state() override { return state; }
  std::optional<StreamMessage> find_message(std::uint64_t seq) override {
    const auto found = messages.find(seq);
    return found == messages.end() ? std::nullopt : std::optional{found->second.second};
  }
  event::WorkspaceRange read_workspace(WorkspaceId workspace, std::uint64_t first,
                                       const event::ReadLimits& limits) override {
    event::WorkspaceRange range;
    for (auto next = messages.lower_bound(first); next != messages.end(); ++next) {
      const auto& [of, message] = next->second;
      if (of != workspace || message.stream_seq == left_out) continue;
      if (range.messages.size() == limits.messages) return range;
      range.messages.push_back(message);
    }
    range.complete = true;
    return range;
  }

  std::vector<std::uint64_t> find_missing() override {
    std::vector<std::uint64_t> missing;
    for (auto seq = state.first_seq; seq <= state.last_seq; ++seq) {
      if (!messages.contains(seq)) missing.push_back(seq);
    }
    return missing;
  }
  void erase(std::uint64_t) override { throw std::logic_error{"erase"}; }
  event::StreamState create() override { throw std::logic_error{"create"}; }
  void purge(std::uint64_t) override { throw std::logic_error{"purge"}; }
  std::vector<StreamMessage> read_range(std::uint64_t, std::uint64_t) override {
    throw std::logic_error{"read_range"};
  }
  std::unique_ptr<event::EventReader> follow(const event::StartAt&) override {
    throw std::logic_error{"follow"};
  }
  std::uint64_t publish(const event::Publication&) override { throw std::logic_error{"publish"}; }
  std::optional<event::PublishAck> next_ack(std::chrono::milliseconds) override {
    throw std::logic_error{"next_ack"};
  }
  void request_verification(const event::StreamObservation&) override {}

  event::StreamState state{1, 1, 0, 0, std::chrono::hours{1}};
  std::int64_t epoch = 1;
  std::map<std::uint64_t, std::pair<WorkspaceId, StreamMessage>> messages;
  std::uint64_t left_out = 0;  // this message is not delivered

 private:
  std::map<std::pair<std::int64_t, std::int64_t>, std::uint64_t> last_of_;
};

// 3, 6 and 9 are theirs, all others up to 10 another workspace's.
class ReplaySlices : public testing::Test {
 protected:
  ReplaySlices() {
    for (int seq = 1; seq <= 10; ++seq) stream.add(seq % 3 == 0 ? quiet : busy);
  }
  ReplaySlice read(std::uint64_t after, std::uint64_t to, std::size_t messages = 512,
                   EventId event = {}) {
    return read_slice(stream, erasures, quiet, {{1, after}, event}, to, {messages, 1024});
  }
  // Records the erasure of a stored message; lose() follows, or expire() for the first ones.
  void record(std::uint64_t seq) {
    const auto& [workspace, message] = stream.messages.at(seq);
    erasures.records.push_back({{message.epoch.number, seq},
                                EventId{static_cast<std::int64_t>(seq)},
                                workspace,
                                message.workspace_previous});
  }
  void erase(std::uint64_t seq) {
    record(seq);
    stream.lose(seq);
  }
  static std::vector<std::uint64_t> sequences(const ReplaySlice& slice) {
    std::vector<std::uint64_t> found;
    for (const auto& event : slice.events) found.push_back(event->position.stream_seq);
    return found;
  }

  StoredEvents stream;
  FakeErasures erasures;
};

TEST_F(ReplaySlices, ASliceHasTheEventsOfOneWorkspace) {
  const auto slice = read(0, 10);
  EXPECT_THAT(sequences(slice), ElementsAre(3, 6, 9));
  EXPECT_EQ(slice.through, 9U);
  EXPECT_FALSE(slice.expired);
}

TEST_F(ReplaySlices, AnEventBeyondTheEndShowsThatNoneIsMissingBeforeIt) {
  const auto slice = read(0, 8);
  EXPECT_THAT(sequences(slice), ElementsAre(3, 6));
  EXPECT_EQ(slice.through, 8U);
}

TEST_F(ReplaySlices, AfterAnotherEventThanTheClientsNothingIsKnown) {
  EXPECT_THAT(sequences(read(4, 10, 512, EventId{4})), ElementsAre(6, 9));
  const auto other = read(4, 10, 512, EventId{5});
  EXPECT_TRUE(other.expired);
  EXPECT_THAT(other.events, IsEmpty());
}

TEST_F(ReplaySlices, WhatWasErasedAtTheClientsPositionHasNoSuccessorThere) {
  erase(4);
  EXPECT_THAT(sequences(read(4, 10, 512, EventId{4})), ElementsAre(6, 9));
}

TEST_F(ReplaySlices, AWorkspaceWithoutEventsIsReadAtOnce) {
  const auto slice = read(9, 10);
  EXPECT_THAT(slice.events, IsEmpty());
  EXPECT_EQ(slice.through, 10U);
  EXPECT_FALSE(slice.expired);
}

TEST_F(ReplaySlices, ASliceIsBoundedByMessages) {
  const auto slice = read(0, 10, 2);
  EXPECT_THAT(sequences(slice), ElementsAre(3, 6));
  EXPECT_EQ(slice.through, 6U);
}

TEST_F(ReplaySlices, AnEventThatIsLeftOutEndsTheSliceBeforeIt) {
  stream.left_out = 6;
  const auto slice = read(0, 10);
  EXPECT_THAT(sequences(slice), ElementsAre(3));
  EXPECT_EQ(slice.through, 3U);
  EXPECT_TRUE(read(3, 10).expired);
}

TEST_F(ReplaySlices, AnEventOfAnotherWorkspaceThatIsLostDoesNotMatterWhereAnEventFollows) {
  stream.lose(4);
  EXPECT_THAT(sequences(read(0, 10)), ElementsAre(3, 6, 9));
}

TEST_F(ReplaySlices, ALostLastEventIsNoticedByTheHole) {
  stream.lose(9);
  EXPECT_TRUE(read(6, 10).expired);
}

TEST_F(ReplaySlices, AnErasedEventIsNotMissing) {
  erase(3);
  erase(6);
  erase(7);
  const auto slice = read(0, 10);
  EXPECT_THAT(sequences(slice), ElementsAre(9));
  EXPECT_EQ(slice.through, 9U);
}

TEST_F(ReplaySlices, TheRecordsForASliceAreReadOnce) {
  for (int seq = 11; seq <= 30; ++seq) stream.add(seq % 3 == 0 ? quiet : busy);
  for (const std::uint64_t seq : {3, 4, 9, 15, 21, 22}) erase(seq);
  EXPECT_THAT(sequences(read(0, 30)), ElementsAre(6, 12, 18, 24, 27, 30));
  EXPECT_EQ(erasures.reads, 1);
  erase(27);
  erase(30);
  EXPECT_EQ(read(24, 30).through, 30U);
  EXPECT_EQ(erasures.reads, 2);
}

// One answer of the database is limited.
TEST_F(ReplaySlices, ErasedEventsBeyondOneAnswerAreForTheNextSlice) {
  erase(1);
  erase(3);
  erase(6);
  erasures.answer_max = 1;
  auto slice = read(0, 10);
  EXPECT_THAT(slice.events, IsEmpty());
  EXPECT_EQ(slice.through, 3U);
  EXPECT_FALSE(slice.expired);
  slice = read(3, 10);
  EXPECT_THAT(sequences(slice), ElementsAre(9));
  EXPECT_EQ(erasures.reads, 3);
  stream.lose(9);
  EXPECT_TRUE(read(3, 10).expired);
}

TEST_F(ReplaySlices, AnErasedEventAtTheEndIsNotMissing) {
  erase(9);
  erase(10);
  const auto slice = read(6, 10);
  EXPECT_THAT(slice.events, IsEmpty());
  EXPECT_EQ(slice.through, 10U);
  EXPECT_FALSE(slice.expired);
}

// JetStream then says that the stream begins later.
TEST_F(ReplaySlices, ErasedEventsAtTheBeginningHaveNotExpired) {
  for (const std::uint64_t seq : {1, 2, 3, 4}) record(seq);
  stream.expire(4);
  EXPECT_THAT(sequences(read(0, 10)), ElementsAre(6, 9));
  erase(6);
  erase(9);
  EXPECT_EQ(read(0, 10).through, 10U);
  EXPECT_FALSE(read(0, 10).expired);
}

TEST_F(ReplaySlices, ALostEventBeforeAnErasedOneIsNoticed) {
  stream.lose(3);
  erase(6);
  EXPECT_TRUE(read(0, 10).expired);
  erase(9);
  EXPECT_TRUE(read(0, 10).expired);
}

TEST_F(ReplaySlices, NothingIsSaidWhileTheRecordsCannotBeRead) {
  erase(6);
  erasures.unknown = true;
  EXPECT_THROW(read(3, 10), event::ErasuresUnknown);
}

TEST_F(ReplaySlices, ALostTailIsNoticed) {
  stream.lose(10);
  stream.lose(9);
  stream.state.last_seq = 8;
  EXPECT_TRUE(read(6, 10).expired);
  stream.epoch = 2;
  stream.add(busy);
  stream.add(busy);
  EXPECT_TRUE(read(6, 10).expired);
}

TEST_F(ReplaySlices, ANewEpochIsNoPartOfTheSlice) {
  stream.epoch = 2;
  stream.add(quiet);
  EXPECT_THAT(sequences(read(0, 10)), ElementsAre(3, 6, 9));
  EXPECT_TRUE(read(9, 10).expired);
}

TEST_F(ReplaySlices, ExpiredEventsAreNoticed) {
  stream.expire(4);
  EXPECT_TRUE(read(0, 10).expired);
  // Whether or not an event of the workspace was among them.
  EXPECT_THAT(sequences(read(3, 10)), ElementsAre(6, 9));
  stream.expire(10);
  EXPECT_TRUE(read(8, 10).expired);
}

}  // namespace
}  // namespace fechatter::notify
