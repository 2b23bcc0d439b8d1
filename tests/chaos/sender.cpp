#include "tests/chaos/sender.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/chaos/requests.hpp"

namespace fechatter::chaos {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr double sender_pause_ms = 220;
constexpr std::size_t remembered_max = 20;

}  // namespace

Sender::Sender(Traffic& traffic, const Chat& chat, std::int64_t person)
    : traffic_{traffic},
      chat_{chat},
      person_{traffic.population.person(person)},
      uploader_{traffic, person_} {}

awaitable<> Sender::run() {
  while (!traffic_.stopping) {
    auto pausing = sleep(traffic_.executor, traffic_.dice.pause(sender_pause_ms));
    co_await std::move(pausing);
    if (!traffic_.active) continue;
    ++traffic_.pending;
    const auto roll = traffic_.dice.below(100);
    auto doing = roll < 65   ? post()
                 : roll < 70 ? repeat_one()
                 : roll < 80 ? edit_or_delete()
                 : roll < 97 ? annotate()
                             : post_files();
    co_await std::move(doing);
    --traffic_.pending;
  }
}

awaitable<> Sender::post() {
  std::vector<std::string> none;
  auto posting = post_with(std::move(none));
  co_await std::move(posting);
}

awaitable<> Sender::post_files() {
  std::vector<std::string> files;
  for (auto left = traffic_.dice.chance(0.2) ? 2 : 1; left > 0; --left) {
    if (traffic_.upload_bytes_left == 0) break;
    auto uploading = uploader_.upload();
    auto url = co_await std::move(uploading);
    if (!url.empty()) files.push_back(std::move(url));
  }
  if (files.empty() || traffic_.dice.chance(0.2)) co_return;
  auto posting = post_with(std::move(files));
  co_await std::move(posting);
}

awaitable<> Sender::post_with(std::vector<std::string> files) {
  auto& sends = traffic_.histories.sends;
  const auto number = sends.size();
  Send send;
  send.person = person_.id;
  send.chat = chat_.id;
  send.key = fmt::format("00000000-0000-4000-8000-{:012}", number);
  send.content = fmt::format("{} message {}", chat_.canary, number);
  send.files = std::move(files);
  if (!accepted_.empty() && traffic_.dice.chance(0.2)) {
    send.reply_to = sends[traffic_.dice.of(accepted_)].answers.front().first;
  }
  send.invoked = moment();
  sends.push_back(std::move(send));
  bool known = false;
  while (!known && !traffic_.stopping) {
    auto attempting = attempt(number);
    known = co_await std::move(attempting);
    if (known) break;
    const auto pause = traffic_.dice.between(milliseconds{20}, milliseconds{300});
    auto pausing = sleep(traffic_.executor, pause);
    co_await std::move(pausing);
  }
  if (sends[number].outcome != Outcome::ok) co_return;
  accepted_.push_back(number);
  if (accepted_.size() > remembered_max) accepted_.erase(accepted_.begin());
}

awaitable<bool> Sender::attempt(std::size_t number) {
  const auto target = fmt::format("/api/chat/{}/messages", chat_.id);
  const auto& before = traffic_.histories.sends[number];
  json body{{"content", before.content}};
  if (before.reply_to != 0) body["reply_to"] = before.reply_to;
  if (!before.files.empty()) body["files"] = before.files;
  auto text = request_text("POST", target, person_.token, body.dump(),
                           fmt::format("Idempotency-Key: {}\r\n", before.key));
  auto asking = send_request(traffic_, std::move(text));
  const auto answer = co_await std::move(asking);
  auto& send = traffic_.histories.sends[number];
  const auto outcome = outcome_of(answer.status);
  const bool was_unknown = send.attempts++ > 0;
  if (outcome == Outcome::unknown) co_return false;
  send.completed = moment();
  if (outcome == Outcome::ok) {
    const auto message = json::parse(answer.body);
    send.answers.emplace_back(message.at("id"), message.at("seq"));
    send.outcome = Outcome::ok;
    co_return true;
  }
  if (send.outcome != Outcome::ok) send.refusal = code_in(answer);
  if (!was_unknown) send.outcome = Outcome::fail;
  co_return true;
}

// Repeats an answered request, which must change nothing.
awaitable<> Sender::repeat_one() {
  if (accepted_.empty()) co_return;
  auto attempting = attempt(traffic_.dice.of(accepted_));
  co_await std::move(attempting);
}

