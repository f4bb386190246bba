import FairpostTestSupport
import Testing
import FairpostText

/// Text of files is made safe to show.
@Suite struct ShownTests {
  /// Every control, mark that turns or hides text, and end of line; not what letters need.
  @Test func showsWhatATerminalWouldObey() {
    let controls = (0...0x1F).map { $0 } + Array(0x7F...0x9F)
    let marks = [0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF, 0xE0041]
    let turns = Array(0x202A...0x202E) + Array(0x2066...0x2069)
    for value in controls + marks + turns {
      let name = "a" + String(Unicode.Scalar(UInt32(value)).map(Character.init) ?? "?") + "b"
      for shown in [Shown.word(name), Shown.line(name), Shown.text(name), Shown.xml(name)] {
        #expect(shown.hasPrefix("a\\") && shown.hasSuffix("b"), "U+\(String(value, radix: 16))")
        #expect(shown.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
      }
    }
    #expect(Shown.word("\u{1B}[2J") == "\\u{1B}[2J")
    #expect(Shown.word("a\r\nb\tc") == "a\\r\\nb\\tc")
  }

  @Test func leavesWordsOfEveryScript() {
    for name in ["Frau Müller", "naïve", "日本", "می\u{200C}خواهم", "👩\u{200D}🔬", "a & b | c", "\\n"]
    {
      #expect(Shown.word(name) == name)
      #expect(Shown.line(name) == name)
    }
  }

  @Test func saysHowLongWhatItCutsIs() {
    let name = String(repeating: "ä", count: 500_000)
    let word = Shown.word(name)
    #expect(word.utf8.count < 300)
    #expect(word.hasSuffix("...(1,000,000 bytes)"))
    // The place before it and the reason behind it stay.
    let line = Shown.line("x.csv:2: column \"\(name)\": is not a number")
    #expect(line.utf8.count < 400)
    #expect(line.hasPrefix("x.csv:2: column \""))
    #expect(line.hasSuffix(": is not a number"))
    #expect(line.contains("(1,000,00"))
    // A long text of short words, too.
    let words = Shown.line("before " + String(repeating: "word ", count: 200_000) + "after")
    #expect(words.utf8.count < 1500)
    #expect(words.hasPrefix("before word"))
    #expect(words.hasSuffix("word after"))
    #expect(words.contains("(1,000,012 bytes in all)"))
    // Escapes do not get around the limit.
    #expect(Shown.word(String(repeating: "\u{202E}", count: 1000)).utf8.count < 300)
  }

  @Test func showingTwiceIsShowingOnce() {
    let hostile = "x\u{1B}]0;t\u{7}" + String(repeating: "y z", count: 5000) + "\n"
    let once = Shown.line(hostile)
    #expect(Shown.line(once) == once)
  }

  @Test func keepsCellsAndDocumentsWhole() {
    #expect(Shown.markdown("a|b") == "a\\|b")
    // A combining mark does not hide the mark it stands on.
    #expect(Shown.markdown("a|\u{301}b") == "a\\|\u{301}b")
    #expect(Shown.markdown("<script>`x`[a](b)") == "&lt;script>\\`x\\`[a]\\(b)")
    #expect(Shown.xml("<\u{338}a & \"b\">") == "&lt;\u{338}a &amp; &quot;b&quot;&gt;")
    #expect(Shown.xml("a\u{0}b\u{FFFF}") == "a\\u{0}b\\u{FFFF}")
  }
}
