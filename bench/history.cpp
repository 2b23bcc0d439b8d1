#include "bench/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/event_loop.hpp"

namespace fechatter::bench {
namespace {

using nlohmann::json;
using postgres::Statement;

constexpr std::chrono::days age{730};
constexpr std::size_t batch = 5'000;
constexpr double in_the_chats_language = 0.7;
constexpr std::size_t members_min = 2;
constexpr std::size_t group_members_max = 20;
constexpr std::size_t remembered_max = 5'000;

const Statement chats_statement{"bench_chats", R"(
WITH made AS (
  INSERT INTO chats (workspace_id, type, name, created_by, member_count)
    SELECT $2, c.type, c.name, c.created_by, c.member_count
    FROM json_to_recordset($1) c (type chat_type, name text, created_by bigint,
                                  member_count integer)
  RETURNING id)
SELECT min(id) FROM made)"};

const Statement members_statement{"bench_members", R"(
INSERT INTO chat_members (chat_id, user_id, workspace_id, role)
  SELECT m.chat_id, m.user_id, c.workspace_id,
         CASE WHEN m.user_id = c.created_by THEN 'owner' ELSE 'member' END::chat_role
  FROM unnest($1::bigint[], $2::bigint[]) m (chat_id, user_id) JOIN chats c ON c.id = m.chat_id)"};

const Statement messages_statement{"bench_messages", R"(
INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, created_at)
  SELECT $2, m.c, m.s, m.n, m.t, from_unix_micros(m.a)
  FROM json_to_recordset($1) m (c bigint, s bigint, n bigint, t text, a bigint))"};

// Derived columns that append_messages maintains otherwise.
constexpr const char* catch_up = R"(
UPDATE chats c SET last_seq = m.seq, shown_seq = m.seq, last_activity_at = m.at
  FROM (SELECT chat_id, max(seq) AS seq, max(created_at) AS at FROM messages GROUP BY chat_id) m
  WHERE c.id = m.chat_id)";

}  // namespace

History::History(const HistoryOptions& options, const std::string& owner_url, const People& people,
                 MessageGenerator& generator)
    : options_{options},
      connection_{owner_url, "-c synchronous_commit=off"},
      generator_{generator},
      random_{options.seed},
      liveliness_{options.chats},
      talkativeness_{people.size()},
      begin_{now() - age},
      remembered_(options.chats_of_readers.size()),
      seen_(options.chats_of_readers.size()) {
  make_chats(people.size());
  write_chats(people);
  write_messages(people);
  finish();
}

std::string History::chat_name(std::size_t chat) const {
  return fmt::format("topic-{}", chat);
}

// The readers are members of their chats only.
void History::make_chats(std::size_t people) {
  const auto readers = options_.chats_of_readers.size();
  std::vector<std::size_t> others;
  for (auto person = readers; person < people; ++person) others.push_back(person);
  readers_.resize(readers);
  for (std::size_t i = 0; i < options_.chats; ++i) {
    Chat chat;
    chat.language = i == 0 ? Language::english : generator_.any_language();
    const auto size = std::min(others.size(), members_min + people / (i + 1));
    std::sample(others.begin(), others.end(), std::back_inserter(chat.members), size, random_);
    for (std::size_t reader = 0; reader < readers; ++reader) {
      if (i % (options_.chats / options_.chats_of_readers[reader]) != 0) continue;
      chat.members.push_back(reader);
      readers_[reader].push_back(i);
    }
    std::shuffle(chat.members.begin(), chat.members.end(), random_);
    chats_.push_back(std::move(chat));
  }
}

void History::write_chats(const People& people) {
  auto chats = json::array();
  for (const auto& chat : chats_) {
    chats.push_back({{"type", chat.members.size() > group_members_max ? "public_channel" : "group"},
                     {"name", chat_name(chats.size())},
                     {"created_by", people.id(chat.members.front())},
                     {"member_count", chat.members.size()}});
  }
  const auto made = connection_.run(chats_statement, chats.dump(), people.workspace());
  first_chat_ = made[0][0].as<std::int64_t>();
  std::vector<std::int64_t> of_chats;
  std::vector<std::int64_t> members;
  for (std::size_t i = 0; i < chats_.size(); ++i) {
    for (const auto member : chats_[i].members) {
      of_chats.push_back(chat_id(i));
      members.push_back(people.id(member));
    }
  }
  connection_.run(members_statement, of_chats, members);
}

void History::write_messages(const People& people) {
  for (std::size_t written = 0; written < options_.messages;) {
    check_not_stopped();
    auto messages = json::array();
    while (messages.size() < batch && written < options_.messages) {
      messages.push_back(next_message(written++, people));
    }
    connection_.run(messages_statement, messages.dump(), people.workspace());
  }
}

nlohmann::json History::next_message(std::size_t number, const People& people) {
  Remembered message;
  message.chat = liveliness_.draw(random_);
  auto& chat = chats_[message.chat];
  message.sender = chat.members[talkativeness_.draw(random_) % chat.members.size()];
  const auto at =
      std::uniform_real_distribution<double>{0, 1}(random_) + static_cast<double>(number);
  const std::chrono::duration<double> since_begin = age * at / options_.messages;
  message.sent_at = begin_ + std::chrono::duration_cast<Timestamp::duration>(since_begin);
  const bool own = std::bernoulli_distribution{in_the_chats_language}(random_);
  auto made = generator_.make(own ? chat.language : generator_.any_language());
  message.language = made.language;
  message.ranks = std::move(made.ranks);
  remember(message);
  return {{"c", chat_id(message.chat)},
          {"s", people.id(message.sender)},
          {"n", ++chat.last_seq},
          {"t", std::move(made.text)},
          {"a", to_unix_micros(message.sent_at)}};
}

// Reservoir sampling: each message has the same probability of being in the final sample.
void History::remember(const Remembered& message) {
  for (std::size_t reader = 0; reader < readers_.size(); ++reader) {
    const auto& chats = readers_[reader];
    if (!std::binary_search(chats.begin(), chats.end(), message.chat)) continue;
    auto& kept = remembered_[reader];
    if (kept.size() < remembered_max) {
      kept.push_back(message);
    } else {
      const auto at = std::uniform_int_distribution<std::size_t>{0, seen_[reader]}(random_);
      if (at < kept.size()) kept[at] = message;
    }
    ++seen_[reader];
  }
}

// Otherwise autovacuum would run during the measurement.
void History::finish() {
  connection_.run_script(catch_up);
  for (const auto* table : {"users", "chats", "chat_members", "messages"}) {
    connection_.run_script(fmt::format("VACUUM (ANALYZE) {}", table));
  }
}

}  // namespace fechatter::bench
