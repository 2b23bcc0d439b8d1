#include "tests/core/http/test_server.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>

#include "fechatter_core/log_fields.hpp"

namespace fechatter::http {
namespace {

constexpr std::chrono::seconds patience{10};

std::string big_text() {
  return std::string(64 * 1024 * 1024, 'x');
}

auth::Identity authenticated(std::string_view token, const auth::BeforeVerifying& before) {
  const bool alice = token == "alice";
  if (!alice) before();  // the token of Alice is known, the others are verified
  if (!alice && token != "bob") {
    throw Error{ErrorCode::unauthenticated, "this token is not known"};
  }
  auth::Identity identity;
  identity.user_id = UserId{alice ? 1 : 2};
  identity.fullname = alice ? "Alice" : "Bob";
  return identity;
}

awaitable<Response> show_chat(const Request& request) {
  const auto id = request.id_of<ChatId>("id");
  co_return text_response(200, std::to_string(id.value));
}

awaitable<Response> show_json(const Request& request) {
  const auto body = request.json_body();
  co_return json_response(200, body);
}

awaitable<Response> show_caller(const Request& request) {
  co_return text_response(200, request.user().fullname);
}

awaitable<Response> fail(const Request&) {
  throw std::runtime_error{"secret: the password of the database"};
  co_return Response{};
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

awaitable<void> Gate::pass() {
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<Timer>(executor, Clock::time_point::max());
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(timer);
    reached_.notify_all();
  }
  constexpr auto quietly = asio::as_tuple(asio::use_awaitable_t<Executor>{});
  co_await timer->async_wait(quietly);
}

void Gate::wait_until_reached(std::size_t by) {
  std::unique_lock lock{mutex_};
  const bool reached = reached_.wait_for(lock, patience, [&] { return waiting_.size() >= by; });
  if (!reached) throw std::runtime_error{"no handler has reached the gate"};
}

void Gate::open() {
  const std::lock_guard lock{mutex_};
  for (auto& timer : waiting_) {
    const auto executor = timer->get_executor();
    asio::post(executor, [opened = std::move(timer)] { opened->cancel(); });
  }
  waiting_.clear();
}

class LogCapture::Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::string text() {
    const std::lock_guard lock{mutex_};
    return text_;
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    text_.append(message.payload.data(), message.payload.size());
    text_.append(LogFields::current()).append("\n");
  }
  void flush_() override {}

 private:
  std::string text_;
};

LogCapture::LogCapture() : sink_{std::make_shared<Sink>()} {
  auto logger = std::make_shared<spdlog::logger>("captured", sink_);
  logger->set_level(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

LogCapture::~LogCapture() {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("silent"));
}

std::string LogCapture::text() const {
  return sink_->text();
}

TestServer::TestServer(const Limits& limits, std::vector<Route> more_routes, Edge edge) {
  auto all = routes();
  std::move(more_routes.begin(), more_routes.end(), std::back_inserter(all));
  const Router router{std::move(all), authenticated, std::move(edge)};
  listener = std::make_unique<Listener>(io_, "127.0.0.1", 0, limits, router);
  listener->start();
  for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io_.run(); });
}

TestServer::~TestServer() {
  listener.reset();
  gate.open();
  work_.reset();
  for (auto& thread : threads_) thread.join();
}

std::vector<Route> TestServer::routes() {
  const auto says = [this](std::string text) {
    return [this, text](const Request&) -> awaitable<Response> {
      ++handled;
      co_return text_response(200, text);
    };
  };
  const auto echo = [this](const Request& request) -> awaitable<Response> {
    ++handled;
    co_return text_response(200, request.body);
  };
  const auto wait = [this](const Request&) -> awaitable<Response> {
    ++handled;
    co_await gate.pass();
    co_return text_response(200, "through");
  };
  const auto count_hidden = [this](const Request&) -> awaitable<Response> {
    ++hidden;
    co_return text_response(200, "hidden");
  };
  const auto big = [](const Request&) -> awaitable<Response> {
    co_return text_response(200, big_text());
  };
  return {
      {Method::get, "/hello", Access::anyone, says("hello")},
      {Method::post, "/echo", Access::anyone, echo},
      {Method::get, "/gate", Access::anyone, wait},
      {Method::get, "/me", Access::signed_in, show_caller},
      {Method::post, "/json", Access::anyone, show_json},
      {Method::get, "/big", Access::anyone, big},
      {Method::get, "/fails", Access::anyone, fail},
      {Method::get, "/hidden", Access::anyone, count_hidden},
      {Method::post, "/hidden", Access::anyone, count_hidden},
      {Method::get, "/chat/{id}", Access::anyone, show_chat},
      {Method::get, "/chat/public", Access::anyone, says("public")},
  };
}

}  // namespace fechatter::http
