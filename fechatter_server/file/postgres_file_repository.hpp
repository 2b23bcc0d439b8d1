#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/file_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: FileRepository. It writes no events.
class PostgresFileRepository final : public FileRepository {
 public:
  explicit PostgresFileRepository(postgres::Database& database) : database_{database} {}

  awaitable<ReservedFile> reserve(Caller caller, NewFile file, UploadLimits limits) override;
  awaitable<RecordedUpload> record(Caller caller, FileId reserved, std::string name,
                                   std::optional<PixelSize> pixels, UploadLimits limits) override;
  awaitable<std::vector<std::optional<File>>> find(Caller caller,
                                                   std::vector<file::FileKey> keys) override;
  awaitable<std::optional<Upload>> find_upload(Caller caller, UploadId id) override;
  awaitable<int> mark_unused(std::chrono::seconds grace, int slice) override;
  awaitable<std::vector<StoredFile>> take_unused(std::chrono::seconds grace,
                                                 std::chrono::seconds hold, int slice) override;
  awaitable<> forget(std::vector<FileId> files) override;
  awaitable<std::vector<StoredFile>> list(FileId after, int slice) override;
  awaitable<std::vector<bool>> are_known(std::vector<file::FileKey> keys) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
