#include "fechatter_server/search/message_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "fechatter_core/error.hpp"
#include "fechatter_core/json_size.hpp"
#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_server/chat/chat_refusals.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/search/highlight.hpp"
#include "fechatter_server/search/literal_terms.hpp"
#include "fechatter_server/search/search_syntax.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

// Of one statement, and of one of a heavy reader: some milliseconds, whatever the texts hold.
constexpr std::size_t texts_max = 128;
constexpr std::size_t texts_of_a_part = 8;
constexpr std::size_t matches_of_a_part = 200;
constexpr std::size_t hits_of_a_part = 2;

// Those from `begin` on, at most so many.
std::vector<MessageId> ids_of(const std::vector<IndexMatch>& matches, std::size_t begin,
                              std::size_t count) {
  std::vector<MessageId> ids;
  const auto end = std::min(begin + count, matches.size());
  for (auto i = begin; i < end; ++i) ids.push_back(matches[i].id);
  return ids;
}

SearchFacets count(const std::vector<IndexMatch>& matches,
                   const std::vector<SearchableChat>& scope) {
  std::unordered_map<ChatId, ChatType> types;
  for (const auto& chat : scope) types[chat.id] = chat.type;
  SearchFacets facets;
  for (const auto& match : matches) {
    ++facets.chat_id[match.chat_id];
    ++facets.sender_id[match.sender_id];
    ++facets.chat_type[types[match.chat_id]];
    ++facets.month[to_rfc3339(match.created_at).substr(0, 7)];
  }
  return facets;
}

// By score, then the newest first, then the more recently active chat first.
void sort_by_relevance(std::vector<IndexMatch>& matches, const std::vector<SearchableChat>& scope) {
  std::unordered_map<ChatId, std::size_t> places;
  for (const auto& chat : scope) places.emplace(chat.id, places.size());
  std::stable_sort(matches.begin(), matches.end(), [&](const IndexMatch& a, const IndexMatch& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.created_at != b.created_at) return a.created_at > b.created_at;
    return places[a.chat_id] < places[b.chat_id];
  });
}

std::size_t begin_of(const SearchCursor& start, const std::vector<IndexMatch>& matches) {
  const auto found = std::find_if(matches.begin(), matches.end(),
                                  [&](const IndexMatch& match) { return match.id == start.after; });
  const auto place = found == matches.end() ? start.offset : found - matches.begin() + 1;
  return std::min(static_cast<std::size_t>(place), matches.size());
}

constexpr std::size_t hits_bytes_max = page_bytes_max / 2;  // older clients get a second copy

// As JSON, at most.
std::size_t hit_size(const SearchHit& hit) {
  constexpr std::size_t own_fields = 64;
  return own_fields + json_size(hit.message) + fechatter::json_size(hit.chat_name) +
         fechatter::json_size(hit.highlight);
}

// The hits of a page, as far as its bytes go.
class HitsMaker {
 public:
  HitsMaker(SearchPage& page, const std::vector<SearchTerm>& terms) : page_{page}, terms_{terms} {}

  // What is behind so many bytes of texts does not belong to the page.
  std::size_t bytes_left() const {
    return hits_bytes_max - std::min(hits_bytes_max, budget_.bytes());
  }
  // The next matches, [begin, end), with their `hits`, which it empties: matches without one are
  // left out, unless they are behind bytes_left(). Returns the first match that is not in the page:
  // `end`, if there is room for more.
  std::size_t add(std::vector<SearchHit>& hits, const std::vector<IndexMatch>& matches,
                  std::size_t begin, std::size_t end) {
    for (auto i = begin; i < end; ++i) {
      const auto is_this = [&](const SearchHit& hit) { return hit.message.id == matches[i].id; };
      const auto hit = std::find_if(hits.begin(), hits.end(), is_this);
      if (hit == hits.end()) continue;
      hit->score = matches[i].score;
      hit->highlight = highlight(hit->message.content, terms_);
      if (!budget_.admit(hit_size(*hit))) return i;
      page_.hits.push_back(std::move(*hit));
    }
    page_.bytes = 2 * budget_.bytes();
    return end;
  }

 private:
  SearchPage& page_;
  const std::vector<SearchTerm>& terms_;
  PageBudget budget_{hits_bytes_max};
};

std::string without(const std::string& name, char sign) {
  return name.starts_with(sign) ? name.substr(1) : name;
}

bool is_me(const std::string& name) {
  return case_folded(name) == "me";
}

bool names_a_user(const std::string& chat_name) {
  return chat_name.starts_with('@');
}

