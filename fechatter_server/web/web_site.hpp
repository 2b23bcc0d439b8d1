#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_server/web/web_pack.hpp"

namespace fechatter::server {

// The web client, as it is sent to browsers: every file from memory, in the coding that the browser
// prefers, under a Content-Security-Policy that allows nothing inline and nothing from elsewhere
// but requests to notify_server, and no text that becomes HTML or code (Trusted Types). Files below
// /assets/ have their hash in their name and are kept for a year; of all others browsers ask each
// time. Immutable; any thread.
class WebSite {
 public:
  // `pack`: of read_web_pack; empty: there is no client. `events_origin`: notify_server as browsers
  // reach it; empty: the origin of the page. Throws std::runtime_error for a damaged pack.
  WebSite(std::string_view pack, const std::string& events_origin);
  WebSite(const WebSite&) = delete;
  WebSite& operator=(const WebSite&) = delete;

  bool has_client() const { return page_ != nullptr; }
  // For the log.
  std::string summary() const;

  // Whether a GET of this path, which is no route's, is for the client: one of its files, or one of
  // its pages, which a browser asks for as text/html. Never below a path of the API.
  bool serves(const http::Request& request) const;
  // REQUIRES: `serves`.
  http::Response page_or_file(const http::Request& request) const;
  // `/`: the client's page; without a client a short one that says so.
  http::Response start_page(const http::Request& request) const;
  // `/assets/{file}`. Throws not_found: never the page, which a browser would take for a script.
  http::Response asset(const http::Request& request, std::string_view name) const;
  // What a client must know before it can ask anything: where the events are, and which build this
  // is.
  http::Response client_config(const http::Request& request) const;

 private:
  const WebFile* find_file(std::string_view path) const;
  http::Response answer(const http::Request& request, const WebFile& file,
                        std::string_view cache) const;
  void add_headers(http::Response& response, const std::string& etag, std::string_view cache) const;

  const std::vector<WebFile> files_;
  const WebFile* const page_;  // null: no client
  const std::string policy_;
  const std::string config_;
  const std::string config_tag_;
};

}  // namespace fechatter::server
