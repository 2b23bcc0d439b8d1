#pragma once

#include "fechatter_core/file/file_store.hpp"
#include "fechatter_core/file/metadata_filter.hpp"

namespace fechatter::file {

// Writes an upload without the metadata of pictures: hash, size and head are those of what is
// stored. Size 0 when nothing of it is.
class FilteringWriter final : public FileWriter {
 public:
  explicit FilteringWriter(std::unique_ptr<FileWriter> writer) : writer_{std::move(writer)} {}

  awaitable<> write(std::string_view piece) override;
  awaitable<WrittenFile> finish() override;
  awaitable<> keep(FileKey key) override;

 private:
  const std::unique_ptr<FileWriter> writer_;
  MetadataFilter filter_;
};

}  // namespace fechatter::file
