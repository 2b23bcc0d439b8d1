#include "fechatter_server/file/resumable_handlers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fechatter_core/file/tus_headers.hpp"
#include "fechatter_core/http/response_head.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "fechatter_server/app.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr const char* resumables_path = "/api/files/resumable";
constexpr std::string_view chunk_type = "application/offset+octet-stream";

// The value of a header that is there at most once, or null.
const std::string* find_single(const Request& request, std::string_view name) {
  const auto is_named = [&](const auto& header) { return header.first == name; };
  if (std::count_if(request.headers.begin(), request.headers.end(), is_named) > 1) {
    throw Error{ErrorCode::malformed_request, fmt::format("{}: is there twice", name)};
  }
  return request.find_header(name);
}

void require_tus(const Request& request) {
  file::require_tus_version(find_single(request, "tus-resumable"));
}

std::string upload_id_of(const Request& request) {
  return request.path_parameters.back().second;
}

// Valid, and as it was sent.
std::string read_metadata(const Request& request) {
  const auto* header = find_single(request, "upload-metadata");
  if (!header) return {};
  file::find_tus_file_name(file::read_tus_metadata(*header));
  return *header;
}

std::uint64_t read_length(const Request& request) {
  for (const auto* name : {"Upload-Defer-Length", "Upload-Concat"}) {
    if (request.find_header(http::to_lower(name))) {
      throw Error{ErrorCode::malformed_request, fmt::format("{}: is not supported", name)};
    }
  }
  const auto length = file::read_tus_number("Upload-Length", find_single(request, "upload-length"));
  if (length == 0) throw invalid_field("Upload-Length", "is that of an empty file");
  return length;
}

UploadChunk read_chunk(const Request& request) {
  const auto* type = find_single(request, "content-type");
  if (!type || !http::equals_ignoring_case(*type, chunk_type)) {
    throw Error{ErrorCode::unsupported_media_type,
                fmt::format("Content-Type: a chunk is sent as {}", chunk_type)};
  }
  UploadChunk chunk;
  chunk.offset = file::read_tus_number("Upload-Offset", find_single(request, "upload-offset"));
  if (const auto* checksum = find_single(request, "upload-checksum")) {
    chunk.checksum = file::read_tus_checksum(*checksum);
  }
  return chunk;
}

// With what a finished upload has become: its own names take precedence.
std::string metadata_of(const ResumableUpload& upload) {
  if (!upload.finished) return upload.metadata;
  auto metadata = file::read_tus_metadata(upload.metadata);
  std::erase_if(metadata,
                [](const auto& pair) { return pair.first == "url" || pair.first == "id"; });
  metadata.emplace_back("url", upload.finished->url);
  metadata.emplace_back("id", std::to_string(upload.finished->id.value));
  return file::write_tus_metadata(metadata);
}

void add_state(Response& response, const ResumableUpload& upload) {
  const auto expires = std::chrono::floor<std::chrono::seconds>(upload.expires_at);
  response.with_header("Upload-Offset", std::to_string(upload.received))
      .with_header("Upload-Expires", http::http_date(expires.time_since_epoch().count()));
  if (!upload.finished) return;
  response.with_header("Location", upload.finished->url)
      .with_header("Upload-Metadata", metadata_of(upload));
}

nlohmann::json resumable_json(const ResumableUpload& upload) {
  return {{"id", upload.id},
          {"size", upload.size},
          {"received", upload.received},
          {"expires_at", to_rfc3339(upload.expires_at)}};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> tus_answer_headers() {
  return {{"Tus-Resumable", file::tus_version}, {"Tus-Version", file::tus_version}};
}

awaitable<Response> create_resumable(const Request& request, App& app) {
  require_tus(request);
  const auto length = read_length(request);
  auto metadata = read_metadata(request);
  // The second row is that of the file.
  app.write_rates().charge(request.user(), Write::other, 2);
  auto creating =
      app.resumable_uploads().create(request.user().caller(), length, std::move(metadata));
  const auto upload = co_await std::move(creating);
  app.activity().note_active(request.user());
  const auto body = resumable_json(upload);
  auto response = http::json_response(201, body);
  add_state(response, upload);
  response.with_header("Location", fmt::format("{}/{}", resumables_path, upload.id));
  co_return response;
}

awaitable<Response> describe_resumables(const Request& request, App& app) {
  const bool is_of_one = !request.path_parameters.empty();
  auto response = http::no_content();
  response.with_header("Allow", is_of_one ? "HEAD, PATCH, POST, DELETE, OPTIONS" : "POST, OPTIONS")
      .with_header("Tus-Extension", "creation,termination,checksum,expiration")
      .with_header("Tus-Checksum-Algorithm", file::tus_checksum_algorithms)
      .with_header("Tus-Max-Size", std::to_string(app.settings().files.resumable_bytes_max));
  co_return response;
}

awaitable<Response> get_resumable(const Request& request, App& app) {
  require_tus(request);
  auto getting = app.resumable_uploads().get(request.user().caller(), upload_id_of(request));
  const auto upload = co_await std::move(getting);
  auto response = http::no_content();
  add_state(response, upload);
  response.with_header("Upload-Length", std::to_string(upload.size));
  if (!upload.finished && !upload.metadata.empty()) {
    response.with_header("Upload-Metadata", upload.metadata);
  }
  co_return response;
}

awaitable<Response> append_to_resumable(const Request& request, App& app) {
  require_tus(request);
  auto chunk = read_chunk(request);
  auto appending = app.resumable_uploads().append(request.user().caller(), upload_id_of(request),
                                                  std::move(chunk), request.body_reader());
  const auto upload = co_await std::move(appending);
  app.activity().note_active(request.user());
  auto response = http::no_content();
  add_state(response, upload);
  co_return response;
}

awaitable<Response> override_resumable(const Request& request, App& app) {
  const auto* meant = find_single(request, "x-http-method-override");
  const std::string method = meant ? *meant : "";
  if (method == "PATCH") co_return co_await append_to_resumable(request, app);
  if (method == "DELETE") co_return co_await remove_resumable(request, app);
  if (method == "HEAD") co_return co_await get_resumable(request, app);
  throw Error{ErrorCode::malformed_request,
              "X-HTTP-Method-Override: is one of HEAD, PATCH, DELETE"};
}

awaitable<Response> remove_resumable(const Request& request, App& app) {
  require_tus(request);
  auto removing = app.resumable_uploads().remove(request.user().caller(), upload_id_of(request));
  co_await std::move(removing);
  co_return http::no_content();
}

}  // namespace fechatter::server
