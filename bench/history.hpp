#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/message_generator.hpp"
#include "bench/people.hpp"
#include "fechatter_core/clock.hpp"

namespace fechatter::bench {

struct HistoryOptions {
  std::size_t messages = 1'000'000;
  std::size_t chats = 2'000;
  std::vector<std::size_t>
      chats_of_readers;  // chats per reader, the first people; each divides `chats`
  unsigned seed = 1;
};

// A message that a reader may search for.
struct Remembered {
  std::size_t chat = 0;
  std::size_t sender = 0;
  Timestamp sent_at;
  Language language = Language::english;
  std::vector<std::size_t> ranks;
};

// Two years of messages, written directly into the database as its owner. One chat has all people
// and the most messages; most chats have two or three people and few messages. The first people are
// the readers: reader i is a member of every n-th chat by size, starting with the largest. Each
// chat has a language, in which seven of ten of its messages are written. The same options result
// in the same history. One thread.
class History {
 public:
  History(const HistoryOptions& options, const std::string& owner_url, const People& people,
          MessageGenerator& generator);

  std::int64_t chat_id(std::size_t chat) const {
    return first_chat_ + static_cast<std::int64_t>(chat);
  }
  std::string chat_name(std::size_t chat) const;
  const std::vector<std::size_t>& chats_of(std::size_t reader) const { return readers_[reader]; }
  // A uniform sample of the messages in the reader's chats.
  const std::vector<Remembered>& remembered_by(std::size_t reader) const {
    return remembered_[reader];
  }

 private:
  struct Chat {
    Language language = Language::english;
    std::vector<std::size_t> members;
    std::int64_t last_seq = 0;
  };

  void make_chats(std::size_t people);
  void write_chats(const People& people);
  void write_messages(const People& people);
  nlohmann::json next_message(std::size_t number, const People& people);
  void remember(const Remembered& message);
  void finish();

  const HistoryOptions options_;
  postgres::Connection connection_;
  MessageGenerator& generator_;
  Random random_;
  const Zipf liveliness_;
  const Zipf talkativeness_;
  const Timestamp begin_;
  std::vector<Chat> chats_;
  std::int64_t first_chat_ = 0;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::vector<Remembered>> remembered_;
  std::vector<std::size_t> seen_;  // messages seen so far, by reader
};

}  // namespace fechatter::bench
