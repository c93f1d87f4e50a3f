// Lines of text files, from whatever editor.
#include "springbok/base/lines.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok {
namespace {

using testing::message_of;
using Lines = std::vector<std::string>;

TEST(Lines, AreTheSameFromEverySystem) {
  const Lines expected{"dusk", "", "great white shark", "noon"};
  for (const char* text : {"dusk\n\ngreat white shark\nnoon", "dusk\n\ngreat white shark\nnoon\n\n\n",
                           "\xEF\xBB\xBF"
                           "dusk\r\n\r\ngreat white shark\r\nnoon\r\n",
                           "dusk\r\rgreat white shark\rnoon\r", "dusk \n\t\n  great white shark\t \nnoon  "}) {
    EXPECT_EQ(lines_of(text, "x"), expected) << text;
  }
  EXPECT_EQ(lines_of("", "x"), Lines{});
  EXPECT_EQ(lines_of("\xEF\xBB\xBF", "x"), Lines{});
}

TEST(Lines, OfWhatIsNoTextAreAnError) {
  const auto message = [](std::string_view text) { return message_of<Error>([&] { lines_of(text, "x.txt"); }); };
  EXPECT_EQ(message(std::string_view("\xFF\xFE"
                                     "d\0",
                                     4)),
            "x.txt: is UTF-16; save it as UTF-8");
  EXPECT_EQ(message(std::string_view("\xFE\xFF\0d", 4)), "x.txt: is UTF-16; save it as UTF-8");
  EXPECT_EQ(message(std::string_view("a\0b", 3)), "x.txt: is no text, it holds bytes of value 0");
}

TEST(Names, AreOneALineAndOnceEach) {
  EXPECT_EQ(names_of("a\nb\n", "x"), (Lines{"a", "b"}));
  EXPECT_EQ(message_of<Error>([] { names_of("a\n\nb\n", "x"); }), "x: line 2 is empty; expected one name a line");
  EXPECT_EQ(message_of<Error>([] { names_of("a\nb\na \n", "x"); }), "x: 'a' twice, in lines 1 and 3");
}

}  // namespace
}  // namespace springbok
