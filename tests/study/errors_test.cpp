// Mistakes are counted by class, and the tables say what was counted.
#include "springbok/study/errors.h"

#include <gtest/gtest.h>

namespace springbok::study {
namespace {

metrics::Ranked said(const std::string& truth, const std::string& called) {
  return {.image = "i", .truth = truth, .guesses = {{called, 0.5}}};
}

TEST(Errors, AreCountedByClass) {
  const Errors errors =
      count_errors({said("cat", "cat"), said("cat", "dog"), said("dog", "dog"), said("cow", "cat"), said("", "dog")},
                   {"dog", "cat"});
  EXPECT_EQ(errors.classes, (std::vector<std::string>{"dog", "cat", "cow"}));
  EXPECT_EQ(errors.confusion.at(1, 0), 1);
  EXPECT_EQ(errors.confusion.at(2, 1), 1);
  EXPECT_EQ(errors.counts[1].samples, 2);
  EXPECT_EQ(errors.counts[1].top1, 1);
  EXPECT_EQ(errors.counts[1].predicted, 2);
  EXPECT_EQ(errors.counts[0].predicted, 2);
}

TEST(Errors, TablesSayWhatWasCounted) {
  const std::string html = errors_html(count_errors({said("cat", "cat"), said("cat", "<dog>")}));
  EXPECT_NE(html.find("data-tip=\"cat called &lt;dog&gt;: 1 of 2 (50.0 %)\""), std::string::npos) << html;
  EXPECT_NE(html.find("<tr><td>cat</td><td class=\"n\" data-v=\"2\">2</td><td class=\"n\" data-v=\"50\">50.0 %</td>"
                      "<td class=\"n\" data-v=\"100\">100.0 %</td>"),
            std::string::npos)
      << html;
  EXPECT_EQ(html.find("<dog>"), std::string::npos);
}

TEST(Errors, ManyClassesHaveNoMatrix) {
  std::vector<metrics::Ranked> list;
  for (int i = 0; i < 41; ++i) list.push_back(said("c" + std::to_string(i), "c0"));
  const std::string html = errors_html(count_errors(list));
  EXPECT_EQ(html.find("Confusion matrix"), std::string::npos);
  EXPECT_NE(html.find("Confused most"), std::string::npos);
}

TEST(Errors, OfImagesWithoutAClassThereAreNone) {
  EXPECT_EQ(errors_html(count_errors({said("", "cat")})), "");
}

}  // namespace
}  // namespace springbok::study
