#include "fechatter_server/web/web_site.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/http/accept.hpp"
#include "fechatter_core/http/content_coding.hpp"
#include "fechatter_core/http/entity_tag.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view assets = "/assets/";
constexpr std::string_view for_a_year = "public, max-age=31536000, immutable";
constexpr std::string_view asked_each_time = "no-cache";
constexpr std::size_t page_path_max = 1024;  // bytes; no page of the client has a longer one

// The first segments of paths that are not the client's: those of the API, of both servers, and
// those that a gateway or a monitor may know.
constexpr std::string_view reserved[] = {"api",    "assets",  "client-config.json",
                                         "docs",   "events",  "files",
                                         "health", "metrics", "openapi.json"};

constexpr std::string_view page_without_client =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Fechatter</title>\n"
    "<p>Fechatter runs here. This server shows no web client.\n"
    "<p>The API is described at <a href=\"docs\">/docs</a>.\n</html>\n";

bool is_reserved(std::string_view path) {
  path.remove_prefix(1);
  const auto first = path.substr(0, path.find('/'));
  return std::find(std::begin(reserved), std::end(reserved), first) != std::end(reserved);
}

std::string hex_of(std::string_view bytes) {
  const auto digest = auth::sha256(bytes);
  return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + 16, ""));
}

// Differs for each build of the client.
std::string version_of(const std::vector<WebFile>& files) {
  if (files.empty()) return FECHATTER_VERSION;
  std::string tags;
  for (const auto& file : files) tags += file.path + file.identity.etag;
  return fmt::format("{}+{}", FECHATTER_VERSION, hex_of(tags).substr(0, 8));
}

std::string policy_for(const std::string& events_origin) {
  return fmt::format(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
      "media-src 'self' blob:; font-src 'self'; connect-src 'self'{}{}; manifest-src 'self'; "
      "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
      "require-trusted-types-for 'script'; trusted-types fechatter-worker",
      events_origin.empty() ? "" : " ", events_origin);
}

const WebFile* find_in(const std::vector<WebFile>& files, std::string_view path) {
  const auto found = std::lower_bound(
      files.begin(), files.end(), path,
      [](const WebFile& file, std::string_view wanted) { return file.path < wanted; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

const WebBytes& bytes_in(const WebFile& file, http::Coding coding) {
  switch (coding) {
    case http::Coding::br: return file.br;
    case http::Coding::gzip: return file.gzip;
    case http::Coding::identity: break;
  }
  return file.identity;
}

std::size_t size_of(const WebFile& file) {
  return file.identity.bytes.size() + file.br.bytes.size() + file.gzip.bytes.size();
}

}  // namespace

WebSite::WebSite(std::string_view pack, const std::string& events_origin)
    : files_{read_web_pack(pack)},
      page_{find_in(files_, "/index.html")},
      policy_{policy_for(events_origin)},
      // Parentheses: braces would make an array.
      config_(nlohmann::json{{"events", events_origin}, {"version", version_of(files_)}}.dump()),
      config_tag_{'"' + hex_of(config_) + '"'} {}

std::string WebSite::summary() const {
  if (!has_client()) return "there is no web client: / says so";
  std::size_t bytes = 0;
  for (const auto& file : files_) bytes += size_of(file);
  return fmt::format("the web client is at /: {} files, {} KiB", files_.size(), bytes / 1024);
}

const WebFile* WebSite::find_file(std::string_view path) const {
  return find_in(files_, path);
}

bool WebSite::serves(const Request& request) const {
  if (!has_client() || is_reserved(request.path)) return false;
  if (find_file(request.path)) return true;
  return request.path.size() <= page_path_max && http::accepts(request, "text/html");
}

Response WebSite::page_or_file(const Request& request) const {
  if (const auto* file = find_file(request.path)) return answer(request, *file, asked_each_time);
  auto response = answer(request, *page_, asked_each_time);
  response.with_header("Vary", "Accept");  // others get a problem
  return response;
}

Response WebSite::start_page(const Request& request) const {
  if (has_client()) return answer(request, *page_, asked_each_time);
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.fixed_body = page_without_client;
  return response;
}

Response WebSite::asset(const Request& request, std::string_view name) const {
  const auto* file = find_file(std::string{assets}.append(name));
  if (!file) throw Error{ErrorCode::not_found, "there is no such file"};
  return answer(request, *file, for_a_year);
}

Response WebSite::client_config(const Request& request) const {
  Response response;
  add_headers(response, config_tag_, asked_each_time);
  if (http::is_known_to_client(request, config_tag_)) {
    response.status = 304;
  } else {
    response.content_type = "application/json";
    response.body = config_;
  }
  return response;
}

Response WebSite::answer(const Request& request, const WebFile& file,
                         std::string_view cache) const {
  const http::Codings there{.gzip = !file.gzip.bytes.empty(), .br = !file.br.bytes.empty()};
  const auto coding = http::choose_coding(request, there);
  const auto& chosen = bytes_in(file, coding);
  Response response;
  add_headers(response, chosen.etag, cache);
  response.with_header("Vary", "Accept-Encoding");
  if (http::is_known_to_client(request, chosen.etag)) {
    response.status = 304;
    return response;
  }
  if (coding != http::Coding::identity) {
    response.with_header("Content-Encoding", std::string{to_string(coding)});
  }
  response.content_type = file.content_type;
  response.fixed_body = chosen.bytes;
  return response;
}

void WebSite::add_headers(Response& response, const std::string& etag,
                          std::string_view cache) const {
  response.with_header("ETag", etag)
      .with_header("Cache-Control", std::string{cache})
      .with_header("Content-Security-Policy", policy_)
      .with_header("Cross-Origin-Opener-Policy", "same-origin")
      .with_header("Permissions-Policy", "camera=(self), microphone=(self), geolocation=()");
}

}  // namespace fechatter::server
