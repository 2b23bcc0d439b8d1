#include "fechatter_server/file/file_handlers.hpp"

#include <fmt/format.h>

#include "fechatter_core/file/file_name.hpp"
#include "fechatter_core/http/accept.hpp"
#include "fechatter_core/http/entity_tag.hpp"
#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/http/multipart_head.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/file/file_json.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t signed_urls_max = 100;
constexpr std::size_t signed_url_length_max = 2048;

// Reads the body before it is charged to the user's rate of rows, since only then the number of
// files is known; the request itself was charged by its head.
awaitable<std::vector<Upload>> receive_upload(const Request& request, App& app,
                                              std::size_t count_max) {
  const auto caller = request.user().caller();
  const auto* type = request.find_header("content-type");
  auto boundary = http::boundary_of(type ? std::string_view{*type} : std::string_view{});
  auto receiving =
      app.files().receive(caller, request.body_reader(), std::move(boundary), count_max);
  auto upload = co_await std::move(receiving);
  app.write_rates().charge(request.user(), Write::other, upload.files.size());
  auto storing = app.files().store(caller, std::move(upload));
  auto uploads = co_await std::move(storing);
  app.activity().note_active(request.user());
  co_return uploads;
}

std::vector<file::FileKey> read_file_keys(const Request& request) {
  http::JsonFields fields{request.json_body()};
  const auto urls = fields.texts("urls", signed_urls_max, {1, signed_url_length_max});
  if (urls.empty()) fields.reject("urls", "is required");
  fields.check();
  std::vector<file::FileKey> keys;
  for (const auto& url : urls) {
    // Another URL is none of a file that the caller may see.
    if (auto key = file::parse_file_url(url)) keys.push_back(std::move(*key));
  }
  return keys;
}

// What the query asks for instead of the file itself.
std::optional<file::Thumbnail> find_thumbnail(const Request& request) {
  const auto size = request.find_query("size");
  if (!size) return std::nullopt;
  for (const int known : file::thumbnail_sizes) {
    if (*size != std::to_string(known)) continue;
    const bool knows_webp = http::accepts(request, media_type_of(file::ThumbnailFormat::webp));
    return file::Thumbnail{known,
                           knows_webp ? file::ThumbnailFormat::webp : file::ThumbnailFormat::jpeg};
  }
  throw invalid_field("size", "is 360 or 1280");
}

// As if the thumbnail were a file: nothing of the picture but its key and the beginning of its
// name.
File as_thumbnail(File file, file::Thumbnail thumbnail) {
  const auto dot = file.name.rfind('.');
  const auto name = dot == std::string::npos || dot == 0 ? file.name : file.name.substr(0, dot);
  const bool is_webp = thumbnail.format == file::ThumbnailFormat::webp;
  file.name = file::kept_name(name + (is_webp ? ".webp" : ".jpg"));
  file.media_type = media_type_of(thumbnail.format);
  return file;
}

awaitable<std::unique_ptr<http::BodySource>> open_bytes(Files& files, file::FileKey key,
                                                        std::optional<file::Thumbnail> thumbnail) {
  if (!thumbnail) co_return co_await files.open(std::move(key));
  co_return co_await files.open_thumbnail(std::move(key), *thumbnail);
}

// The bytes behind a URL never change. They stay in the browser's own cache for a day, and only for
// the user that has got them.
void add_file_headers(Response& response, const File& file, bool is_thumbnail,
                      const std::string& tag) {
  const auto& type = file::media_type_of_extension(file.key.extension);
  response.with_header("ETag", tag);
  response.with_header("Cache-Control", "private, max-age=86400, immutable");
  response.with_header("Vary",
                       is_thumbnail ? "Authorization, Cookie, Accept" : "Authorization, Cookie");
  response.with_header("Content-Disposition",
                       file::content_disposition(is_thumbnail || type.is_shown_inline, file.name));
  // Nothing in a file runs or loads anything, also when a browser shows it as a page.
  response.with_header("Content-Security-Policy",
                       "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
}

}  // namespace

awaitable<Response> upload_files(const Request& request, App& app) {
  auto receiving = receive_upload(request, app, upload_files_max);
  const auto uploads = co_await std::move(receiving);
  auto urls = nlohmann::json::array();
  for (const auto& upload : uploads) urls.push_back(file::to_url(upload.file.key));
  co_return http::json_response(200, urls);
}

awaitable<Response> upload_file(const Request& request, App& app) {
  auto receiving = receive_upload(request, app, 1);
  const auto uploads = co_await std::move(receiving);
  auto response = http::json_response(200, to_json(uploads.at(0)));
  response.body = in_older_envelope(response.body);
  co_return response;
}

awaitable<Response> sign_file_urls(const Request& request, App& app) {
  auto keys = read_file_keys(request);
  auto finding = app.files().find_all(request.user().caller(), std::move(keys));
  const auto files = co_await std::move(finding);
  auto list = nlohmann::json::array();
  for (const auto& file : files) {
    list.push_back(to_json(app.file_access().sign(request.user().user_id, file::to_url(file.key))));
  }
  co_return http::json_response(200, list);
}

awaitable<Response> get_file(const Request& request, App& app) {
  const auto id = request.id_of<UploadId>("id");
  const auto upload = co_await app.files().get(request.user().caller(), id);
  co_return http::json_response(200, to_json(upload));
}

awaitable<Response> download_file(const Request& request, App& app) {
  const auto& reader = request.user();
  auto key = file::parse_file_url(request.path);
  if (!key) throw Error{ErrorCode::file_not_found, "There is no such file."};
  const auto thumbnail = find_thumbnail(request);
  app.download_rates().admit(reader.user_id);
  auto finding = app.files().find(reader.caller(), std::move(*key));
  auto file = co_await std::move(finding);
  auto tag = fmt::format("\"{}\"", file.key.hash);
  if (thumbnail) {
    file = as_thumbnail(std::move(file), *thumbnail);
    tag = fmt::format("\"{}{}\"", file.key.hash, name_suffix(*thumbnail));
  }
  Response response;
  add_file_headers(response, file, thumbnail.has_value(), tag);
  if (http::is_known_to_client(request, tag)) {
    response.status = 304;
    co_return response;
  }
  response.content_type = file.media_type;
  auto opening = open_bytes(app.files(), std::move(file.key), thumbnail);
  auto source = co_await std::move(opening);
  response.source = app.download_rates().counted(std::move(source), reader.user_id);
  co_return response;
}

}  // namespace fechatter::server
