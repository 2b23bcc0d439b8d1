#include "fechatter_core/http/client.hpp"
#include "fechatter_server/search/meilisearch_documents.hpp"
#include "tests/meilisearch/live_fixture.hpp"
#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using test::deleted;
using test::edited;
using test::in_chat;
using test::message;
using test::phrase;
using test::prefix;
using test::query;
using test::refusal_of;
using test::without;
using test::word;
using testing::ElementsAre;
using testing::IsEmpty;
using State = MeilisearchIndex::State;

class RealMeilisearch : public test::IndexInMeilisearch {
 protected:
  // The settings with a key as compose makes it (deploy/compose/search_key.json), for the two
  // indexes of the test.
  MeilisearchSettings with_limited_key() const {
    auto key = json::parse(test::read_file(test::source_path("deploy/compose/search_key.json")));
    key["indexes"] = {settings.index, build_index_name(settings)};
    key.erase("uid");
    http::Client client;
    const auto made =
        client.send({"POST",
                     settings.url + "/keys",
                     {"Content-Type: application/json", "Authorization: Bearer " + settings.key},
                     key.dump()});
    auto limited = settings;
    limited.key = json::parse(made.body).at("key");
    return limited;
  }
};

TEST_F(RealMeilisearch, TheKeyOfComposeSufficesForTheTwoIndexesAndOpensNoOther) {
  const auto limited = with_limited_key();
  MeilisearchIndex own{limited};
  own.apply({message(1, "hello")});
  EXPECT_THAT(found({word("hello")}), ElementsAre(1));
  MeilisearchMaintenance maintenance{limited};
  maintenance.begin_build();
  maintenance.build({message(1, "hello"), message(2, "hello")});
  maintenance.finish_build();
  EXPECT_THAT(found({word("hello")}), ElementsAre(2, 1));
  MeilisearchClient client{limited};
  EXPECT_FALSE(client.version().empty());
  EXPECT_TRUE(test::is_unavailable([&] { client.search("another", json::object()); }));
  EXPECT_TRUE(test::is_unavailable([&] { client.create_index("another", "id"); }));
}

TEST_F(RealMeilisearch, AMessageIsFoundWhenItHasBeenApplied) {
  apply({message(1, "The deploy has FAILED in Zürich")});
  EXPECT_THAT(found({word("deploy")}), ElementsAre(1));
  EXPECT_THAT(found({word("failed")}), ElementsAre(1));
  EXPECT_THAT(found({word("zurich")}), ElementsAre(1));
  EXPECT_THAT(found({word("deploy"), word("zürich")}), ElementsAre(1));
  EXPECT_THAT(found({word("deploy"), word("london")}), IsEmpty());
}

TEST_F(RealMeilisearch, AMatchHasItsChatAndSender) {
  const auto sent = edited(message(1, "hello"), "hello, world");
  apply({sent});
  const auto match = matches(query({word("hello")})).at(0);
  EXPECT_EQ(match.id, sent.id);
  EXPECT_EQ(match.chat_id, sent.chat_id);
  EXPECT_EQ(match.sender_id, sent.sender_id);
  EXPECT_EQ(match.created_at, sent.created_at);
  EXPECT_EQ(match.version, sent.version);
  EXPECT_EQ(match.score, 1);
}

TEST_F(RealMeilisearch, OnlyTheNamedChatsOfTheWorkspaceAreSearched) {
  auto elsewhere = message(3, "hello");
  elsewhere.workspace_id = WorkspaceId{4};
  apply({message(1, "hello"), in_chat(8, message(2, "hello")), elsewhere});
  EXPECT_THAT(found({word("hello")}), ElementsAre(1));
  auto both = query({word("hello")});
  both.chats.push_back(ChatId{8});
  EXPECT_THAT(test::ids_of(matches(both)), ElementsAre(2, 1));
  EXPECT_THAT(found({}), ElementsAre(1));
}

TEST_F(RealMeilisearch, APrefixMatchesOnlyWhereOneIsAllowed) {
  apply({message(1, "configuration"), message(2, "reconfigure"), message(3, "config")});
  EXPECT_THAT(found({prefix("config")}), ElementsAre(3, 1));
  EXPECT_THAT(found({word("config")}), ElementsAre(3));
}

