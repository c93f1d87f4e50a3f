// ClassTally, the confusion matrix, and the texts made of them.
#include "springbok/metrics/class_tally.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/metrics/csv.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::metrics {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

TEST(ClassTally, MetricsAreRatiosOfSumsWhateverTheSplit) {
  ClassTally sums{.samples = 3, .top1 = 1, .top5 = 2, .loss = 1.5};
  sums += {.samples = 1, .top1 = 1, .top5 = 1, .loss = 0.5};
  EXPECT_DOUBLE_EQ(sums.mean_loss(), 0.5);
  EXPECT_DOUBLE_EQ(sums.top1_percent(), 50);
  EXPECT_DOUBLE_EQ(sums.top5_percent(), 75);
}

TEST(ClassTally, OfNothingAreZero) {
  EXPECT_EQ(ClassTally{}.mean_loss(), 0);
  EXPECT_EQ(ClassTally{}.top1_percent(), 0);
}

TEST(Confusion, CsvHasTrueClassesInRows) {
  Confusion confusion(2);
  confusion.add(0, 1);
  confusion.add(0, 1);
  confusion.add(1, 1);
  EXPECT_EQ(confusion_csv(confusion, {"cat", "dog, big"}),
            "true/predicted,cat,\"dog, big\"\ncat,0,2\n\"dog, big\",0,1\n");
}

/// The rule is OWASP's on CSV injection: no cell begins with = + - @, a tab or a carriage return.
TEST(Csv, NamesAreNoFormulas) {
  EXPECT_EQ(csv_field("=1+1"), "'=1+1");
  EXPECT_EQ(csv_field("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
  for (const char* name : {"+cmd", "-x.png", "@SUM(A1)", "-", "+"}) EXPECT_EQ(csv_field(name), format("'{}", name));
  EXPECT_EQ(csv_field("\t=1"), "'\\x09=1");
  EXPECT_EQ(csv_field("\r=1"), "'\\x0D=1");
  for (const char* number : {"-1", "+5", "-0.25", "-1e-3", "0"}) EXPECT_EQ(csv_field(number), number);
}

TEST(Csv, NamesAreOneLineOfUtf8) {
  EXPECT_EQ(csv_field("a\nb"), "a\\x0Ab");
  EXPECT_EQ(csv_field("caf\xE9, \x1B[0m"), "\"caf\\xE9, \\x1B[0m\"");
  EXPECT_EQ(csv_field("café"), "café");
}

TEST(PerClass, LongNamesAreShortened) {
  const std::string table = per_class_table({{.samples = 1}, {.samples = 1}}, {std::string(500'000, 'x'), "b"});
  EXPECT_LT(table.size(), 1000U);
}

TEST(PerClass, TablePutsClassesWithoutImagesLast) {
  const std::vector<ClassCount> counts = {{}, {.samples = 4, .top1 = 3, .top5 = 4, .predicted = 6}};
  EXPECT_EQ(per_class_table(counts, {"none", "some"}),
            "class   images   top-1   top-5 precision\n"
            "some         4  75.00% 100.00%    50.00%\n"
            "none         0       -       -     0.00%\n");
}

}  // namespace
}  // namespace springbok::metrics
