#include "fechatter_core/postgres/erasure_reads.hpp"

namespace fechatter::postgres {
namespace {

constexpr int rows_max = 10'000;

const Statement between{"erasures_between", "SELECT * FROM erasures_between($1, $2, $3, $4)"};

}  // namespace

ErasureReads::ErasureReads(const std::string& database_url)
    : connection_{database_url, "-c statement_timeout=900"} {}

std::vector<event::Erasure> ErasureReads::erased(std::int64_t epoch, std::uint64_t first,
                                                 std::uint64_t last) {
  try {
    return to_erasures(connection_.run(between, epoch, first, last, rows_max));
  } catch (const std::exception& error) {
    throw event::ErasuresUnknown{std::string{"erasures not read: "} + error.what()};
  }
}

std::vector<event::Erasure> to_erasures(const pqxx::result& rows) {
  std::vector<event::Erasure> erasures;
  erasures.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows) {
    erasures.push_back({{row["epoch"].as<std::int64_t>(), row["stream_seq"].as<std::uint64_t>()},
                        EventId{row["event_id"].as<std::int64_t>()},
                        WorkspaceId{row["of_workspace"].as<std::int64_t>()},
                        row["previous_seq"].as<std::uint64_t>()});
  }
  return erasures;
}

}  // namespace fechatter::postgres
