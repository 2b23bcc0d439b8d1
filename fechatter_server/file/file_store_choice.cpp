#include "fechatter_server/file/file_store_choice.hpp"

#include <fstream>
#include <stdexcept>

#include "fechatter_core/file/disk_store.hpp"
#include "fechatter_core/file/s3_store.hpp"

namespace fechatter::server {
namespace {

std::string read_access_key(const std::string& path) {
  std::ifstream stream{path};
  std::string key;
  if (!std::getline(stream, key) || key.empty()) {
    throw std::runtime_error{"files.s3.secret_access_key_file: no key in " + path};
  }
  return key;
}

file::S3Settings s3_settings(const FileSettings& settings) {
  auto s3 = settings.s3;
  if (!settings.s3_secret_access_key_file.empty()) {
    s3.key.secret = read_access_key(settings.s3_secret_access_key_file);
  }
  if (s3.bucket.empty())
    throw std::runtime_error{"files.s3.bucket: is required with files.store: s3"};
  if (s3.key.id.empty()) {
    throw std::runtime_error{"files.s3.access_key_id: is required with files.store: s3"};
  }
  if (s3.key.secret.empty()) {
    throw std::runtime_error{
        "files.s3.secret_access_key: is required with files.store: s3, or its file"};
  }
  return s3;
}

}  // namespace

std::unique_ptr<file::FileStore> make_file_store(const FileSettings& settings) {
  file::DiskStoreSettings disk;
  disk.folder = settings.folder;
  disk.threads = settings.threads;
  if (settings.store == "s3") return std::make_unique<file::S3Store>(s3_settings(settings), disk);
  return std::make_unique<file::DiskStore>(disk);
}

}  // namespace fechatter::server
