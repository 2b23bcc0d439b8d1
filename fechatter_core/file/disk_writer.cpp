#include "fechatter_core/file/disk_writer.hpp"

#include <stdexcept>

namespace fechatter::file {

DiskWriter::DiskWriter(std::shared_ptr<DiskStore::Core> core, TemporaryFile file)
    : core_{std::move(core)}, file_{std::move(file)} {}

DiskWriter::~DiskWriter() {
  // Freeing gigabytes takes a while.
  if (file_) core_->pool.destroy(std::move(file_));
}

// What fails on the way stays in the state `ended`.
void DiskWriter::leave(State expected) {
  if (state_ != expected) throw std::logic_error{"an upload is used out of order"};
  state_ = State::ended;
}

awaitable<> DiskWriter::write(std::string_view piece) {
  leave(State::open);
  if (head_.size() < head_bytes_max) head_ += piece.substr(0, head_bytes_max - head_.size());
  gathered_ += piece;
  if (gathered_.size() >= job_bytes_min) {
    const auto job = [this](DiskStore::NoContext&) {
      store_gathered();
      return true;
    };
    auto storing = core_->pool.run(job);
    co_await std::move(storing);
  }
  state_ = State::open;
}

// On a thread of the pool.
void DiskWriter::store_gathered() {
  content_.add(gathered_);
  file_.append(gathered_);
  gathered_.clear();
}

awaitable<WrittenFile> DiskWriter::finish() {
  leave(State::open);
  const auto job = [this](DiskStore::NoContext&) {
    store_gathered();
    file_.sync();
    return content_.finish();
  };
  auto finishing = core_->pool.run(job);
  hash_ = co_await std::move(finishing);
  gathered_.shrink_to_fit();
  state_ = State::finished;
  WrittenFile written;
  written.hash = hash_;
  written.size = file_.size();
  written.head = head_;
  co_return written;
}

awaitable<> DiskWriter::keep(FileKey key) {
  if (key.hash != hash_) throw std::logic_error{"an upload is kept under another hash"};
  leave(State::finished);
  const auto job = [&](DiskStore::NoContext&) {
    core_->tree.place(file_, key);
    return true;
  };
  auto keeping = core_->pool.run(job);
  co_await std::move(keeping);
}

}  // namespace fechatter::file
