#include "fechatter_server/file/file_rows.hpp"

#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

file::FileKey to_key(const pqxx::row& row, WorkspaceId workspace) {
  return {workspace, row["hash"].as<std::string>(), row["extension"].as<std::string>()};
}

ThumbnailState to_thumbnail_state(std::string_view text) {
  if (text == "none") return ThumbnailState::none;
  if (text == "pending") return ThumbnailState::pending;
  if (text == "ready") return ThumbnailState::ready;
  if (text == "failed") return ThumbnailState::failed;
  throw_unknown("state of thumbnails", text);
}

}  // namespace

File to_file(const pqxx::row& row, WorkspaceId workspace) {
  File file;
  file.id = to_id<FileId>(row["file_id"]);
  file.key = to_key(row, workspace);
  file.name = row["name"].as<std::string>();
  file.media_type = row["media_type"].as<std::string>();
  file.size = row["size"].as<std::int64_t>();
  if (!row["width"].is_null()) {
    file.pixels = PixelSize{row["width"].as<std::int32_t>(), row["height"].as<std::int32_t>()};
  }
  return file;
}

Upload to_upload(const pqxx::row& row) {
  Upload upload{to_id<UploadId>(row["id"]), to_file(row, to_id<WorkspaceId>(row["workspace_id"])),
                to_time(row["created_at"])};
  upload.file.thumbnails = to_thumbnail_state(row["thumbnail_state"].c_str());
  upload.file.blurhash = find_text(row["blurhash"]);
  return upload;
}

std::vector<StoredFile> to_stored_files(const pqxx::result& rows) {
  std::vector<StoredFile> files;
  for (const auto& row : rows) {
    files.push_back(
        {to_id<FileId>(row["file_id"]), to_key(row, to_id<WorkspaceId>(row["workspace_id"]))});
  }
  return files;
}

std::optional<std::string> to_integers(const std::optional<PixelSize>& pixels) {
  if (!pixels) return std::nullopt;
  return "{" + std::to_string(pixels->width) + "," + std::to_string(pixels->height) + "}";
}

}  // namespace fechatter::server
