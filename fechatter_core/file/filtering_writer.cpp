#include "fechatter_core/file/filtering_writer.hpp"

namespace fechatter::file {

awaitable<> FilteringWriter::write(std::string_view piece) {
  filter_.feed(piece);
  for (auto kept = filter_.next(); !kept.empty(); kept = filter_.next()) {
    auto writing = writer_->write(kept);
    co_await std::move(writing);
  }
}

awaitable<WrittenFile> FilteringWriter::finish() {
  const auto last = filter_.finish();
  if (!last.empty()) {
    auto writing = writer_->write(last);
    co_await std::move(writing);
  }
  auto finishing = writer_->finish();
  auto written = co_await std::move(finishing);
  co_return written;
}

awaitable<> FilteringWriter::keep(FileKey key) {
  return writer_->keep(std::move(key));
}

}  // namespace fechatter::file