awaitable<> Sender::edit_or_delete() {
  if (accepted_.empty()) co_return;
  const auto at = traffic_.dice.below(accepted_.size());
  const auto number = accepted_[at];
  const bool edits = traffic_.dice.chance(0.7);
  Change change;
  change.kind = edits ? Change::Kind::edit : Change::Kind::deletion;
  change.person = person_.id;
  change.chat = chat_.id;
  change.subject = traffic_.histories.sends[number].answers.front().first;
  change.invoked = moment();
  const auto target = fmt::format("/api/chat/{}/messages/{}", chat_.id, change.subject);
  std::string body;
  if (edits) {
    const auto edit = traffic_.histories.changes.size();
    change.content = fmt::format("{} message {}, edit {}", chat_.canary, number, edit);
    body = json{{"content", change.content}}.dump();
  } else {
    accepted_.erase(accepted_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  const auto index = traffic_.histories.changes.size();
  traffic_.histories.changes.push_back(change);
  auto text = request_text(edits ? "PATCH" : "DELETE", target, person_.token, body);
  auto asking = send_request(traffic_, std::move(text));
  const auto answer = co_await std::move(asking);
  auto& done = traffic_.histories.changes[index];
  done.completed = moment();
  done.status = answer.status;
  done.outcome = outcome_of(answer.status);
}

awaitable<> Sender::annotate() {
  if (accepted_.empty()) co_return;
  const auto& send = traffic_.histories.sends[traffic_.dice.of(accepted_)];
  auto asking = send_request(traffic_, annotation(send.answers.front().first));
  co_await std::move(asking);
}

std::string Sender::annotation(std::int64_t message) {
  const auto base = fmt::format("/api/chat/{}", chat_.id);
  const auto reaction = fmt::format("{}/messages/{}/reactions/%F0%9F%91%8D", base, message);
  const auto pin = fmt::format("{}/pins/{}", base, message);
  const auto named = json{{"message_id", message}}.dump();
  const auto topic = json{{"topic", fmt::format("{} topic {}", chat_.canary, message)}}.dump();
  switch (traffic_.dice.below(7)) {
    case 0: return request_text("PUT", reaction, person_.token);
    case 1: return request_text("DELETE", reaction, person_.token);
    case 2: return request_text("PUT", pin, person_.token);
    case 3: return request_text("DELETE", pin, person_.token);
    case 4: return request_text("POST", base + "/unread", person_.token, named);
    case 5: return request_text("PUT", base + "/settings", person_.token, topic);
    default: return request_text("POST", base + "/read", person_.token, named);
  }
}

TemporaryMember::TemporaryMember(Traffic& traffic, const Chat& chat, std::int64_t person)
    : traffic_{traffic}, chat_{chat}, person_{traffic.population.person(person)} {}

awaitable<> TemporaryMember::run() {
  const bool invited = chat_.type == "PrivateChannel";
  bool inside = false;
  while (!traffic_.stopping) {
    auto pausing = sleep(traffic_.executor, traffic_.dice.pause(2500));
    co_await std::move(pausing);
    if (!traffic_.active) continue;
    inside = !inside;
    const auto in = invited ? Change::Kind::add : Change::Kind::join;
    const auto out = invited ? Change::Kind::removal : Change::Kind::leave;
    ++traffic_.pending;
    auto changing = change(inside ? in : out);
    co_await std::move(changing);
    --traffic_.pending;
  }
}

awaitable<> TemporaryMember::change(Change::Kind kind) {
  const auto index = traffic_.histories.changes.size();
  const bool by_owner = kind == Change::Kind::add || kind == Change::Kind::removal;
  const auto& requester = by_owner ? traffic_.population.person(chat_.owner) : person_;
  Change change;
  change.kind = kind;
  change.person = requester.id;
  change.chat = chat_.id;
  change.subject = person_.id;
  change.invoked = moment();
  traffic_.histories.changes.push_back(change);
  const auto base = fmt::format("/api/chat/{}/", chat_.id);
  const auto body = by_owner ? fmt::format("[{}]", person_.id) : std::string{};
  std::string method = kind == Change::Kind::removal ? "DELETE" : "POST";
  const auto target = base + (by_owner ? "members" : kind == Change::Kind::join ? "join" : "leave");
  auto asking = send_request(traffic_, request_text(method, target, requester.token, body));
  const auto answer = co_await std::move(asking);
  auto& done = traffic_.histories.changes[index];
  done.completed = moment();
  done.status = answer.status;
  done.outcome = outcome_of(answer.status);
}

Outsider::Outsider(Traffic& traffic, std::int64_t person)
    : traffic_{traffic}, person_{traffic.population.person(person)} {}

awaitable<> Outsider::run() {
  const auto closed = traffic_.population.chats_without(person_.id);
  while (!traffic_.stopping) {
    auto pausing = sleep(traffic_.executor, milliseconds{500});
    co_await std::move(pausing);
    if (!traffic_.active) continue;
    const auto chat = traffic_.dice.of(closed);
    const auto target = fmt::format("/api/chat/{}/messages", chat);
    auto asking = send_request(traffic_, request_text("GET", target, person_.token));
    const auto answer = co_await std::move(asking);
    traffic_.histories.foreign_reads.push_back(
        {person_.id, chat, answer.status, traffic_.population.canaries_in(answer.body), moment()});
  }
}

}  // namespace fechatter::chaos
