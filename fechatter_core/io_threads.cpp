#include "fechatter_core/io_threads.hpp"

#include <algorithm>

namespace fechatter {

IoThreads::IoThreads(asio::io_context& io, std::size_t count) : io_{io}, work_{io.get_executor()} {
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([&io] { io.run(); });
}

void IoThreads::stop() {
  io_.stop();
  threads_.clear();
}

}  // namespace fechatter
