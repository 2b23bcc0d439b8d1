#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/repository/file_repository.hpp"

namespace fechatter {

enum class ThumbnailOutcome {
  ready,
  failed,   // for good: the picture will not become another one
  crashed,  // tried again in a while, three times in all
  put_off   // nothing was learned of the picture; the try does not count
};

// What a try to make the thumbnails of a picture has come to.
struct ThumbnailTry {
  FileId file;
  ThumbnailOutcome outcome = ThumbnailOutcome::put_off;
  std::optional<PixelSize> pixels;      // nullopt: not known
  std::optional<std::string> blurhash;  // when ready
};

// Which pictures still need thumbnails (migrations/functions/thumbnails.sql). What is claimed must
// be finished within a minute: afterwards any server may claim it again. Any thread; threads and
// errors as described at ChatRepository (repository/chat_repository.hpp).
class ThumbnailRepository {
 public:
  virtual ~ThumbnailRepository() = default;

  // Of a picture whose upload has just been recorded. Nullopt when a try has begun already, or when
  // the file is none.
  virtual awaitable<std::optional<StoredFile>> claim(FileId file) = 0;
  // Those that no server has finished in time, `slice` at most.
  virtual awaitable<std::vector<StoredFile>> claim_due(int slice) = 0;
  // False: another try has ended before, or the file is being removed.
  virtual awaitable<bool> finish(ThumbnailTry ended) = 0;
};

}  // namespace fechatter
