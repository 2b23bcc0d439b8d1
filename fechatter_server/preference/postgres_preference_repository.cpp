#include "fechatter_server/preference/postgres_preference_repository.hpp"

#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

using postgres::Connection;
using postgres::Statement;

const Statement select_preferences{"select_preferences", "SELECT * FROM preferences_of($1, $2)"};

const Statement set_statement{"set_preferences",
                              "SELECT * FROM set_preferences($1, $2, $3, $4, $5)"};

const Statement select_of_chat{
    "select_chat_preferences",
    "SELECT unix_micros(muted_until) AS muted_until, mute_mentions, hidden "
    "FROM chat_preferences_of($1, $2, $3)"};

const Statement set_of_chat{"set_chat_preferences",
                            "SELECT unix_micros(muted_until) AS muted_until, mute_mentions, hidden "
                            "FROM set_chat_preferences($1, $2, $3, from_unix_micros($4), $5, $6)"};

Preferences to_preferences(const pqxx::row& row) {
  return {row["notifications"].as<std::string>(), row["show_read"].as<bool>(),
          find_text(row["custom_status"])};
}

std::optional<ChatPreferences> find_chat_preferences(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  return ChatPreferences{find_time(rows[0]["muted_until"]), rows[0]["mute_mentions"].as<bool>(),
                         rows[0]["hidden"].as<bool>()};
}

}  // namespace

awaitable<Preferences> PostgresPreferenceRepository::find(Caller caller) {
  co_return co_await database_.read([&](Connection& connection) {
    return to_preferences(connection.run(select_preferences, caller.workspace, caller.user)[0]);
  });
}

awaitable<ChangedPreferences> PostgresPreferenceRepository::change(Caller caller,
                                                                   PreferencesPatch patch) {
  co_return co_await database_.change([&](Connection& connection) {
    const auto rows = connection.run(set_statement, caller.workspace, caller.user,
                                     patch.notifications, patch.show_read, patch.custom_status);
    return ChangedPreferences{rows[0]["changed"].as<bool>(), to_preferences(rows[0])};
  });
}

awaitable<std::optional<ChatPreferences>> PostgresPreferenceRepository::find_of_chat(Caller caller,
                                                                                     ChatId chat) {
  co_return co_await database_.read([&](Connection& connection) {
    return find_chat_preferences(
        connection.run(select_of_chat, caller.workspace, caller.user, chat));
  });
}

awaitable<ChangedChatPreferences> PostgresPreferenceRepository::change_of_chat(
    Caller caller, ChatId chat, ChatPreferencesPatch patch) {
  co_return co_await database_.change([&](Connection& connection) {
    std::optional<std::int64_t> muted_until;
    if (patch.muted_until) muted_until = to_unix_micros(*patch.muted_until);
    const auto rows = connection.run(set_of_chat, caller.workspace, caller.user, chat, muted_until,
                                     patch.mute_mentions, patch.hidden);
    return ChangedChatPreferences{find_chat_preferences(rows)};
  });
}

}  // namespace fechatter::server
