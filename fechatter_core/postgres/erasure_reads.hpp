#pragma once

#include "fechatter_core/event/erasures.hpp"
#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::postgres {

// The records of erasures in PostgreSQL, over a connection of its own that is opened when they are
// first asked for: few readers ever find a hole. A read takes 900 ms at most. One thread.
class ErasureReads final : public event::ErasureSource {
 public:
  explicit ErasureReads(const std::string& database_url);

  std::vector<event::Erasure> erased(std::int64_t epoch, std::uint64_t first,
                                     std::uint64_t last) override;

 private:
  Connection connection_;
};

// Reads the rows of erasures_between.
std::vector<event::Erasure> to_erasures(const pqxx::result& rows);

}  // namespace fechatter::postgres
