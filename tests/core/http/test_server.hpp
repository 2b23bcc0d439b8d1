#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/http/listener.hpp"
#include "tests/core/http/raw_client.hpp"

namespace fechatter::http {

inline constexpr std::size_t mebibyte = 1024 * 1024;

// Waits for the condition, 10 s at most. Returns whether it was met.
bool eventually(const std::function<bool()>& condition);

// Handlers wait at the gate until the test opens it.
class Gate {
 public:
  awaitable<void> pass();
  void wait_until_reached(std::size_t by);
  void open();

 private:
  using Clock = std::chrono::steady_clock;
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

  std::mutex mutex_;
  std::condition_variable reached_;
  std::vector<std::shared_ptr<Timer>> waiting_;
};

// Collects the log lines while it exists.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  std::string text() const;

 private:
  class Sink;
  std::shared_ptr<Sink> sink_;
};

// A listener on 127.0.0.1 with two threads and these routes:
//   GET  /hello         "hello"               POST /echo          the body
//   GET  /gate          "through", once the gate is open
//   GET  /me            signed in: the fullname; the token is "alice" (or "bob")
//   POST /json          the JSON body         GET  /big           64 MiB
//   GET  /fails         throws                GET, POST /hidden   "hidden"
//   GET  /chat/{id}     the id                GET  /chat/public   "public"
class TestServer {
 private:
  asio::io_context io_;  // outlives the gate's timers

 public:
  explicit TestServer(const Limits& limits = {}, std::vector<Route> more_routes = {},
                      Edge edge = {});
  ~TestServer();

  std::uint16_t port() const { return listener->port(); }

  Gate gate;
  std::atomic<int> handled = 0;
  std::atomic<int> hidden = 0;
  std::unique_ptr<Listener> listener;

 private:
  std::vector<Route> routes();

  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::vector<std::thread> threads_;
};

}  // namespace fechatter::http
