#include "fechatter_server/command/workspace_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_server/command/text_table.hpp"
#include "fechatter_server/command/workspace_transfer.hpp"

namespace fechatter::server {
namespace {

constexpr int workspaces_shown_max = 1000;

// Counts users and chats, and reads no message: the number of messages is that of their numbers.
constexpr postgres::Statement list_workspaces{"operator_list_workspaces", R"(
SELECT w.id, w.name, rfc3339(w.created_at), o.email,
       (SELECT count(*) FROM users u WHERE u.workspace_id = w.id AND u.status = 'active'),
       (SELECT count(*) FROM users u WHERE u.workspace_id = w.id AND u.status = 'suspended'),
       c.chats, c.messages, coalesce(c.bytes, 0),
       (SELECT coalesce(sum(t.bytes), 0) FROM upload_totals t WHERE t.workspace_id = w.id)
FROM workspaces w LEFT JOIN users o ON o.id = w.owner_id
LEFT JOIN LATERAL (
  SELECT count(*) AS chats, coalesce(sum(x.last_seq), 0) AS messages,
         sum((SELECT sum(m.stored_bytes) FROM chat_members m WHERE m.chat_id = x.id)) AS bytes
  FROM chats x WHERE x.workspace_id = w.id AND x.deleted_at IS NULL) c ON true
WHERE w.id > $1 ORDER BY w.id LIMIT $2)"};

nlohmann::ordered_json workspace_json(const pqxx::row& row) {
  const auto number = [&row](int column) { return row[column].as<std::int64_t>(); };
  nlohmann::ordered_json owner;
  if (!row[3].is_null()) owner = row[3].c_str();
  return {{"id", number(0)},        {"name", row[1].c_str()},    {"created_at", row[2].c_str()},
          {"owner", owner},         {"users_active", number(4)}, {"users_suspended", number(5)},
          {"chats", number(6)},     {"messages", number(7)},     {"message_bytes", number(8)},
          {"file_bytes", number(9)}};
}

int list_all(const CommandInput& input, std::int64_t after) {
  const auto settings = input.settings();
  postgres::Connection connection{settings.database_url};
  const auto rows = connection.run(list_workspaces, after, workspaces_shown_max + 1);
  auto workspaces = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> lines{
      {"id", "name", "owner", "active", "suspended", "chats", "messages", "files (bytes)"}};
  for (const auto& row : rows) {
    if (workspaces.size() == workspaces_shown_max) break;
    workspaces.push_back(workspace_json(row));
    lines.push_back({row[0].c_str(), row[1].c_str(), row[3].c_str(), row[4].c_str(), row[5].c_str(),
                     row[6].c_str(), row[7].c_str(), row[9].c_str()});
  }
  const bool more = rows.size() > workspaces_shown_max;
  auto text = text_table(lines);
  if (more) text += fmt::format("There are more: --after {}\n", lines.back()[0]);
  print_report(input, {{"workspaces", workspaces}, {"more", more}}, text);
  return exit_code::done;
}

}  // namespace

void add_workspace_commands(CommandTable& table) {
  auto& group = table.add_group("workspace", "The workspaces of the installation");
  const auto after = std::make_shared<std::int64_t>(0);
  table
      .add(group, "list", "All workspaces with their owner and size, 1,000 at most",
           [after](const CommandInput& input) { return list_all(input, *after); })
      .add_option("--after", *after, "Only those with later ids")
      ->check(CLI::PositiveNumber);
  add_workspace_transfer(table, group);
}

}  // namespace fechatter::server
