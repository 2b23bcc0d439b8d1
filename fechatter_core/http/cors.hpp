#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::http {

// Which web pages of other origins may use the API, cookies included (WHATWG Fetch, "CORS
// protocol"): those of a list, compared exactly. Everybody else gets no CORS header at all, and the
// browser keeps the answer from the page. Immutable; any thread.
class Cors {
 public:
  Cors() = default;  // nobody
  // REQUIRES: check_origin accepts each of them.
  explicit Cors(std::vector<std::string> origins) : origins_{std::move(origins)} {}

  // Throws std::invalid_argument unless it is spelled as browsers send it: scheme://host[:port] in
  // lower case, without the scheme's own port. "*" and "null" are none.
  static void check_origin(const std::string& origin);

  // Whether the request is a preflight of an allowed origin. REQUIRES: its method is OPTIONS.
  bool is_preflight(const Request& request) const;
  // What the page may send to a path that has these methods ("GET, POST").
  static void add_preflight_headers(std::string_view methods, Response& response);

  // What every answer carries, the refusals too. `origin` is empty when the request had none.
  void add_headers(std::string_view origin, Response& response) const;

 private:
  bool allows(std::string_view origin) const;

  std::vector<std::string> origins_;
};

}  // namespace fechatter::http
