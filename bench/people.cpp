#include "bench/people.hpp"

#include <fmt/format.h>

#include "fechatter_core/auth/access_token.hpp"
#include "fechatter_core/clock.hpp"

namespace fechatter::bench {
namespace {

constexpr std::chrono::minutes token_life{29};

std::int64_t number(const pqxx::result& rows) {
  return rows[0][0].as<std::int64_t>();
}

}  // namespace

People::People(const std::string& owner_url, const std::string& private_key, std::size_t count)
    : connection_{owner_url} {
  write_people(count);
  sign_tokens(private_key, count);
}

// No other client writes users yet, so the ids of each table are consecutive.
void People::write_people(std::size_t count) {
  workspace_ =
      number(connection_.run_script("INSERT INTO workspaces (name) VALUES ('bench') RETURNING id"));
  first_id_ = number(connection_.run_script(
      fmt::format("WITH made AS (INSERT INTO users (workspace_id, fullname, email, password_hash) "
                  "SELECT {0}, 'Person ' || i, 'person-' || i || '@bench.example', 'none' "
                  "FROM generate_series(1, {1}) i RETURNING id) SELECT min(id) FROM made",
                  workspace_, count)));
  first_session_ = number(connection_.run_script(fmt::format(
      "WITH made AS (INSERT INTO sessions (user_id, workspace_id, expires_at) "
      "SELECT id, {0}, clock_timestamp() + interval '1 day' FROM users WHERE workspace_id = {0} "
      "ORDER BY id RETURNING id) SELECT min(id) FROM made",
      workspace_)));
  connection_.run_script(
      fmt::format("UPDATE workspaces SET owner_id = {} WHERE id = {}", first_id_, workspace_));
}

void People::sign_tokens(const std::string& private_key, std::size_t count) {
  const auth::TokenSigner signer{auth::load_private_key(private_key)};
  const auto issued_at = std::chrono::floor<std::chrono::seconds>(now());
  for (std::size_t i = 0; i < count; ++i) {
    auth::TokenClaims claims;
    claims.identity = {UserId{id(i)},
                       WorkspaceId{workspace_},
                       SessionId{first_session_ + static_cast<std::int64_t>(i)},
                       fmt::format("Person {}", i + 1),
                       fmt::format("person-{}@bench.example", i + 1),
                       issued_at + token_life};
    claims.status = "Active";
    claims.user_created_at = issued_at;
    tokens_.push_back(signer.sign(claims, issued_at));
  }
}

// Until autovacuum runs, within a minute, statements would be planned for empty tables.
void People::analyze() {
  connection_.run_script("VACUUM (ANALYZE) users");
  connection_.run_script("VACUUM (ANALYZE) chats");
  connection_.run_script("VACUUM (ANALYZE) chat_members");
}

std::int64_t People::make_channel(const std::string& name, std::size_t members) {
  const auto chat = number(connection_.run_script(
      fmt::format("SELECT made FROM create_chat({0}, {1}, 'public_channel', '{2}', '', "
                  "ARRAY(SELECT generate_series({1}, {1}::bigint + {3} - 1)))",
                  workspace_, first_id_, name, members)));
  analyze();
  return chat;
}

std::vector<std::int64_t> People::make_groups(std::size_t count, std::size_t size) {
  const auto rows = connection_.run_script(fmt::format(
      "SELECT c.made FROM generate_series(0, {0} - 1) g, LATERAL create_chat({1}, "
      "{2}::bigint + g * {3}, 'group', 'group ' || g, '', "
      "ARRAY(SELECT generate_series({2}::bigint + g * {3}, {2}::bigint + g * {3} + {3} - 1))) c "
      "ORDER BY g",
      count, workspace_, first_id_, size));
  std::vector<std::int64_t> chats;
  for (const auto& row : rows) chats.push_back(row[0].as<std::int64_t>());
  analyze();
  return chats;
}

}  // namespace fechatter::bench
