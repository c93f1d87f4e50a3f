// Quoting: what stays, what is escaped, and that errors are one short line. The UTF-8 cases are those of Unicode's
// table 3-7 and of its chapter 3.9.
#include "springbok/base/quote.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"

namespace springbok {
namespace {

TEST(Quote, LeavesTextAlone) {
  for (const char* text : {"", "cat", "café", "日本語", "a\\b", "\\xE9", "50 % \"so\" 'so' <b>", "😀", "\xC2\xA0"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_TRUE(is_utf8(text));
  }
}

TEST(Quote, EscapesWhatIsNoUtf8ByteByByte) {
  EXPECT_EQ(printable("caf\xE9"), "caf\\xE9");
  EXPECT_EQ(printable("\xC0\xAF"), "\\xC0\\xAF");                    // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xED\\xA0\\x80");           // a surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");  // beyond U+10FFFF
  EXPECT_EQ(printable("\xE6\x97"), "\\xE6\\x97");                    // cut
  EXPECT_EQ(printable("\xE9tat"), "\\xE9tat");
  EXPECT_FALSE(is_utf8("caf\xE9"));
}

TEST(Quote, EscapesWhatMovesATerminal) {
  EXPECT_EQ(printable("a\nb\tc\r"), "a\\x0Ab\\x09c\\x0D");
  EXPECT_EQ(printable("\x1B[31mred\x7F"), "\\x1B[31mred\\x7F");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J"),
            "\\xC2\\x9B2J");  // C1: CSI
  EXPECT_EQ(printable("a\u2028b\u202Eg"), "a\\xE2\\x80\\xA8b\\xE2\\x80\\xAEg");
  EXPECT_EQ(printable("\u2066x\u2069"), "\\xE2\\x81\\xA6x\\xE2\\x81\\xA9");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Quote, TwiceIsOnceAndTheBytesComeBack) {
  for (const std::string text : {"caf\xE9", "a\nb", "\x1B[0m", "plain", "日本\x80語", "a\u2028b"}) {
    EXPECT_EQ(printable(printable(text)), printable(text));
    EXPECT_EQ(printed_bytes(printable(text)), text);
  }
  EXPECT_EQ(printed_bytes("\\x41 \\xe9 \\xG0 \\x"), "\\x41 \\xe9 \\xG0 \\x");  // none of them ours
}

TEST(Quote, ShortensTheMiddleOfLongTexts) {
  const std::string text = "begin" + std::string(500'000, 'x') + "end";
  const std::string shown = shortened(text);
  EXPECT_LE(shown.size(), 200U);
  EXPECT_EQ(shortened(shown), shown);
  EXPECT_TRUE(shown.starts_with("beginxx"));
  EXPECT_TRUE(shown.ends_with("xxend"));
  EXPECT_NE(shown.find("...(499,856 bytes)..."), std::string::npos) << shown;
}

TEST(Quote, CutsNoCharacterAndNoEscape) {
  for (std::size_t before = 0; before < 8; ++before) {
    std::string wide(before, 'a'), raw(before, 'a');
    for (int i = 0; i < 300; ++i) {
      wide += "語";
      raw += '\xE9';
    }
    EXPECT_TRUE(is_utf8(shortened(wide)));
    EXPECT_EQ(printable(shortened(raw)), shortened(raw));
    const std::string shown = shortened(raw);
    EXPECT_EQ(shown.find("\\x..."), std::string::npos);
    EXPECT_EQ(shown.find("\\xE..."), std::string::npos);
    EXPECT_EQ(shown.find(")...xE9"), std::string::npos);
    EXPECT_EQ(shown.find(")...E9"), std::string::npos);
  }
}

TEST(Quote, ErrorsAreOneShortLine) {
  try {
    fail("{}: odd", "dir/a\nb\xE9" + std::string(100'000, 'z'));
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_TRUE(what.starts_with("dir/a\\x0Ab\\xE9zz")) << what;
    EXPECT_TRUE(what.ends_with("zz: odd"));
    EXPECT_LE(what.size(), 2000U);
  }
}

}  // namespace
}  // namespace springbok
