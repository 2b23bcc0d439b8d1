#include "fechatter_server/outbox/postgres_erasure_store.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;

constexpr int forget_max = 512;

const Statement select_open{"open_erasures", "SELECT * FROM open_erasures($1)"};
const Statement ask_statement{"ask_erasures", "SELECT ask_erasures($1, $2, $3, $4)"};
const Statement settle_statement{"settle_erasures",
                                 "SELECT settle_erasures($1, $2, $3::boolean[])"};
const Statement forget_statement{"forget_erasures", "SELECT forget_erasures($1, $2)"};

std::int64_t to_number(std::uint64_t stream_seq) {
  return static_cast<std::int64_t>(stream_seq);
}

}  // namespace

// Durable: a reader that finds a hole relies on the record.
PostgresErasureStore::PostgresErasureStore(const std::string& database_url)
    : connection_{database_url, "-c synchronous_commit=on -c statement_timeout=900"} {}

std::vector<OpenErasure> PostgresErasureStore::open(std::size_t max) {
  std::vector<OpenErasure> erasures;
  for (const auto& row : connection_.run(select_open, max)) {
    erasures.push_back({{row[0].as<std::int64_t>(), row[1].as<std::uint64_t>()},
                        EventId{row[2].as<std::int64_t>()},
                        row[3].as<bool>()});
  }
  return erasures;
}

std::vector<std::uint64_t> PostgresErasureStore::ask(const std::vector<event::Erasure>& erasures) {
  std::vector<std::int64_t> epochs;
  std::vector<std::int64_t> sequences;
  std::vector<std::int64_t> workspaces;
  std::vector<std::int64_t> previous;
  for (const auto& erasure : erasures) {
    epochs.push_back(erasure.position.epoch);
    sequences.push_back(to_number(erasure.position.stream_seq));
    workspaces.push_back(erasure.workspace.value);
    previous.push_back(to_number(erasure.workspace_previous));
  }
  std::vector<std::uint64_t> asked;
  for (const auto& row : connection_.run(ask_statement, epochs, sequences, workspaces, previous)) {
    asked.push_back(row[0].as<std::uint64_t>());
  }
  return asked;
}

void PostgresErasureStore::settle(const std::vector<event::Position>& erased,
                                  const std::vector<event::Position>& without_text) {
  std::vector<std::int64_t> epochs;
  std::vector<std::int64_t> sequences;
  std::vector<std::string> done;
  const auto add = [&](const std::vector<event::Position>& positions, const char* erases) {
    for (const auto& at : positions) {
      epochs.push_back(at.epoch);
      sequences.push_back(to_number(at.stream_seq));
      done.emplace_back(erases);
    }
  };
  add(erased, "true");
  add(without_text, "false");
  connection_.run(settle_statement, epochs, sequences, done);
}

std::int64_t PostgresErasureStore::forget(int days) {
  return connection_.run(forget_statement, days, forget_max)[0][0].as<std::int64_t>();
}

}  // namespace fechatter::server
