#include "bench/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

#include "fechatter_core/utf8.hpp"

namespace fechatter::bench {
namespace {

// The parts of syllables: one from each column, in which the first items are the most frequent. A
// column consists of items separated by blanks ('-' is the empty item) or of single characters.
struct Syllables {
  std::string_view onsets;
  std::string_view nuclei = "-";
  std::string_view codas = "-";
};

struct Sounds {
  double share;
  std::size_t words;
  std::size_t syllables_max;  // per word
  std::vector<Syllables> scripts;
};

const std::array<Sounds, languages> all_sounds{{
    {0.45,
     40'000,
     5,
     {{"t s - c r p m d b l f h w n g st ch pr sh tr br gr pl cr th cl fr str sp v j k qu",
       "e a i o u ea ou ai ee y oo", "- - - - n r s t l ng nd st ck m nt x d ss"}}},
    {0.12,
     30'000,
     6,
     {{"g b - s w l m r d h k sch f st n v z t br tr pf schl kr gr fr",
       "e a i u o ei ie ü ä au ö eu", "- n - - r - t s l ch ng rt nd cht st ß ck"}}},
    {0.10,
     25'000,
     5,
     {{"p r - d m c t s l v f b qu n ch pr tr j g br gr cl",
       "e a i é u on o an ou ai è oi in eu eau ê", "- - - s r t n nt ment lle que tion"}}},
    {0.10,
     25'000,
     5,
     {{"п с - н в к т р д м з б л г пр ст ч ш х ж тр ц ф щ", "о е а и у ы я ю ё",
       "- - - н т л й в м к ть р ст х"}}},
    {0.05,
     15'000,
     4,
     {{"이다는을에가하고지의사은도로한를자기서시어대나인그리수아부정스일보해라전제장주만"
       "비상들원우국조과구성면었오세여안관동화문생치모개공유소신교경무선당마방연위실계반재물"}}},
    {0.10,
     20'000,
     3,
     {{"的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家"
       "学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经"
       "头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿"
       "者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听"
       "世气信北少关并内加化由却代产入先山五太水万市眼体别处总才场师书比住员性通目报立马命活难神"
       "数件安表原车白应路期叫常提感金何更反合放做系计或司利受光果亲界及今京务制解各任至清物台象"
       "记边共风接它许特觉望直服林题建南度统色字请交爱让认算论百义科怎元社术结功指思非流每青管"}}},
    {0.08,
     15'000,
     3,
     {{"日一国人年大本中長出時行見月分後前生間上東今金入学高円子外下来気小山話女北午書先名水半"
       "電校語食車何南毎白天読友会同事自社発者地業方新場員立開手力問代明動京目通言理体主題意不作"
       "用度強公持以思家世多正安院心界教文元重近考画海知道集別物使品計特私始運終広住真有口少料工",
       "-", "- - - る い した して った く き"},
      {"のはをがにでともかしてなるいすまらりんこれそあうけ"},
      {"ト ー ス ア ン リ ル シ ク レ フ プ ロ バ グ サ イ デ タ テ ファ セ ラ メ コ", "-",
       "- ー ン ッ ト"}}},
}};

const Sounds& sounds_of(Language language) {
  return all_sounds[static_cast<std::size_t>(language)];
}

std::vector<std::string> items_of(std::string_view column) {
  if (column != "-" && column.find(' ') == std::string_view::npos) return characters_of(column);
  std::vector<std::string> items;
  while (!column.empty()) {
    const auto end = std::min(column.find(' '), column.size());
    const auto item = column.substr(0, end);
    items.emplace_back(item == "-" ? "" : item);
    column.remove_prefix(std::min(end + 1, column.size()));
  }
  return items;
}

class Column {
 public:
  explicit Column(std::string_view text)
      : items_{items_of(text)},
        frequency_{items_.size(), 1 + static_cast<double>(items_.size()) / 10} {}

  const std::string& draw(Random& random) const { return items_[frequency_.draw(random)]; }

 private:
  const std::vector<std::string> items_;
  const Zipf frequency_;
};

// Rare words are longer. A word that is already in use is drawn again with another number of
// syllables.
std::vector<std::string> invent(const Sounds& sounds, unsigned seed) {
  std::vector<std::array<Column, 3>> scripts;
  for (const auto& script : sounds.scripts) {
    scripts.push_back({Column{script.onsets}, Column{script.nuclei}, Column{script.codas}});
  }
  Random random{seed};
  std::uniform_int_distribution<std::size_t> any_script{0, scripts.size() - 1};
  std::unordered_set<std::string> taken;
  std::vector<std::string> words;
  while (words.size() < sounds.words) {
    const auto magnitude = std::log10(1 + static_cast<double>(words.size()));
    std::binomial_distribution<std::size_t> more{sounds.syllables_max - 1,
                                                 magnitude * magnitude / 40};
    const auto& script = scripts[any_script(random)];
    std::string word;
    for (std::size_t left = 1 + more(random); left > 0; --left) {
      for (const auto& column : script) word += column.draw(random);
    }
    if (taken.insert(word).second) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace

Zipf::Zipf(std::size_t count, double offset) {
  double sum = 0;
  for (std::size_t rank = 0; rank < count; ++rank) {
    sum += 1 / (static_cast<double>(rank) + offset);
    sums_.push_back(sum);
  }
}

std::size_t Zipf::draw(Random& random) const {
  const auto at = std::uniform_real_distribution<double>{0, sums_.back()}(random);
  const auto found = std::upper_bound(sums_.begin(), sums_.end() - 1, at);
  return static_cast<std::size_t>(found - sums_.begin());
}

Vocabulary::Vocabulary(Language language, unsigned seed)
    : words_{invent(sounds_of(language), seed)}, frequency_{words_.size()} {}

double share_of(Language language) {
  return sounds_of(language).share;
}

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    const auto length = std::max<std::size_t>(1, sequence_length(text));
    characters.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return characters;
}

}  // namespace fechatter::bench
