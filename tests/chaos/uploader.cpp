#include "tests/chaos/uploader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fechatter_core/auth/encoding.hpp"
#include "tests/chaos/requests.hpp"
#include "tests/support/multipart.hpp"

namespace fechatter::chaos {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t small_file = 4 << 10;
constexpr std::size_t medium_file = 64 << 10;
constexpr std::size_t large_file = 400 << 10;  // nginx takes a body of 1 MiB

std::size_t draw_size(Dice& dice) {
  const auto roll = dice.below(100);
  return 1 + dice.below(roll < 70 ? small_file : roll < 95 ? medium_file : large_file);
}

}  // namespace

awaitable<std::string> Uploader::upload() {
  auto& uploads = traffic_.histories.uploads;
  const auto number = uploads.size();
  const auto content = make_content(number);
  FileUpload begun;
  begun.person = person_.id;
  begun.size = content.size();
  begun.hash = auth::to_bytea(auth::sha256(content)).substr(2);
  begun.invoked = moment();
  uploads.push_back(std::move(begun));
  traffic_.upload_bytes_left -= std::min(traffic_.upload_bytes_left, content.size());
  bool known = false;
  while (!known && !traffic_.stopping) {
    auto attempting = attempt(number, content);
    known = co_await std::move(attempting);
    if (known) break;
    auto pausing =
        sleep(traffic_.executor, traffic_.dice.between(milliseconds{50}, milliseconds{400}));
    co_await std::move(pausing);
  }
  co_return uploads[number].url;
}

// The number makes it another one than all others.
std::string Uploader::make_content(std::size_t number) {
  auto content = fmt::format("file {}\n", number);
  const auto size = content.size() + draw_size(traffic_.dice);
  while (content.size() < size) content += static_cast<char>(traffic_.dice.below(256));
  return content;
}

awaitable<bool> Uploader::attempt(std::size_t number, const std::string& content) {
  const auto body = test::form_body({{fmt::format("file {}.bin", number), content}});
  auto request = upload_text("/api/upload", person_.token, body, test::form_boundary);
  auto asking = send_upload(traffic_, std::move(request));
  const auto answer = co_await std::move(asking);
  auto& upload = traffic_.histories.uploads[number];
  ++upload.attempts;
  const auto outcome = outcome_of(answer.status);
  if (outcome == Outcome::unknown) co_return false;
  upload.outcome = outcome;
  upload.completed = moment();
  if (outcome == Outcome::fail) {
    upload.refusal = code_in(answer);
    co_return true;
  }
  const auto urls = nlohmann::json::parse(answer.body);
  upload.url = urls.at(0).get<std::string>();
  co_return true;
}

}  // namespace fechatter::chaos
