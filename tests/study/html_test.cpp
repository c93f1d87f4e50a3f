// The report holds every run, refers to nothing outside, is well formed, and texts from outside cannot become markup.
#include "springbok/study/html.h"

#include <gtest/gtest.h>

#include <set>
#include <span>

#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "tests/study/made_run.h"
#include "tests/support/temporary_folder.h"

namespace springbok::study {
namespace {

using springbok::testing::TemporaryFolder;
using testing::write_run;

/// The first tag that does not match, "" when all are closed in order.
std::string unbalanced(const std::string& html) {
  static const std::set<std::string> kVoid{"!doctype", "meta", "br", "img"};
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) return html.substr(at, 40);
    const bool closes = html[at + 1] == '/';
    const std::size_t begin = at + (closes ? 2 : 1);
    const std::string name = html.substr(begin, html.find_first_of(" >/", begin) - begin);
    if (html[end - 1] == '/' || kVoid.contains(name)) continue;
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> in <" + (open.empty() ? "" : open.back()) + ">";
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// The page but for its one script, which is ours.
std::string without_script(const std::string& html) {
  const std::size_t begin = html.find("<script>"), end = html.find("</script>");
  return end == std::string::npos ? html : html.substr(0, begin) + html.substr(end + std::string("</script>").size());
}

class Html : public ::testing::Test {
 protected:
  std::vector<RunSummary> two_runs() {
    write_run(folder_ / "twin", {.epochs = 2, .first_top1 = 88});
    write_run(folder_ / "elastic", {.model = "resnet20_elastic", .epochs = 3, .first_top1 = 88});
    return read_runs({folder_ / "elastic", folder_ / "twin"});
  }
  TemporaryFolder folder_;
};

TEST_F(Html, HoldsTableCurvesTimeAndRecipe) {
  const std::string html = without_script(html_report(two_runs()));
  EXPECT_EQ(unbalanced(html), "");
  EXPECT_EQ(count(html, "<svg "), 4U);
  EXPECT_NE(html.find("Best top-1: <b>91.00 %</b>, elastic <span>(resnet20_elastic, epoch 3 of 3)</span>"),
            std::string::npos);
  EXPECT_NE(html.find("<td class=\"n best\" data-v=\"91\">91.00 %</td>"), std::string::npos);
  EXPECT_NE(html.find("<tr><th>model</th><td>&quot;resnet20_elastic&quot;</td><td>&quot;resnet20&quot;</td></tr>"),
            std::string::npos);
  EXPECT_EQ(count(html, "<circle "), 10U);  // validation top-1 and loss of five epochs
  EXPECT_EQ(html.find("Predictions"), std::string::npos);
}

TEST_F(Html, RefersToNothingOutside) {
  const Gallery gallery{
      .examples = {{{"val/1", "cat", {{"cat", 0.9}}}, image::Image(4, 4, 3)}}, .mistakes = {}, .images = 1, .wrong = 0};
  const std::string html = without_script(html_report(two_runs(), {gallery}));
  EXPECT_EQ(unbalanced(html), "");
  for (const char* word : {"http:", "https:", "<script", "<link", "@import", "url("})
    EXPECT_EQ(count(html, word), 0U) << word;
  EXPECT_EQ(count(html, "src="), count(html, "src=\"data:image/png;base64,"));
}

TEST_F(Html, HasOneScriptWhichItsPolicyNames) {
  const std::string html = html_report(two_runs());
  EXPECT_EQ(count(html, "<script"), 1U);
  const std::size_t begin = html.find("<script>") + 8;
  const std::string script = html.substr(begin, html.find("</script>") - begin);
  const std::string hex = sha256(std::as_bytes(std::span(script)));
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes.push_back(std::byte(std::stoi(hex.substr(i, 2), nullptr, 16)));
  EXPECT_NE(html.find("default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-" +
                      base64(bytes) + "'"),
            std::string::npos);
  for (const char* word : {"http:", "https:", "fetch(", "XMLHttpRequest", "import("})
    EXPECT_EQ(count(script, word), 0U);
}

TEST_F(Html, LoadsItselfAnewOnlyWhenAsked) {
  EXPECT_EQ(count(html_report(two_runs()), "http-equiv=\"refresh\""), 0U);
  EXPECT_EQ(count(html_report(two_runs(), {}, 5), "<meta http-equiv=\"refresh\" content=\"5\">"), 1U);
}

TEST_F(Html, ShowsWhatHappenedAndWhatDiffers) {
  std::vector<RunSummary> runs = two_runs();
  runs[0].log.events.push_back({.step = 3, .epoch = 1, .what = "skipped", .text = "step 3: the loss is <nan>"});
  runs[1].record["data"]["digest"] = "other";
  const std::string html = html_report(runs);
  EXPECT_NE(html.find("elastic: step 3: the loss is &lt;nan&gt;</li>"), std::string::npos);
  EXPECT_NE(html.find("<tr><th>training images</th><td>abc</td><td>other</td></tr>"), std::string::npos);
}

TEST_F(Html, RightWrongAndUnknownAreToldApart) {
  const image::Image image(4, 4, 1);
  const Gallery gallery{.examples = {{{"1", "cat", {{"cat", 0.9}}}, image}, {{"2", "", {{"cat", 0.8}}}, image}},
                        .mistakes = {{{"3", "dog", {{"cat", 0.7}, {"dog", 0.3}}}, image}},
                        .images = 500,
                        .wrong = 40};
  const std::string html = without_script(html_report(two_runs(), {gallery}));
  EXPECT_EQ(count(html, "picture right"), 1U);
  EXPECT_EQ(count(html, "picture wrong"), 1U);
  EXPECT_EQ(count(html, "picture open"), 1U);
  EXPECT_NE(html.find("<b>✗ cat</b><span>70.0 %</span><span>is dog</span>"), std::string::npos);
  EXPECT_NE(html.find("Of 40 wrong ones"), std::string::npos);
}

TEST_F(Html, TextsFromOutsideStayTexts) {
  const std::string evil = "<b onclick='x()'>\"&";
  write_run(folder_ / "a<b>\"'&", {.data = "idx:/<script>alert(1)</script>"});
  write_run(folder_ / "other");
  std::vector<RunSummary> runs = read_runs({folder_ / "a<b>\"'&", folder_ / "other"});
  runs[0].data = runs[0].machine = runs[0].versions = evil;
  const Gallery gallery{
      .examples = {{{evil, evil, {{evil, 0.9}}}, image::Image(4, 4, 3)}}, .mistakes = {}, .images = 1, .wrong = 0};
  const std::string html = without_script(html_report(runs, {gallery}));
  EXPECT_EQ(unbalanced(html), "");
  for (const char* text : {"<b onclick", "onclick='", "<script", "a<b>"}) EXPECT_EQ(count(html, text), 0U) << text;
  EXPECT_NE(html.find("a&lt;b&gt;&quot;&#39;&amp;"), std::string::npos);
}

TEST_F(Html, TextsFromOutsideAreUtf8WithoutControls) {
  const std::string odd = "caf\xE9\x1B[31m\n";
  const Gallery gallery{
      .examples = {{{odd, odd, {{odd, 0.9}}}, image::Image(4, 4, 3)}}, .mistakes = {}, .images = 1, .wrong = 0};
  const std::string html = without_script(html_report(two_runs(), {gallery}));
  EXPECT_TRUE(is_utf8(html));
  EXPECT_EQ(count(html, "\x1B"), 0U);
  EXPECT_EQ(count(html, "caf\\xE9\\x1B[31m\\x0A"), 5U);  // title twice, alt, caption and truth
}

TEST_F(Html, ARunBeforeItsFirstStepStillMakesAPage) {
  write_run(folder_ / "new", {.epochs = 0, .finished = false});
  const std::string html = without_script(html_report(read_runs({folder_ / "new"})));
  EXPECT_EQ(unbalanced(html), "");
  EXPECT_EQ(count(html, "<svg "), 0U);
  EXPECT_NE(html.find("No epoch has ended yet."), std::string::npos);
  EXPECT_NE(html.find("new has not finished: 0 of 0 epochs."), std::string::npos);
}

}  // namespace
}  // namespace springbok::study
