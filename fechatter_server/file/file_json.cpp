#include "fechatter_server/file/file_json.hpp"

#include "fechatter_core/clock.hpp"

namespace fechatter::server {

nlohmann::json to_json(const Upload& upload) {
  return {{"id", upload.id.value},
          {"filename", upload.file.name},
          {"url", file::to_url(upload.file.key)},
          {"mime_type", upload.file.media_type},
          {"size", upload.file.size},
          {"created_at", to_rfc3339(upload.created_at)}};
}

nlohmann::json to_json(const SignedFileUrl& url) {
  return {
      {"url", url.url}, {"signed_url", url.signed_url}, {"expires_at", to_rfc3339(url.expires_at)}};
}

}  // namespace fechatter::server
