#pragma once

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/worker_pool.hpp"

namespace fechatter::postgres {

struct DatabaseSettings {
  std::string url;
  std::string options;           // server parameters for each connection, "-c name=value ..."
  std::size_t pool_size = 4;     // connections, a thread each
  std::size_t queue_max = 1000;  // jobs waiting for a connection; beyond: 503
};

// A connection pool: libpqxx blocks, so each connection has a thread of its own. `run(job)` calls
// job(Connection&) there.
class Database : public WorkerPool<Connection> {
 public:
  explicit Database(const DatabaseSettings& settings);
};

}  // namespace fechatter::postgres
