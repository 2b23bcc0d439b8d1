#include "fechatter_server/file/chunk_receiver.hpp"

#include <exception>

#include "fechatter_core/error.hpp"

namespace fechatter::server {

ChunkReceiver::ChunkReceiver(Caller caller, ResumableUpload& upload, file::PartialFile& file,
                             const std::optional<file::ChunkChecksum>& checksum,
                             ResumableUploadRepository& repository, std::chrono::seconds life)
    : caller_{caller},
      upload_{upload},
      file_{file},
      checksum_{checksum},
      repository_{repository},
      life_{life},
      synced_{static_cast<std::uint64_t>(upload.received)} {
  if (checksum_) hash_.emplace(checksum_->algorithm);
}

awaitable<bool> ChunkReceiver::receive(http::BodyReader& body) {
  std::exception_ptr failure;
  try {
    co_await receive_pieces(body);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    if (!checksum_) co_await keep_rest();
    std::rethrow_exception(failure);
  }
  if (checksum_) co_await require_checksum();
  co_await file_.sync();
  if (is_whole()) co_return true;
  co_await advance();
  co_return false;
}

awaitable<> ChunkReceiver::receive_pieces(http::BodyReader& body) {
  for (;;) {
    const auto piece = co_await body.read();
    if (piece.empty()) co_return;
    if (size_now() + piece.size() > static_cast<std::uint64_t>(upload_.size)) {
      throw Error{ErrorCode::payload_too_large, "The chunk reaches beyond Upload-Length."};
    }
    co_await add(piece);
  }
}

awaitable<> ChunkReceiver::add(std::string_view piece) {
  if (hash_) hash_->add(piece);
  co_await file_.write(piece);
  const bool is_due = size_now() - synced_ >= step_bytes || Clock::now() - synced_at_ >= step_time;
  if (is_due && !is_whole()) co_await step();
}

awaitable<> ChunkReceiver::step() {
  co_await file_.sync();
  synced_ = size_now();
  synced_at_ = Clock::now();
  if (!checksum_) co_await advance();
}

// Of a body that ended early. What fails here is not the client's concern: the next request begins
// where the row says.
awaitable<> ChunkReceiver::keep_rest() {
  try {
    if (is_whole()) co_return;
    co_await file_.sync();
    co_await advance();
  } catch (const std::exception&) {
    co_return;
  }
}

awaitable<> ChunkReceiver::advance() {
  const auto received = static_cast<std::int64_t>(size_now());
  auto advancing = repository_.advance(caller_, upload_.id, upload_.received, received, life_);
  const auto expires_at = co_await std::move(advancing);
  if (!expires_at) throw Error{ErrorCode::upload_not_found, "There is no such upload any more."};
  upload_.received = received;
  upload_.expires_at = *expires_at;
}

awaitable<> ChunkReceiver::require_checksum() {
  if (hash_->finish() == checksum_->digest) co_return;
  const auto before = static_cast<std::uint64_t>(upload_.received);
  co_await file_.cut(before);
  throw Error{ErrorCode::checksum_mismatch, "Upload-Checksum: the chunk has another one."};
}

}  // namespace fechatter::server
