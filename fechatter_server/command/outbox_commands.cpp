#include "fechatter_server/command/outbox_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {
namespace {

// As many are counted as an index reads in some milliseconds; more is enough to know.
constexpr int counted_max = 100'000;

constexpr postgres::Statement read_outbox{"operator_outbox", R"(
SELECT w.pending, extract(epoch FROM clock_timestamp() - w.oldest)::float8,
       r.epoch, r.last_stream_seq, r.last_event_id, r.holder, r.token,
       r.expires_at > clock_timestamp(), rfc3339(r.published_at),
       (SELECT count(*) FROM stream_erasures e WHERE e.done_at IS NULL)
FROM relay_state r, (
  SELECT count(*) AS pending, min(p.created_at) AS oldest FROM (
    SELECT o.created_at FROM outbox o WHERE o.stream_seq IS NULL ORDER BY o.id LIMIT $1) p) w)"};

int show_status(const CommandInput& input, double age_max) {
  const auto settings = input.settings();
  postgres::Connection connection{settings.database_url};
  const auto row = connection.run(read_outbox, counted_max)[0];
  const auto pending = row[0].as<std::int64_t>();
  const auto age = row[1].is_null() ? 0.0 : std::max(0.0, row[1].as<double>());
  const bool held = row[7].as<bool>();
  nlohmann::ordered_json object{
      {"pending", pending},
      {"pending_is_more", pending == counted_max},
      {"oldest_age_seconds", age},
      {"epoch", row[2].as<std::int64_t>()},
      {"last_stream_seq", row[3].as<std::int64_t>()},
      {"last_event_id", row[4].as<std::int64_t>()},
      {"lease",
       {{"held", held}, {"holder", row[5].c_str()}, {"fencing_token", row[6].as<std::int64_t>()}}},
      {"published_at", nullptr},
      {"erasures_pending", row[9].as<std::int64_t>()}};
  if (!row[8].is_null()) object["published_at"] = row[8].c_str();
  const auto text = fmt::format(
      "pending events     {}{}\noldest             {:.1f} s\nlease              {}\n"
      "epoch              {}\nlast position      {}\nlast published     {}\n"
      "erasures pending   {}\n",
      pending, pending == counted_max ? " or more" : "", age,
      held ? fmt::format("{}, fencing token {}", row[5].c_str(), row[6].c_str())
           : std::string{"not held: no server publishes"},
      row[2].c_str(), row[3].c_str(), row[8].is_null() ? "never" : row[8].c_str(), row[9].c_str());
  print_report(input, object, text);
  return age_max > 0 && age > age_max ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_outbox_commands(CommandTable& table) {
  auto& group = table.add_group("outbox", "The events on their way to the stream");
  const auto age_max = std::make_shared<double>(0);
  table
      .add(group, "status", "What waits to be published, and which instance publishes",
           [age_max](const CommandInput& input) { return show_status(input, *age_max); })
      .add_option("--age-max", *age_max, "Exit code 1 when an event has waited for more seconds")
      ->check(CLI::PositiveNumber);
}

}  // namespace fechatter::server