// Empty: any sender. Nullopt: no message can match.
std::optional<std::vector<UserId>> senders_of(
    Caller caller, const SearchRequest& request,
    const std::map<std::string, std::vector<UserId>>& people) {
  std::vector<UserId> senders;
  for (const auto& name : request.sender_names) {
    if (is_me(name)) {
      senders.push_back(caller.user);
      continue;
    }
    const auto& found = people.at(name);
    if (found.empty()) {
      throw invalid_field("q", fmt::format("from: there is nobody called {}", name));
    }
    senders.insert(senders.end(), found.begin(), found.end());
  }
  if (!request.sender) return senders;
  const bool among = std::find(senders.begin(), senders.end(), *request.sender) != senders.end();
  if (!request.sender_names.empty() && !among) return std::nullopt;
  return std::vector{*request.sender};
}

// The chats of that name among those of the caller: an id, a name, or "@name" for the Singles with
// such users.
std::vector<ChatId> chats_called(const std::string& name, const std::vector<SearchableChat>& chats,
                                 const std::map<std::string, std::vector<UserId>>& people) {
  const auto bare = without(name, '#');
  const auto key = search_key(bare);
  const auto is_called = [&](const SearchableChat& chat) {
    if (!names_a_user(name)) {
      return std::to_string(chat.id.value) == bare || (!key.empty() && chat.name_key == key);
    }
    const auto& users = people.at(name);
    return chat.other && std::find(users.begin(), users.end(), *chat.other) != users.end();
  };
  std::vector<ChatId> called;
  for (const auto& chat : chats) {
    if (is_called(chat)) called.push_back(chat.id);
  }
  return called;
}

// What the index looks for. It knows words only, so it cannot exclude "C++" without "C".
std::vector<SearchTerm> index_terms(const std::vector<SearchTerm>& terms) {
  std::vector<SearchTerm> searched;
  for (const auto& term : terms) {
    if (has_token(term) && !(term.excluded && is_literal(term))) searched.push_back(term);
  }
  return searched;
}

}  // namespace

awaitable<SearchPage> MessageSearch::search(Caller caller, SearchRequest request, Pace& pace) {
  const auto begin = Clock::now();
  const auto held = co_await turns_.begin(caller.user);
  const Run run{caller, std::move(request), held->turn(), pace};
  auto page = co_await search_in_turn(run);
  run.turn.require();
  const auto took = Clock::now() - begin;
  page.took = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  times_.observe(took);
  co_return page;
}

awaitable<SearchPage> MessageSearch::search_in_turn(const Run& run) {
  SearchPage page;
  const auto& request = run.request;
  const auto people = co_await people_of(run);
  const auto scope = co_await scope_of(run, people);
  auto senders = senders_of(run.caller, request, people);
  if (scope.empty() || !senders) co_return page;
  IndexQuery query{run.caller.workspace,
                   run.caller.user,
                   {},
                   index_terms(request.terms),
                   std::move(*senders),
                   request.from,
                   request.until,
                   request.has_file,
                   request.has_link,
                   request.sort,
                   run.turn};
  for (const auto& chat : scope) query.chats.push_back(chat.id);
  co_await rest(run);
  auto matches = co_await find(run, std::move(query));
  if (request.sort == SearchSort::relevance) sort_by_relevance(matches, scope);
  page.total = static_cast<std::int64_t>(matches.size());
  page.facets = count(matches, scope);
  co_await fill(page, run, matches);
  co_return page;
}

awaitable<MessageSearch::People> MessageSearch::people_of(const Run& run) {
  std::vector<std::string> typed;
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    typed.push_back(name);
    names.push_back(without(name, '@'));
  };
  for (const auto& name : run.request.sender_names) {
    if (!is_me(name)) add(name);
  }
  for (const auto& name : run.request.chat_names) {
    if (names_a_user(name)) add(name);
  }
  People people;
  if (names.empty()) co_return people;
  auto found = co_await repository_.find_people(run.caller.workspace, std::move(names), run.turn);
  for (std::size_t i = 0; i < typed.size(); ++i) people[typed[i]] = std::move(found[i]);
  co_await rest(run);
  co_return people;
}

