#include "fechatter_server/file/file_json.hpp"

#include "fechatter_core/clock.hpp"
#include "fechatter_server/json_values.hpp"

namespace fechatter::server {

namespace {

// As attachment_json has it: of what is no picture, nothing is missing.
const char* status_of(ThumbnailState state) {
  switch (state) {
    case ThumbnailState::pending: return "pending";
    case ThumbnailState::failed: return "failed";
    case ThumbnailState::none:
    case ThumbnailState::ready: break;
  }
  return "ready";
}

}  // namespace

nlohmann::json to_json(const Upload& upload) {
  const auto& file = upload.file;
  const auto url = file::to_url(file.key);
  nlohmann::json body{{"id", upload.id.value},
                      {"filename", file.name},
                      {"url", url},
                      {"mime_type", file.media_type},
                      {"size", file.size},
                      {"width", nullptr},
                      {"height", nullptr},
                      {"thumbnail_url", nullptr},
                      {"blurhash", or_null(file.blurhash)},
                      {"status", status_of(file.thumbnails)},
                      {"created_at", to_rfc3339(upload.created_at)}};
  if (file.pixels) {
    body["width"] = file.pixels->width;
    body["height"] = file.pixels->height;
  }
  if (file.thumbnails == ThumbnailState::ready) body["thumbnail_url"] = url + "?size=360";
  return body;
}

nlohmann::json to_json(const SignedFileUrl& url) {
  return {
      {"url", url.url}, {"signed_url", url.signed_url}, {"expires_at", to_rfc3339(url.expires_at)}};
}

}  // namespace fechatter::server
