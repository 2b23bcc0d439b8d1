#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::http {

// The web pages of other origins that can use the API, cookies included (WHATWG Fetch, "CORS
// protocol"): those of a list, compared exactly. A response to a page of another origin has no CORS
// header, and the browser withholds it from the page. Immutable; any thread.
class Cors {
 public:
  Cors() = default;  // no origin
  // REQUIRES: check_origin accepts each origin.
  explicit Cors(std::vector<std::string> origins) : origins_{std::move(origins)} {}

  // Throws std::invalid_argument unless the origin is spelled as browsers send it:
  // scheme://host[:port] in lower case, without the default port of the scheme. "*" and "null" are
  // no origins.
  static void check_origin(const std::string& origin);

  bool allows(std::string_view origin) const;
  // Whether the request is a preflight of an allowed origin. REQUIRES: its method is OPTIONS.
  bool is_preflight(const Request& request) const;
  // The methods of the path ("GET, POST") and the headers that the page can send to it.
  static void add_preflight_headers(std::string_view methods, Response& response);

  // The headers of every response, refusals included. `origin`: empty when the request has none.
  void add_headers(std::string_view origin, Response& response) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace fechatter::http
