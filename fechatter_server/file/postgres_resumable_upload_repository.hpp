#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/resumable_upload_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: ResumableUploadRepository. It writes no events.
class PostgresResumableUploadRepository final : public ResumableUploadRepository {
 public:
  explicit PostgresResumableUploadRepository(postgres::Database& database) : database_{database} {}

  awaitable<CreatedResumableUpload> create(Caller caller, NewResumableUpload upload,
                                           std::chrono::seconds life, int count_max,
                                           UploadLimits limits) override;
  awaitable<std::optional<ResumableUpload>> find(Caller caller, std::string id) override;
  awaitable<std::optional<Timestamp>> advance(Caller caller, std::string id, std::int64_t before,
                                              std::int64_t received,
                                              std::chrono::seconds life) override;
  awaitable<std::optional<Timestamp>> finish(Caller caller, std::string id, UploadId upload,
                                             std::chrono::seconds life) override;
  awaitable<bool> remove(Caller caller, std::string id) override;
  awaitable<std::vector<std::string>> list_expired(int slice) override;
  awaitable<bool> remove_expired(std::string id) override;
  awaitable<std::vector<std::string>> unknown_of(std::vector<std::string> ids) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
