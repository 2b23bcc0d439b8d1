#include "fechatter_core/postgres/message_versions.hpp"

namespace fechatter::postgres {
namespace {

// notify_server's role may read these three columns of messages.
constexpr Statement versions_of{"message_versions_of",
                                "SELECT m.chat_id, m.seq, m.version"
                                " FROM unnest($1::bigint[], $2::bigint[]) AS k (chat_id, seq)"
                                " JOIN messages m ON m.chat_id = k.chat_id AND m.seq = k.seq"};

std::vector<MessageVersion> read(Connection& connection, const std::vector<MessageKey>& messages) {
  std::vector<ChatId> chats;
  std::vector<std::int64_t> seqs;
  for (const auto& message : messages) {
    chats.push_back(message.chat_id);
    seqs.push_back(message.seq);
  }
  const auto result = connection.run(versions_of, chats, seqs);
  std::vector<MessageVersion> versions;
  versions.reserve(static_cast<std::size_t>(result.size()));
  for (const auto& row : result) {
    const MessageKey message{ChatId{row[0].as<std::int64_t>()}, row[1].as<std::int64_t>()};
    versions.push_back({message, row[2].as<std::int64_t>()});
  }
  return versions;
}

}  // namespace

awaitable<std::vector<MessageVersion>> read_message_versions(Database& database,
                                                             std::vector<MessageKey> messages) {
  auto reading = database.run([messages = std::move(messages)](Connection& connection) {
    return read(connection, messages);
  });
  co_return co_await std::move(reading);
}

}  // namespace fechatter::postgres
