#include "fechatter_server/presence/typing.hpp"

#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::seconds life{10};

const postgres::Statement find_typist{"find_typist", "SELECT * FROM find_typist($1, $2, $3)"};

struct Typist {
  std::string outcome;
  std::string fullname = {};
  std::int64_t member_count = 0;
};

Typist to_typist(const pqxx::row& row) {
  Typist typist{row["outcome"].as<std::string>()};
  if (typist.outcome != "done") return typist;
  typist.fullname = row["fullname"].as<std::string>();
  typist.member_count = row["member_count"].as<std::int64_t>();
  return typist;
}

void require_done(const std::string& outcome) {
  if (outcome == "done") return;
  if (outcome == "not_found") throw no_such_chat();
  if (outcome == "archived") throw chat_archived();
  if (outcome == "read_only") throw chat_read_only();
  throw_unknown("typing outcome", outcome);
}

}  // namespace

awaitable<> Typing::set(auth::Identity user, ChatId chat, bool is_typing) {
  auto find = [&user, chat](postgres::Connection& connection) {
    return to_typist(connection.run(find_typist, user.workspace_id, user.user_id, chat)[0]);
  };
  auto finding = database_.run(std::move(find));
  auto typist = co_await std::move(finding);
  require_done(typist.outcome);
  if (typist.member_count > fan_out_.member_limit) co_return reports_.note_active(user);
  const auto expires_at = is_typing ? now() + life : now();
  reports_.type(user, {chat, std::move(typist.fullname), is_typing, expires_at});
}

}  // namespace fechatter::server
