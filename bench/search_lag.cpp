#include "bench/search_lag.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace fechatter::bench {
namespace {

using nlohmann::json;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t senders = 256;
constexpr Seconds sending_time{10};
constexpr std::size_t sent_min = 30;
constexpr std::size_t sought_max = 100;
constexpr std::chrono::seconds time_limit{15};
constexpr std::chrono::milliseconds pause{5};

// Consists of letters only, so it is one token, and is in no vocabulary.
std::string unique_word(std::size_t number) {
  std::string word = "zqx";
  for (int i = 0; i < 6; ++i, number /= 26) word += static_cast<char>('a' + number % 26);
  return word;
}

}  // namespace

HttpRequest MessageSource::message(const std::string& word) {
  auto text = generator_.make(generator_.any_language()).text;
  if (!word.empty()) text += " " + word;
  const auto chat = history_.chat_id(chats_[++sent_ % chats_.size()]);
  return {"POST", fmt::format("/api/chat/{}/messages", chat), json{{"content", text}}.dump()};
}

SearchLag::SearchLag(MessageSource& source)
    : source_{source},
      sent_by_(senders),
      asker_{loop_, source.port(), source.token(),
             [this](const Answer& answer) { note_asked(answer); }} {
  for (std::size_t i = 0; i < senders; ++i) {
    senders_.emplace_back(loop_, source.port(), source.token(),
                          [this, i](const Answer& answer) { note_sent(i, answer); });
  }
}

LagFigures SearchLag::measure(double rate) {
  while (asker_.busy()) loop_.run_until(Clock::now() + pause);
  sought_.clear();
  const auto begin = Clock::now();
  const auto count = std::max(sent_min, static_cast<std::size_t>(rate * sending_time.count()));
  const auto sample = (count + sought_max - 1) / sought_max;
  for (std::size_t i = 0; i < count; ++i) {
    const Seconds offset{static_cast<double>(i) / rate};
    serve_until(begin + std::chrono::duration_cast<Clock::duration>(offset));
    send(i % sample == 0);
  }
  const auto end = Clock::now() + time_limit;
  while (!all_is_found() && Clock::now() < end) serve_until(Clock::now() + pause);
  LagFigures figures;
  figures.rate = rate;
  figures.sent = count;
  figures.refused = std::exchange(refused_, 0);
  figures.never_found = sought_.size() - found_.size();
  figures.answered = spread_of(std::exchange(answered_, {}));
  figures.found = spread_of(std::exchange(found_, {}));
  return figures;
}

void SearchLag::send(bool is_sought) {
  std::size_t tried = 0;
  while (senders_[next_sender_ % senders].busy()) {
    if (++tried == senders)
      throw std::runtime_error{"every sender has a pending request: the rate is too high"};
    ++next_sender_;
  }
  const auto sender = next_sender_++ % senders;
  const auto word = unique_word(words_++);
  sent_by_[sender] = is_sought ? &sought_.emplace_back(Sought{.word = word}) : nullptr;
  senders_[sender].send(source_.message(word));
}

void SearchLag::note_sent(std::size_t sender, const Answer& answer) {
  answered_.push_back(milliseconds(answer.arrived - answer.began));
  if (answer.status != 201) {
    if (++refused_ == 1) fmt::print(stderr, "refused: {} {}\n", answer.status, answer.body);
    return;
  }
  auto* sought = sent_by_[sender];
  if (sought == nullptr) return;
  sought->answered = sought->due = answer.arrived;
  sought->is_sent = true;
}

void SearchLag::note_asked(const Answer& answer) {
  auto& sought = *std::exchange(asked_, nullptr);
  sought.due = answer.began + pause;
  if (answer.status != 200) {
    if (++refused_ == 1) fmt::print(stderr, "refused: {} {}\n", answer.status, answer.body);
    return;
  }
  if (json::parse(answer.body).at("total") == 0) return;
  sought.is_found = true;
  found_.push_back(milliseconds(answer.arrived - sought.answered));
}

SearchLag::Sought* SearchLag::due_first() {
  Sought* first = nullptr;
  for (auto& sought : sought_) {
    if (!sought.is_sent || sought.is_found || sought.due > Clock::now()) continue;
    if (first == nullptr || sought.due < first->due) first = &sought;
  }
  return first;
}

// A quoted word matches neither as a prefix nor with typing errors.
void SearchLag::serve_until(Clock::time_point end) {
  do {
    if (asked_ == nullptr) asked_ = due_first();
    if (asked_ != nullptr && !asker_.busy()) {
      const json question{{"q", fmt::format("\"{}\"", asked_->word)}};
      asker_.send({"POST", "/api/search/messages", question.dump()});
    }
    loop_.run_until(std::min(end, Clock::now() + std::chrono::milliseconds{1}));
  } while (Clock::now() < end);
}

bool SearchLag::all_is_found() const {
  return std::all_of(sought_.begin(), sought_.end(),
                     [](const Sought& sought) { return sought.is_found; });
}

}  // namespace fechatter::bench
