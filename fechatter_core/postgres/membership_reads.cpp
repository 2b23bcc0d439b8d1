#include "fechatter_core/postgres/membership_reads.hpp"

namespace fechatter::postgres {
namespace {

constexpr Statement memberships_of{
    "memberships_of",
    "SELECT m.user_id, m.chat_id, c.member_event_id, c.deleted_at IS NOT NULL,"
    "       c.member_count > (SELECT fan_out_member_limit FROM relay_state)"
    " FROM chat_members m JOIN chats c ON c.id = m.chat_id"
    " WHERE m.user_id = ANY ($1::bigint[])"};

constexpr Statement small_memberships_of{
    "small_memberships_of",
    "SELECT m.user_id, m.chat_id, c.member_event_id, false, false"
    " FROM chat_members m JOIN chats c ON c.id = m.chat_id"
    " WHERE m.user_id = ANY ($1::bigint[]) AND c.deleted_at IS NULL"
    "   AND c.member_count <= (SELECT fan_out_member_limit FROM relay_state)"};

constexpr Statement fellows_of{
    "fellows_of",
    "SELECT id, fullname, email FROM users"
    " WHERE id IN (SELECT theirs.user_id"
    "              FROM chat_members mine JOIN chats c ON c.id = mine.chat_id"
    "              JOIN chat_members theirs ON theirs.chat_id = mine.chat_id"
    "              WHERE mine.user_id = $1 AND c.deleted_at IS NULL"
    "                AND ($2::bigint = 0 OR c.id = $2::bigint)"
    "                AND theirs.user_id = ANY ($3::bigint[])"
    "                AND (theirs.user_id > $4 OR theirs.user_id = $1))"
    " ORDER BY id <> $1, id LIMIT $5 + 1"};

constexpr Statement people_of{"people_of",
                              "SELECT id, fullname, email FROM users"
                              " WHERE workspace_id = $1 AND id = ANY ($2::bigint[]) AND id > $3"
                              " ORDER BY id LIMIT $4"};

std::vector<MemberRow> rows_of(const pqxx::result& result) {
  std::vector<MemberRow> rows;
  rows.reserve(static_cast<std::size_t>(result.size()));
  for (const auto& row : result) {
    rows.push_back({UserId{row[0].as<std::int64_t>()}, ChatId{row[1].as<std::int64_t>()},
                    EventId{row[2].as<std::int64_t>()}, row[3].as<bool>(), row[4].as<bool>()});
  }
  return rows;
}

std::vector<PersonRow> people_from(const pqxx::result& result) {
  std::vector<PersonRow> people;
  people.reserve(static_cast<std::size_t>(result.size()));
  for (const auto& row : result) {
    people.push_back({UserId{row[0].as<std::int64_t>()}, row[1].c_str(), row[2].c_str()});
  }
  return people;
}

}  // namespace

awaitable<std::vector<MemberRow>> read_memberships(Database& database, std::vector<UserId> users) {
  auto read = [users = std::move(users)](Connection& connection) {
    return rows_of(connection.run(memberships_of, users));
  };
  auto reading = database.run(std::move(read));
  co_return co_await std::move(reading);
}

awaitable<std::vector<MemberRow>> read_small_memberships(Database& database,
                                                         std::vector<UserId> users) {
  auto read = [users = std::move(users)](Connection& connection) {
    return rows_of(connection.run(small_memberships_of, users));
  };
  auto reading = database.run(std::move(read));
  co_return co_await std::move(reading);
}

awaitable<std::vector<PersonRow>> read_people(Database& database, WorkspaceId workspace,
                                              std::vector<UserId> users, PeoplePage page) {
  auto read = [workspace, users = std::move(users), page](Connection& connection) {
    return people_from(connection.run(people_of, workspace, users, page.after, page.count));
  };
  auto reading = database.run(std::move(read));
  co_return co_await std::move(reading);
}

awaitable<std::vector<PersonRow>> read_fellows(Database& database, UserId caller, ChatId chat,
                                               std::vector<UserId> users, PeoplePage page) {
  auto read = [caller, chat, users = std::move(users), page](Connection& connection) {
    return people_from(connection.run(fellows_of, caller, chat, users, page.after, page.count));
  };
  auto reading = database.run(std::move(read));
  co_return co_await std::move(reading);
}

}  // namespace fechatter::postgres