TEST_F(RealMeilisearch, ALongWordToleratesOneErrorAndAVeryLongOneTwo) {
  apply({message(1, "deploy"), message(2, "parliament"), message(3, "ship"), message(4, "ticket42"),
         message(5, "мама")});
  EXPECT_THAT(found({word("deplyo")}), ElementsAre(1));
  EXPECT_THAT(found({word("deplo")}), ElementsAre(1));
  EXPECT_THAT(found({word("deployy")}), ElementsAre(1));
  EXPECT_THAT(found({word("depliy")}), ElementsAre(1));
  EXPECT_THAT(found({word("dapliy")}), IsEmpty());
  EXPECT_THAT(found({word("parlimant")}), ElementsAre(2));
  EXPECT_THAT(found({word("shop")}), IsEmpty());
  EXPECT_THAT(found({word("ticket43")}), IsEmpty());
  EXPECT_THAT(found({word("мамы")}), IsEmpty());
}

TEST_F(RealMeilisearch, AnErrorInTheFirstLetterCountsOnce) {
  apply({message(1, "kangaroo"), message(2, "ёжики")});
  EXPECT_THAT(found({word("jangaroo")}), ElementsAre(1));
  EXPECT_THAT(found({word("angaroo")}), ElementsAre(1));
  EXPECT_THAT(found({word("akngaroo")}), ElementsAre(1));
  EXPECT_THAT(found({word("ожики")}), ElementsAre(2));
}

TEST_F(RealMeilisearch, AnAlphabetOfMoreBytesToleratesNoMoreErrors) {
  apply({message(1, "туман"), message(2, "мама")});
  EXPECT_THAT(found({word("тумон")}), ElementsAre(1));
  EXPECT_THAT(found({word("томон")}), IsEmpty());
  EXPECT_THAT(found({prefix("мами")}), IsEmpty());
}

TEST_F(RealMeilisearch, NumbersTolerateNoErrorsAndMatchAsPrefixes) {
  apply({message(1, "invoice 20417"), message(2, "invoice 20418")});
  EXPECT_THAT(found({prefix("20417")}), ElementsAre(1));
  EXPECT_THAT(found({word("invoice"), prefix("20417")}), ElementsAre(1));
  EXPECT_THAT(found({prefix("2041")}), ElementsAre(2, 1));
}

TEST_F(RealMeilisearch, EveryAlphabetStaysWhole) {
  const std::vector<std::string> words{
      "straße", "łódź",   "Ιθάκη", "туман",      "ՀԱՅԱՍՏԱՆ", "שלום", "الكتاب",
      "नमस्ते",   "বাংলা",  "ਪੰਜਾਬੀ", "ગુજરાતી",     "ଓଡ଼ିଆ",      "தமிழ்", "తెలుగు",
      "ಕನ್ನಡ",   "മലയാളം", "සිංහල",  "საქართველო", "አማርኛ",     "Đà",   "mixedтуман"};
  std::vector<IndexedMessage> messages;
  for (std::size_t i = 0; i < words.size(); ++i) {
    messages.push_back(message(static_cast<std::int64_t>(i + 1), "we грибы " + words[i] + " ok"));
  }
  apply(messages);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto id = static_cast<std::int64_t>(i + 1);
    EXPECT_THAT(found({phrase(words[i] + " ok")}), ElementsAre(id)) << words[i];
    EXPECT_THAT(found({prefix(words[i])}), ElementsAre(id)) << words[i];
  }
}

TEST_F(RealMeilisearch, APhraseMatchesItsWordsInOrder) {
  apply({message(1, "please parse config now"), message(2, "config to parse"),
         message(3, "parse the config")});
  EXPECT_THAT(found({phrase("parse config")}), ElementsAre(1));
  EXPECT_THAT(found({phrase("parse confi")}), IsEmpty());
  EXPECT_THAT(found({phrase("Parse Config"), word("please")}), ElementsAre(1));
}

TEST_F(RealMeilisearch, ExcludedTermsAreInNoHit) {
  apply({message(1, "deploy failed"), message(2, "deploy went well"), message(3, "nothing"),
         message(4, "a failed-test of the deploy")});
  EXPECT_THAT(found({word("deploy"), without(word("failed"))}), ElementsAre(2));
  EXPECT_THAT(found({word("deploy"), without(phrase("went well"))}), ElementsAre(4, 1));
  EXPECT_THAT(found({word("deploy"), without(word("failed-test"))}), ElementsAre(2, 1));
  EXPECT_THAT(found({without(word("failed")), without(word("nothing"))}), ElementsAre(2));
  EXPECT_THAT(found({phrase("deploy"), without(word("failed")), word("nothing")}), IsEmpty());
}

