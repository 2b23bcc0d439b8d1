#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>

// The executor of the project, by its concrete type: `any_io_executor` costs a quarter of a small
// request. g++ 12.2 destroys some temporaries of an awaited expression twice (structs built with
// braces, lambdas that capture by value), hence the rule: co_await stands alone, its arguments are
// named first. Both `co_return co_await f([&] {…})` and `auto task = f(…); co_await
// std::move(task)` follow it.
namespace fechatter {

namespace asio = boost::asio;

using Executor = asio::strand<asio::io_context::executor_type>;

template <class T = void>
using awaitable = asio::awaitable<T, Executor>;

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

}  // namespace fechatter
