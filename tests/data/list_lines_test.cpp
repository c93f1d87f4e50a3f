// Lists of images in the forms that people write.
#include "springbok/data/folder/list_lines.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

using testing::message_of;
using Pairs = std::vector<std::pair<std::string, std::string>>;

ListLines parsed(const std::vector<std::string>& lines) {
  return parse_list(lines, "t.txt", [](const std::string& path) { return path == "there"; });
}

Pairs pairs(const std::vector<std::string>& lines) {
  Pairs list;
  for (const ListEntry& entry : parsed(lines).entries) list.emplace_back(entry.path, entry.label);
  return list;
}

TEST(ListLines, AreSplitWhereTheImagesNameEnds) {
  EXPECT_EQ(pairs({"a.jpg 3", "# a.jpg 4", "", "b c.JPEG\t12"}), (Pairs{{"a.jpg", "3"}, {"b c.JPEG", "12"}}));
  EXPECT_EQ(pairs({"x/a b.png great white shark"}), (Pairs{{"x/a b.png", "great white shark"}}));
  EXPECT_EQ(pairs({"a.jpg b.jpg 3"}), (Pairs{{"a.jpg b.jpg", "3"}}));
  EXPECT_EQ(pairs({"a.jpg\ttench, Tinca tinca"}), (Pairs{{"a.jpg", "tench, Tinca tinca"}}));
  EXPECT_EQ(pairs({"a.jpg,3", "b c.jpg, 4 "}), (Pairs{{"a.jpg", "3"}, {"b c.jpg", "4"}}));
  EXPECT_EQ(pairs({"a.jpg;3"}), (Pairs{{"a.jpg", "3"}}));
  EXPECT_EQ(pairs({"a,b.jpg 3"}), (Pairs{{"a,b.jpg", "3"}}));
  EXPECT_EQ(pairs({"\"a,b.jpg\",\"tench, Tinca tinca\""}), (Pairs{{"a,b.jpg", "tench, Tinca tinca"}}));
  EXPECT_EQ(pairs({"\"say \"\"a\"\".jpg\",\"x\""}), (Pairs{{"say \"a\".jpg", "x"}}));
  EXPECT_EQ(pairs({"ILSVRC_1 3", "ILSVRC_2 4"}), (Pairs{{"ILSVRC_1", "3"}, {"ILSVRC_2", "4"}}));
  EXPECT_EQ(pairs({"one,3", "two,4"}), (Pairs{{"one", "3"}, {"two", "4"}}));
  EXPECT_EQ(pairs({"a.jpg 3", "no_ending 4"}), (Pairs{{"a.jpg", "3"}, {"no_ending", "4"}}));
}

TEST(ListLines, MayHaveAHeader) {
  EXPECT_EQ(parsed({"path,label", "a.jpg,3"}).header, "path,label");
  EXPECT_EQ(parsed({"# made by me", "image class", "a.jpg 3"}).header, "image class");
  EXPECT_EQ(parsed({"image\tclass name", "a.jpg\tgreat white shark"}).header, "image\tclass name");
  EXPECT_EQ(parsed({"image id", "one 3"}).header, "image id");
  EXPECT_EQ(pairs({"path,label", "a.jpg,3"}), (Pairs{{"a.jpg", "3"}}));
  EXPECT_EQ(parsed({"there dusk", "a.jpg dusk"}).header, "");  // a file of that name is there
  EXPECT_EQ(parsed({"gone 3", "a.jpg 3"}).header, "");
  EXPECT_EQ(parsed({"gone/x dusk", "a.jpg dusk"}).header, "");
  EXPECT_EQ(parsed({"a.jpg dusk", "b.jpg dusk"}).header, "");
}

TEST(ListLines, ThatFitNoFormAreNamed) {
  const auto message = [](const std::vector<std::string>& lines) { return message_of<Error>([&] { parsed(lines); }); };
  EXPECT_EQ(message({"alone.jpg"}), "t.txt:1: expects 'PATH CLASS', got 'alone.jpg'");
  EXPECT_EQ(message({"a.jpg 1", "alone.jpg"}), "t.txt:2: expects 'PATH CLASS', got 'alone.jpg'");
  EXPECT_EQ(message({"a.jpg,1", "b.jpg,"}), "t.txt:2: expects 'PATH CLASS', got 'b.jpg,'");
  EXPECT_EQ(message({"3 a.jpg"}), "t.txt:1: the class stands before the path in '3 a.jpg'; expects 'PATH CLASS'");
  EXPECT_EQ(message({"label,path", "3,a.jpg"}),
            "t.txt:2: the class stands before the path in '3,a.jpg'; expects 'PATH CLASS'");
  EXPECT_EQ(message({"path,label,split", "a.jpg,3,train"}),
            "t.txt:2: has more than two columns in 'a.jpg,3,train'; expects PATH and CLASS, a field with its separator "
            "in it in double quotes");
}

}  // namespace
}  // namespace springbok::data