TEST_F(RealMeilisearch, ExactMatchesRankBeforePrefixesBeforeMisspellingsThenTheNewest) {
  apply({message(1, "deploy"), message(2, "deployment is on"), message(3, "they deplot"),
         message(4, "let us deploy"), message(5, "deplay"), message(6, "deploys")});
  const auto all = matches(query({prefix("deploy")}));
  EXPECT_THAT(test::ids_of(all), ElementsAre(4, 1, 6, 2, 5, 3));
  EXPECT_EQ(all.front().score, 1);
  EXPECT_EQ(all[0].score, all[1].score);
  EXPECT_GT(all[1].score, all[2].score);
  EXPECT_GT(all[3].score, all[4].score);
  EXPECT_GT(all.back().score, 0);
}

TEST_F(RealMeilisearch, TheNewestIsFirstWhenSortedByTime) {
  apply({message(1, "deploy"), message(3, "deplot"), message(2, "deploy")});
  auto newest = query({word("deploy")});
  newest.sort = SearchSort::newest;
  EXPECT_THAT(test::ids_of(matches(newest)), ElementsAre(3, 2, 1));
}

TEST_F(RealMeilisearch, SendersTimesFilesAndLinksNarrowTheSearch) {
  auto other = message(2, "hello");
  other.sender_id = UserId{6};
  auto file = message(3, "hello");
  file.files = {"/api/files/3/ab/Quarterly%20report.pdf"};
  apply({message(1, "hello"), other, file, message(4, "hello https://example.org")});
  auto narrow = query({word("hello")});
  narrow.senders = {UserId{6}};
  EXPECT_THAT(test::ids_of(matches(narrow)), ElementsAre(2));
  narrow = query({word("hello")});
  narrow.has_file = true;
  EXPECT_THAT(test::ids_of(matches(narrow)), ElementsAre(3));
  narrow = query({});
  narrow.has_link = true;
  EXPECT_THAT(test::ids_of(matches(narrow)), ElementsAre(4));
  narrow = query({word("hello")});
  narrow.from = message(2, "").created_at;
  narrow.until = message(4, "").created_at;
  EXPECT_THAT(test::ids_of(matches(narrow)), ElementsAre(3, 2));
  EXPECT_THAT(found({prefix("quarterl")}), ElementsAre(3));
}

TEST_F(RealMeilisearch, AnEditAndADeletionTakeEffectAtOnce) {
  apply({message(1, "hello"), message(2, "hello")});
  apply({edited(message(1, ""), "goodbye"), deleted(message(2, ""))});
  EXPECT_THAT(found({word("hello")}), IsEmpty());
  EXPECT_THAT(found({word("goodbye")}), ElementsAre(1));
  EXPECT_THAT(found({}), ElementsAre(1));
}

TEST_F(RealMeilisearch, ALateEventChangesNothing) {
  apply({edited(message(1, ""), "goodbye"), deleted(message(2, ""))});
  apply({message(1, "hello"), message(2, "hello")});
  EXPECT_THAT(found({word("hello")}), IsEmpty());
  EXPECT_THAT(found({word("goodbye")}), ElementsAre(1));
}

TEST_F(RealMeilisearch, AHitMatchesAllOfManyTerms) {
  apply({message(1, "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima"),
         message(2, "alpha bravo charlie delta echo foxtrot golf hotel india juliet")});
  std::vector<SearchTerm> terms;
  for (const auto* text : {"alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel",
                           "india", "juliet"}) {
    terms.push_back(word(text));
  }
  EXPECT_THAT(found(terms), ElementsAre(2, 1));
  terms.push_back(word("kilo"));
  EXPECT_THAT(found(terms), ElementsAre(1));
  EXPECT_THAT(found({prefix("alph"), prefix("lim")}), ElementsAre(1));
}

TEST_F(RealMeilisearch, TheNumberOfMatchesIsLimited) {
  std::vector<IndexedMessage> many;
  for (int id = 1; id <= 1003; ++id) many.push_back(message(id, "hello"));
  apply(many);
  const auto all = found({word("hello")});
  ASSERT_EQ(all.size(), search_total_max);
  EXPECT_EQ(all.front(), 1003);
  EXPECT_EQ(all.back(), 4);
}

TEST_F(RealMeilisearch, SpecialCharactersOfAQueryAreText) {
  apply({message(1, "say hi to C++ users"), message(2, "parse-config is slow"),
         message(3, "we ship it 🎉")});
  EXPECT_THAT(found({phrase("say \"hi\"")}), ElementsAre(1));
  EXPECT_THAT(found({word("parse-config")}), ElementsAre(2));
  EXPECT_THAT(found({word("-slow")}), ElementsAre(2));
  EXPECT_THAT(found({word("\"slow")}), ElementsAre(2));
  EXPECT_THAT(found({word("🎉")}), ElementsAre(3));
}

