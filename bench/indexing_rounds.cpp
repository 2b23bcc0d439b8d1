#include "bench/indexing_rounds.hpp"

#include <fmt/format.h>

#include "bench/closed_loop.hpp"
#include "tests/support/places.hpp"

namespace fechatter::bench {
namespace {

using postgres::Statement;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t connections = 16;
constexpr std::chrono::seconds warm_up{1};
constexpr std::chrono::seconds indexing_time_limit{120};

const Statement newest_statement{"bench_newest", "SELECT coalesce(max(id), 0) FROM messages"};
const Statement behind_statement{"bench_behind", R"(
SELECT count(*) FROM messages m WHERE m.id > $1 AND NOT EXISTS (
  SELECT FROM search_documents d
  WHERE d.message_id = m.id AND d.generation = (SELECT serving FROM search_state)))"};

test::Server without_meilisearch(Stage& stage) {
  auto& system = stage.system();
  const auto environment = test::server_environment(
      {stage.database_url(), system.nats.server_url(), system.folder.path()},
      {{"FECHATTER_SEARCH__PROVIDER", "meilisearch"},
       {"FECHATTER_SEARCH__MEILISEARCH_URL",
        fmt::format("http://127.0.0.1:{}", test::free_port())}});
  return {test::server_program(), system.folder.path("without_meilisearch.log"), environment};
}

}  // namespace

IndexingRounds::IndexingRounds(Stage& stage, MessageSource& source)
    : indexing_{stage.system().server},
      waiting_{without_meilisearch(stage)},
      source_{source},
      connection_{stage.owner_url()},
      before_{connection_.run(newest_statement)[0][0].as<std::int64_t>()} {}

InTurns<SendRound> IndexingRounds::measure(std::size_t rounds, double seconds) {
  return in_turns(
      rounds, [&] { return send_while_indexed(seconds); },
      [&] { return send_while_held(seconds); });
}

SendRound IndexingRounds::send_for(double seconds, std::uint16_t port) {
  const ClosedLoop::Next next = [this](std::size_t) { return source_.message(); };
  ClosedLoop posts{loop_, port, source_.token(), connections, next, 201};
  posts.start();
  loop_.run_until(Clock::now() + warm_up);
  posts.take_latencies();
  const auto began = Clock::now();
  loop_.run_until(began + std::chrono::duration_cast<Clock::duration>(Seconds{seconds}));
  const auto latencies = posts.take_latencies();
  const auto took = Seconds{Clock::now() - began}.count();
  posts.finish();
  refused_ += posts.refused();
  const auto spread = spread_of(latencies);
  return {static_cast<double>(latencies.size()) / took, spread.p50, spread.p99};
}

SendRound IndexingRounds::send_while_indexed(double seconds) {
  const auto round = send_for(seconds, indexing_.port());
  wait_for_index();
  return round;
}

SendRound IndexingRounds::send_while_held(double seconds) {
  indexing_.stop();
  waiting_.start();
  const auto round = send_for(seconds, waiting_.port());
  waiting_.stop();
  indexing_.start();
  wait_for_index();
  return round;
}

void IndexingRounds::wait_for_index() {
  const auto is_whole = [this] {
    check_not_stopped();
    return connection_.run(behind_statement, before_)[0][0].as<std::int64_t>() == 0;
  };
  if (!test::eventually(is_whole, indexing_time_limit)) {
    throw std::runtime_error{"the index has not caught up within two minutes"};
  }
}

}  // namespace fechatter::bench
