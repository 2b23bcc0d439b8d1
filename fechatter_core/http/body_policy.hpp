#pragma once

#include <cstddef>

namespace fechatter::http {

// How the body of a request is read, once the head has been admitted. Part of a route.
struct BodyPolicy {
  enum class Kind {
    by_method,  // `none` for GET, HEAD, DELETE and OPTIONS, `buffered` for the others
    none,       // the handler reads no body; one that comes is discarded, within the limit
    buffered,   // the whole body is in Request::body before the handler runs: JSON
    fieldless,  // buffered, and must be empty or a JSON object: the route knows no field
    streamed,   // the handler reads the body in pieces from Request::body_reader()
  };

  Kind kind = Kind::by_method;
  std::size_t bytes_max = 0;  // beyond: 413; 0: the listener's limit, http.body_bytes_max
};

inline constexpr BodyPolicy no_body{BodyPolicy::Kind::none};

// Large enough for the object of any client that sends one with every POST.
inline constexpr BodyPolicy fieldless_body{BodyPolicy::Kind::fieldless, 4096};

constexpr BodyPolicy buffered_body(std::size_t bytes_max = 0) {
  return {BodyPolicy::Kind::buffered, bytes_max};
}

constexpr BodyPolicy streamed_body(std::size_t bytes_max) {
  return {BodyPolicy::Kind::streamed, bytes_max};
}

}  // namespace fechatter::http