TEST_F(RealMeilisearch, InAScriptWithoutSpacesEveryPartOfATextMatches) {
  apply({message(1, "今天天气很好，我们去公园"), message(2, "回議は明日です、カメラも"),
         message(3, "회의가 오늘 있습니다"), message(4, "Q3报告")});
  EXPECT_THAT(found({word("天气")}), ElementsAre(1));
  EXPECT_THAT(found({word("公园")}), ElementsAre(1));
  EXPECT_THAT(found({word("天很")}), IsEmpty());
  EXPECT_THAT(found({prefix("明日")}), ElementsAre(2));
  EXPECT_THAT(found({word("メラ")}), ElementsAre(2));
  EXPECT_THAT(found({word("회의")}), ElementsAre(3));
  EXPECT_THAT(found({word("Q3报告")}), ElementsAre(4));
  EXPECT_THAT(found({word("报告"), without(word("Q3"))}), IsEmpty());
}

TEST_F(RealMeilisearch, SettingsReadBackAsTheyWereSet) {
  index->prepare();
  MeilisearchClient client{settings};
  const auto before = client.settings(settings.index);
  auto after = before;
  after.merge_patch(messages_settings());
  EXPECT_EQ(after, before);
}

TEST_F(RealMeilisearch, AFinishedBuildReplacesTheServedIndex) {
  apply({message(1, "of before")});
  EXPECT_EQ(index->prepare(), State::unbuilt);
  MeilisearchMaintenance maintenance{settings};
  maintenance.begin_build();
  apply({message(2, "applied meanwhile")});
  maintenance.build({message(3, "filled in")});
  EXPECT_THAT(found({word("meanwhile")}), ElementsAre(2));
  EXPECT_EQ(MeilisearchMaintenance{settings}.begin_build(), MessageId{3});
  maintenance.finish_build();
  EXPECT_THAT(found({}), ElementsAre(3, 2));
  EXPECT_EQ(index->prepare(), State::current);
  const auto versions = maintenance.versions({MessageId{0}, MessageId{2}, {}});
  ASSERT_EQ(versions.size(), 1U);
  EXPECT_EQ(versions.at(MessageId{2}), message(2, "").version);
}

TEST_F(RealMeilisearch, ADocumentWithoutAProperIdIsARefusal) {
  MeilisearchClient client{settings};
  const auto refused = [&](const json& document) {
    return refusal_of([&] { client.await(client.add_documents(settings.index, {document})); });
  };
  EXPECT_EQ(refused({{"id", "one two"}}), "invalid_document_id");
  EXPECT_EQ(refused({{"content", "hello"}}), "missing_document_id");
}

TEST_F(RealMeilisearch, AMissingIndexOrTaskIsARefusal) {
  MeilisearchClient client{settings};
  EXPECT_EQ(refusal_of([&] { client.search(settings.index, {{"q", ""}}); }), "index_not_found");
  EXPECT_EQ(refusal_of([&] { client.await(client.delete_index(settings.index)); }),
            "index_not_found");
  EXPECT_EQ(refusal_of([&] { client.await(client.swap_indexes(settings.index, "other")); }),
            "index_not_found");
  EXPECT_EQ(refusal_of([&] { client.task(MeilisearchTaskId{4'000'000'000}); }), "task_not_found");
  client.await(client.create_index(settings.index, "id"));
  EXPECT_EQ(refusal_of([&] { client.await(client.create_index(settings.index, "id")); }),
            "index_already_exists");
  EXPECT_EQ(refusal_of([&] { client.documents(settings.index, "id = 1", {"id"}, 1); }),
            "invalid_document_filter");
  EXPECT_FALSE(client.find_document(settings.index, 1));
}

TEST_F(RealMeilisearch, AWrongKeyMakesSearchUnavailable) {
  if (settings.key.empty()) GTEST_SKIP() << "this server needs no key";
  index->prepare();
  auto wrong = settings;
  wrong.key = "not the key";
  MeilisearchClient client{wrong};
  EXPECT_TRUE(test::is_unavailable([&] { client.search(settings.index, {{"q", ""}}); }));
  wrong.key.clear();
  MeilisearchClient none{wrong};
  EXPECT_TRUE(test::is_unavailable([&] { none.search(settings.index, {{"q", ""}}); }));
}

}  // namespace
}  // namespace fechatter::server
