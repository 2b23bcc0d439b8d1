#include "fechatter_server/file/file_handlers.hpp"

#include <fmt/format.h>

#include "fechatter_core/file/file_name.hpp"
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

// The bytes behind a URL never change. They stay in the browser's own cache for a day, and only for
// the user that has got them.
void add_file_headers(Response& response, const File& file, const std::string& tag) {
  const auto& type = file::media_type_of_extension(file.key.extension);
  response.with_header("ETag", tag);
  response.with_header("Cache-Control", "private, max-age=86400, immutable");
  response.with_header("Vary", "Authorization, Cookie");
  response.with_header("Content-Disposition",
                       file::content_disposition(type.is_shown_inline, file.name));
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
  auto body = with_older_envelope(to_json(uploads.at(0)));
  co_return http::json_response(200, body);
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
  app.download_rates().admit(reader.user_id);
  auto finding = app.files().find(reader.caller(), std::move(*key));
  auto file = co_await std::move(finding);
  const auto tag = fmt::format("\"{}\"", file.key.hash);
  Response response;
  add_file_headers(response, file, tag);
  if (http::is_known_to_client(request, tag)) {
    response.status = 304;
    co_return response;
  }
  response.content_type = file.media_type;
  auto opening = app.files().open(std::move(file.key));
  auto source = co_await std::move(opening);
  response.source = app.download_rates().counted(std::move(source), reader.user_id);
  co_return response;
}

}  // namespace fechatter::server
