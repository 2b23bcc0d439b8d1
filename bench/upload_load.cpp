#include "bench/upload_load.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

namespace fechatter::bench {

UploadLoad::UploadLoad(const UploadLoadOptions& options, const SourceFile& source)
    : options_{options}, source_{source}, working_{options.clients} {
  for (std::size_t i = 0; i < options_.clients; ++i) threads_.emplace_back([this] { work(); });
}

void UploadLoad::stop() {
  stopped_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void UploadLoad::work() {
  try {
    while (upload_one() && options_.repeats) {}
  } catch (const Stopped&) {
    // The main thread sees the signal as well.
  } catch (const std::exception& error) {
    ++refused_;
    fmt::print(stderr, "an upload failed: {}\n", error.what());
  }
  --working_;
}

bool UploadLoad::upload_one() {
  UploadOrder order;
  order.port = options_.port;
  order.token = options_.token;
  order.size = options_.size;
  order.bytes_per_second = options_.bytes_per_second;
  order.stopped = &stopped_;
  order.sent = &sent_;
  const auto uploaded = upload(order, source_);
  if (stopped_) return false;
  std::filesystem::remove(options_.folder + path_in(uploaded));
  ++stored_;
  return true;
}

}  // namespace fechatter::bench
