#include "notify_server/log/event_follower.hpp"

#include <gmock/gmock.h>

#include <set>
#include <stdexcept>

#include "tests/notify/log/fake_erasures.hpp"

namespace fechatter::notify {
namespace {

using event::StreamMessage;
using std::chrono::milliseconds;

// A stream of `count` messages of one epoch, from sequence 1 on. Its first `silent` readers deliver
// nothing.
class FakeStream final : public event::EventStream {
 public:
  FakeStream(std::int64_t epoch, std::uint64_t count, int silent) : silent_{silent} {
    for (std::uint64_t i = 1; i <= count; ++i) {
      StreamMessage message;
      message.stream_seq = i;
      message.pending = count - i;
      message.epoch = {epoch, 1, 0, {}};
      message.message_id = event::message_id_of(epoch, EventId{static_cast<std::int64_t>(i)});
      messages_.push_back(std::move(message));
    }
  }

  std::optional<event::StreamState> find_state() override {
    return event::StreamState{1, 1, messages_.size(), messages_.size() - missing.size(),
                              milliseconds{0}};
  }
  std::optional<StreamMessage> find_message(std::uint64_t stream_seq) override {
    if (stream_seq == 0 || stream_seq > messages_.size()) return std::nullopt;
    if (missing.contains(stream_seq)) return std::nullopt;
    return messages_[stream_seq - 1];
  }
  std::unique_ptr<event::EventReader> follow(const event::StartAt& start) override {
    const auto from = silent_-- > 0 ? messages_.size() : start.stream_seq.value_or(1) - 1;
    return std::make_unique<Reader>(*this, from);
  }
  void request_verification(const event::StreamObservation&) override { ++verifications; }
  std::vector<std::uint64_t> find_missing() override { return {missing.begin(), missing.end()}; }
  void erase(std::uint64_t) override { throw std::logic_error{"not for a consumer"}; }

  event::StreamState create() override { throw std::logic_error{"not for a consumer"}; }
  void purge(std::uint64_t) override { throw std::logic_error{"not for a consumer"}; }
  std::vector<StreamMessage> read_range(std::uint64_t, std::uint64_t) override { return {}; }
  event::WorkspaceRange read_workspace(WorkspaceId, std::uint64_t,
                                       const event::ReadLimits&) override {
    return {};
  }
  std::uint64_t publish(const event::Publication&) override { return 0; }
  std::optional<event::PublishAck> next_ack(milliseconds) override { return std::nullopt; }

  std::set<std::uint64_t> missing;
  int verifications = 0;

 private:
  class Reader final : public event::EventReader {
   public:
    Reader(const FakeStream& stream, std::size_t next) : stream_{stream}, next_{next} {}
    std::optional<StreamMessage> next(milliseconds) override {
      while (stream_.missing.contains(next_ + 1)) ++next_;
      if (next_ >= stream_.messages_.size()) return std::nullopt;
      return stream_.messages_[next_++];
    }

   private:
    const FakeStream& stream_;
    std::size_t next_;
  };

  std::vector<StreamMessage> messages_;
  int silent_;
};

Position position_after(EventFollower& follower, FakeStream& stream, int steps) {
  for (int i = 0; i < steps; ++i) follower.step(stream);
  return follower.position();
}

FakeErasures no_erasures;

TEST(EventFollower, ReplacesAReaderThatDeliversNothingThoughItLags) {
  EventFollower follower{{}, no_erasures};
  FakeStream stream{1, 5, 1};
  EXPECT_EQ(position_after(follower, stream, 10), (Position{1, 5}));
}

// Its position, in the lost stream, is greater than all sequences of the new one.
TEST(EventFollower, ReplacesASilentReaderOfANewStreamWithSmallerSequences) {
  EventFollower follower{{}, no_erasures};
  FakeStream lost{1, 5, 0};
  EXPECT_EQ(position_after(follower, lost, 3), (Position{1, 5}));
  follower.give_up();
  FakeStream next{2, 3, 1};
  EXPECT_EQ(position_after(follower, next, 10), (Position{2, 3}));
}

// A stream of six messages, of which 3, 4 and 6 are missing.
class AnErasedMessage : public testing::Test {
 protected:
  AnErasedMessage() { stream.missing = {3, 4, 6}; }
  void record(std::uint64_t stream_seq) {
    erasures.records.push_back(
        {{1, stream_seq}, EventId{static_cast<std::int64_t>(stream_seq)}, WorkspaceId{1}, 0});
  }
  std::vector<Position> positions_of(StreamUpdate::Kind kind) {
    std::vector<Position> positions;
    for (const auto& update : follower.take_updates()) {
      if (update.kind == kind) positions.push_back(update.position);
    }
    return positions;
  }

  FakeErasures erasures;
  FakeStream stream{1, 6, 0};
  EventFollower follower{{}, erasures};
};

TEST_F(AnErasedMessage, IsReadAsAnEmptyOneInTheMiddleAndAtTheHead) {
  for (const auto stream_seq : {3U, 4U, 6U}) record(stream_seq);
  EXPECT_EQ(position_after(follower, stream, 6), (Position{1, 6}));
  EXPECT_TRUE(follower.warmed_up());
  EXPECT_EQ(stream.verifications, 0);
  using testing::ElementsAre;
  // The messages of this stream are no events either.
  EXPECT_THAT(positions_of(StreamUpdate::Kind::empty),
              ElementsAre(Position{1, 1}, Position{1, 2}, Position{1, 3}, Position{1, 4},
                          Position{1, 5}, Position{1, 6}));
}

TEST_F(AnErasedMessage, IsTheOneThatWasReadWhenTheConnectionIsNew) {
  stream.missing.clear();
  EXPECT_EQ(position_after(follower, stream, 3), (Position{1, 6}));
  follower.give_up();
  stream.missing = {6};
  record(6);
  position_after(follower, stream, 3);
  EXPECT_EQ(stream.verifications, 0);
}

TEST_F(AnErasedMessage, HidesNoLostOne) {
  record(3);
  record(6);
  EXPECT_EQ(position_after(follower, stream, 3), (Position{1, 2}));
  EXPECT_GT(stream.verifications, 0);
}

TEST_F(AnErasedMessage, IsNeitherErasedNorLostWhileTheRecordsCannotBeRead) {
  for (const auto stream_seq : {3U, 4U, 6U}) record(stream_seq);
  erasures.unknown = true;
  EXPECT_EQ(position_after(follower, stream, 5), (Position{1, 2}));
  EXPECT_EQ(stream.verifications, 0);
  erasures.unknown = false;
  EXPECT_EQ(position_after(follower, stream, 6), (Position{1, 6}));
}

}  // namespace
}  // namespace fechatter::notify
