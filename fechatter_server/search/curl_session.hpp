#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace fechatter::server {

// A blocking HTTP client (libcurl's easy handle, wrapped once). The connection is kept between
// exchanges; one that the server has closed meanwhile is opened again. No redirects, no proxy. Any
// one thread at a time.
class CurlSession {
 public:
  struct Request {
    std::string method;
    std::string url;
    std::vector<std::string> headers;  // "Name: value"
    std::string body;                  // empty: none
  };

  struct Answer {
    long status = 0;
    std::string body;  // at most answer_length_max bytes
  };

  // There was no answer: nobody listens, it took too long, the connection broke.
  class Failure : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };

  static constexpr std::size_t answer_length_max = 64 * 1024 * 1024;

  CurlSession(std::chrono::milliseconds connect_timeout, std::chrono::milliseconds answer_timeout);

  // Throws Failure, whose text names neither headers nor body.
  Answer send(const Request& request);

 private:
  struct Close {
    void operator()(void* handle) const;
  };

  const std::chrono::milliseconds connect_timeout_;
  const std::chrono::milliseconds answer_timeout_;
  std::unique_ptr<void, Close> handle_;
};

}  // namespace fechatter::server
