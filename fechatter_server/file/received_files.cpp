#include "fechatter_server/file/received_files.hpp"

#include <fmt/format.h>

#include <utility>

#include "fechatter_core/error.hpp"
#include "fechatter_core/file/filtering_writer.hpp"
#include "fechatter_core/http/multipart.hpp"

namespace fechatter::server {
namespace {

// Beside its files a form has a few texts.
constexpr std::size_t form_parts_max = 64;

constexpr std::size_t source_piece_bytes = 256 * 1024;

// What it stores of a picture is without metadata.
awaitable<std::unique_ptr<file::FileWriter>> create_filtering(file::FileStore& store) {
  auto creating = store.create();
  auto writer = co_await std::move(creating);
  co_return std::make_unique<file::FilteringWriter>(std::move(writer));
}

// The parts of one body on their way to the store.
class FileReceiver {
 public:
  FileReceiver(FormLimits limits, file::FileStore& store) : limits_{limits}, store_{store} {}

  awaitable<> begin(http::PartHead head);
  awaitable<> append(std::string_view bytes);
  awaitable<> end();
  std::vector<ReceivedFile> take();

 private:
  awaitable<> create_file();
  std::string part_name() const { return head_.name.empty() ? "file" : head_.name; }

  const FormLimits limits_;
  file::FileStore& store_;
  http::PartHead head_;
  std::unique_ptr<file::FileWriter> writer_;  // null outside a file
  std::uint64_t received_ = 0;                // bytes of it
  std::vector<ReceivedFile> files_;
};

awaitable<> FileReceiver::begin(http::PartHead head) {
  head_ = std::move(head);
  received_ = 0;
  if (head_.file_name.value_or("").empty()) co_return;
  co_await create_file();
}

awaitable<> FileReceiver::create_file() {
  if (files_.size() >= limits_.files) {
    throw invalid_field(part_name(), fmt::format("is a file too many: {} at most", limits_.files));
  }
  writer_ = co_await create_filtering(store_);
}

awaitable<> FileReceiver::append(std::string_view bytes) {
  if (!head_.file_name) co_return;
  if (!writer_) co_await create_file();
  received_ += bytes.size();
  if (received_ > limits_.file_bytes) {
    throw Error{ErrorCode::file_too_large,
                fmt::format("a file has {} bytes at most", limits_.file_bytes)};
  }
  co_await writer_->write(bytes);
}

awaitable<> FileReceiver::end() {
  if (!writer_) co_return;
  auto finishing = writer_->finish();
  auto written = co_await std::move(finishing);
  if (written.size == 0) throw invalid_field(part_name(), "is an empty file");
  files_.push_back({part_name(), *head_.file_name, std::move(written), std::move(writer_)});
}

std::vector<ReceivedFile> FileReceiver::take() {
  if (files_.empty()) {
    throw invalid_field("file", "is required: a part with a file name and content");
  }
  return std::move(files_);
}

}  // namespace

awaitable<std::vector<ReceivedFile>> receive_files(http::BodyReader& body, std::string boundary,
                                                   FormLimits limits, file::FileStore& store) {
  using Event = http::Multipart::Event;
  http::Multipart parts{boundary, form_parts_max};
  FileReceiver receiver{limits, store};
  for (auto event = parts.next(); event != Event::end; event = parts.next()) {
    if (event == Event::starved) {
      const auto piece = co_await body.read();
      parts.feed(piece);
    } else if (event == Event::part_begins) {
      auto head = parts.head();
      co_await receiver.begin(std::move(head));
    } else if (event == Event::bytes) {
      co_await receiver.append(parts.bytes());
    } else {
      co_await receiver.end();
    }
  }
  co_return receiver.take();
}

awaitable<ReceivedFile> receive_source(http::BodySource& source, std::string name,
                                       file::FileStore& store) {
  ReceivedFile received;
  received.name = std::move(name);
  received.writer = co_await create_filtering(store);
  std::string buffer(source_piece_bytes, '\0');
  std::uint64_t offset = 0;
  for (;;) {
    const auto count = co_await source.read(offset, buffer.data(), buffer.size());
    if (count == 0) break;
    const auto piece = std::string_view{buffer}.substr(0, count);
    co_await received.writer->write(piece);
    offset += count;
  }
  auto finishing = received.writer->finish();
  received.written = co_await std::move(finishing);
  if (received.written.size == 0) throw invalid_field("file", "is an empty file");
  co_return received;
}

}  // namespace fechatter::server
