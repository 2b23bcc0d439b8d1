#include "notify_server/log/event_follower.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

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
    return event::StreamState{1, 1, messages_.size(), messages_.size(), milliseconds{0}};
  }
  std::optional<StreamMessage> find_message(std::uint64_t stream_seq) override {
    if (stream_seq == 0 || stream_seq > messages_.size()) return std::nullopt;
    return messages_[stream_seq - 1];
  }
  std::unique_ptr<event::EventReader> follow(const event::StartAt& start) override {
    const auto from = silent_-- > 0 ? messages_.size() : start.stream_seq.value_or(1) - 1;
    return std::make_unique<Reader>(messages_, from);
  }
  void request_verification(const event::StreamObservation&) override {}

  event::StreamState create() override { throw std::logic_error{"not for a consumer"}; }
  void purge(std::uint64_t) override { throw std::logic_error{"not for a consumer"}; }
  std::vector<StreamMessage> read_range(std::uint64_t, std::uint64_t) override { return {}; }
  event::WorkspaceRange read_workspace(WorkspaceId, std::uint64_t,
                                       const event::ReadLimits&) override {
    return {};
  }
  std::uint64_t publish(const event::Publication&) override { return 0; }
  std::optional<event::PublishAck> next_ack(milliseconds) override { return std::nullopt; }

 private:
  class Reader final : public event::EventReader {
   public:
    Reader(const std::vector<StreamMessage>& messages, std::size_t next)
        : messages_{messages}, next_{next} {}
    std::optional<StreamMessage> next(milliseconds) override {
      if (next_ >= messages_.size()) return std::nullopt;
      return messages_[next_++];
    }

   private:
    const std::vector<StreamMessage>& messages_;
    std::size_t next_;
  };

  std::vector<StreamMessage> messages_;
  int silent_;
};

Position position_after(EventFollower& follower, FakeStream& stream, int steps) {
  for (int i = 0; i < steps; ++i) follower.step(stream);
  return follower.position();
}

TEST(EventFollower, ReplacesAReaderThatDeliversNothingThoughItLags) {
  EventFollower follower{{}};
  FakeStream stream{1, 5, 1};
  EXPECT_EQ(position_after(follower, stream, 10), (Position{1, 5}));
}

// Its position, in the lost stream, is greater than all sequences of the new one.
TEST(EventFollower, ReplacesASilentReaderOfANewStreamWithSmallerSequences) {
  EventFollower follower{{}};
  FakeStream lost{1, 5, 0};
  EXPECT_EQ(position_after(follower, lost, 3), (Position{1, 5}));
  follower.give_up();
  FakeStream next{2, 3, 1};
  EXPECT_EQ(position_after(follower, next, 10), (Position{2, 3}));
}

}  // namespace
}  // namespace fechatter::notify
