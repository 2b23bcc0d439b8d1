#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/thumbnail_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: ThumbnailRepository. It writes no events.
class PostgresThumbnailRepository final : public ThumbnailRepository {
 public:
  explicit PostgresThumbnailRepository(postgres::Database& database) : database_{database} {}

  awaitable<std::optional<StoredFile>> claim(FileId file) override;
  awaitable<std::vector<StoredFile>> claim_due(int slice) override;
  awaitable<bool> finish(ThumbnailTry ended) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