awaitable<std::vector<SearchableChat>> MessageSearch::scope_of(const Run& run,
                                                               const People& people) {
  const auto& request = run.request;
  auto scope = co_await repository_.scope_of(run.caller, !request.chat_names.empty(), run.turn);
  const auto is_other = [&](const SearchableChat& chat) { return chat.id != *request.chat; };
  if (request.chat && std::all_of(scope.begin(), scope.end(), is_other)) throw no_such_chat();
  std::vector<ChatId> named;
  for (const auto& name : request.chat_names) {
    const auto called = chats_called(name, scope, people);
    if (called.empty()) {
      throw invalid_field("q", fmt::format("in: you are in no chat called {}", name));
    }
    named.insert(named.end(), called.begin(), called.end());
  }
  if (request.chat) std::erase_if(scope, is_other);
  std::erase_if(scope, [&](const SearchableChat& chat) {
    const bool other_name = !request.chat_names.empty() &&
                            std::find(named.begin(), named.end(), chat.id) == named.end();
    return other_name || (request.chat_type && chat.type != *request.chat_type);
  });
  co_return scope;
}

awaitable<std::vector<IndexMatch>> MessageSearch::find(const Run& run, IndexQuery query) {
  auto matches = co_await index_.find(std::move(query));
  co_await rest(run);
  co_await drop_invisible(run, matches);
  co_await compare_literally(run, matches);
  co_return matches;
}

// An index may lag: a match that the caller may not see any more, or whose text has changed since,
// is neither shown nor counted.
awaitable<> MessageSearch::drop_invisible(const Run& run, std::vector<IndexMatch>& matches) {
  const auto count = run.pace.has_parts() ? matches_of_a_part : search_total_max;
  std::map<MessageId, Timestamp> visible;
  for (std::size_t begin = 0; begin < matches.size(); begin += count) {
    auto ids = ids_of(matches, begin, count);
    visible.merge(co_await repository_.visible(run.caller, std::move(ids), run.turn));
    co_await rest(run);
  }
  std::erase_if(matches, [&](const IndexMatch& match) {
    const auto found = visible.find(match.id);
    return found == visible.end() || found->second != match.version;
  });
}

// Drops the matches that do not hold a phrase as it is written, or that hold an excluded term so.
// Of the others, those that hold all terms so have the upper half of the scores.
awaitable<> MessageSearch::compare_literally(const Run& run, std::vector<IndexMatch>& matches) {
  const auto& terms = run.request.terms;
  const auto is_compared = [](const SearchTerm& term) { return is_literal(term); };
  if (std::none_of(terms.begin(), terms.end(), is_compared)) co_return;
  const auto count = run.pace.has_parts() ? texts_of_a_part : texts_max;
  std::map<MessageId, LiteralVerdict> verdicts;
  for (std::size_t begin = 0; begin < matches.size(); begin += count) {
    auto ids = ids_of(matches, begin, count);
    verdicts.merge(
        co_await repository_.compare_literally(run.caller, std::move(ids), terms, run.turn));
    co_await rest(run);
  }
  std::erase_if(matches, [&](const IndexMatch& match) {
    const auto found = verdicts.find(match.id);
    return found == verdicts.end() || !found->second.matches;
  });
  for (auto& match : matches) {
    match.score = match.score / 2 + (verdicts.at(match.id).holds_all ? 0.5 : 0);
  }
}

awaitable<> MessageSearch::fill(SearchPage& page, const Run& run,
                                const std::vector<IndexMatch>& matches) {
  const auto begin = begin_of(run.request.start, matches);
  page.offset = static_cast<std::int64_t>(begin);
  const auto limit = static_cast<std::size_t>(run.request.limit);
  const auto end = std::min(begin + limit, matches.size());
  const auto count = run.pace.has_parts() ? hits_of_a_part : limit;
  HitsMaker maker{page, run.request.terms};
  auto behind = begin;
  while (behind < end) {
    const auto part_end = std::min(behind + count, end);
    auto ids = ids_of(matches, behind, part_end - behind);
    auto hits =
        co_await repository_.read_hits(run.caller, std::move(ids), maker.bytes_left(), run.turn);
    co_await rest(run);
    // A heavy reader's go where large answers are made: at a low priority.
    auto bytes = run.pace.has_parts() ? hits_bytes_max : 0;
    for (const auto& hit : hits) bytes += hit.message.content.size();
    auto add = [&] { return maker.add(hits, matches, behind, part_end); };
    behind = co_await answers_.make(bytes, std::move(add));
    co_await rest(run);
    if (behind < part_end) break;
  }
  page.cut = behind < end;
  if (behind < matches.size()) {
    page.next = SearchCursor{static_cast<std::int64_t>(behind), matches[behind - 1].id};
  }
}

// Ends a part of the search.
awaitable<> MessageSearch::rest(const Run& run) {
  auto resting = run.pace.rest();
  run.turn.exempt(co_await std::move(resting));
  run.turn.require();
}

}  // namespace fechatter::server
