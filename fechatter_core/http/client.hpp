#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fechatter::http {

struct ClientRequest {
  std::string method;
  std::string url;                   // http or https
  std::vector<std::string> headers;  // "Name: value"
  std::string body;                  // empty: none
};

struct ClientResponse {
  long status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  // The first header of that name (lower case), or null.
  const std::string* find_header(std::string_view name) const;
};

struct ClientLimits {
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds response_timeout{5000};  // of the whole exchange, connect included
  std::size_t header_bytes_max = 64 * 1024;          // of the response's head
  std::size_t body_bytes_max = 64 * 1024 * 1024;     // of the response's body
};

// A blocking HTTP client (libcurl's easy handle, wrapped once) for requests to other servers. The
// connection stays open between two exchanges, and is opened again when the server has closed it. A
// redirect is returned as it is and never followed; proxies of the environment are not used;
// certificates are verified. Any one thread at a time; never an I/O thread.
class Client {
 public:
  // There is no response: the server does not listen, took too long, broke the connection, or sent
  // more than the limits allow.
  class Failure : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };

  explicit Client(const ClientLimits& limits = {});

  // Throws Failure, whose text has neither headers nor body.
  ClientResponse send(const ClientRequest& request);

 private:
  struct Close {
    void operator()(void* handle) const;
  };

  void set_options(const ClientRequest& request);

  const ClientLimits limits_;
  std::unique_ptr<void, Close> handle_;
};

}  // namespace fechatter::http
