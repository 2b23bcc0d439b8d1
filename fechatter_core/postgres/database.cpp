#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

Database::Database(const DatabaseSettings& settings)
    : WorkerPool{
          {settings.pool_size, settings.queue_max, "Too many requests wait for the database."},
          [settings] {
            return Connection{settings.url, settings.options};
          }} {}

}  // namespace fechatter::postgres
