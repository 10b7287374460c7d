import PrimitiveKit
import Reference
import Testing

struct TextTests {
  @Test(arguments: [("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("🚀", 2), ("", 0)])
  func `width is counted in terminal columns`(text: String, columns: Int) {
    #expect(DisplayWidth.of(text) == columns)
  }

  @Test(arguments: [("abcdef", 4, "abc…"), ("日本語", 4, "日…"), ("abc", 3, "abc"), ("abc", 0, "")])
  func `text that is too wide ends in an ellipsis`(text: String, columns: Int, fitted: String) {
    #expect(DisplayWidth.fit(text, into: columns) == fitted)
  }

  @Test(arguments: [
    ("one two three", 8, "one two\n  three"), ("    one two three", 12, "    one two\n      three"),
    ("run 20261121-114502-6ca32b16 is over", 26, "run\n  20261121-114502-6ca32b16\n  is over"),
    ("a  b   c", 8, "a  b   c"), ("aa  b   cc", 8, "aa  b\n  cc"), ("", 5, ""),
    ("short\na longer line", 9, "short\na longer\n  line"),
    ("say `opsh resume RUN` to go on", 20, "say\n  `opsh resume RUN`\n  to go on"),
    ("`a command that is wider`", 12, "`a command\n  that is\n  wider`"), ("日本 日本", 8, "日本\n  日本"),
  ])
  func `a line that is too wide is broken between words`(text: String, columns: Int, folded: String) {
    #expect(WrappedText.folded(text, within: columns) == folded)
  }

  @Test func `columns align by width and side`() {
    var table = TextTable(alignments: [.left, .right])
    table.add(["日本", "1", "a"])
    table.add(["x", "100"])
    #expect(table.lines(indent: 1) == [" 日本    1  a", " x     100"])
  }

  @Test(arguments: [
    (Value.table(["b": .int(1), "a": .array([.null, .bool(true)])]), #"{"a":[null,true],"b":1}"#),
    (.string("a\"\\\n\u{1}\u{2028}é🚀"), #""a\"\\\n\u0001\u2028é🚀""#),
    (.number(0.5), "0.5"), (.number(.nan), "null"), (.number(-.infinity), "null"), (.number(1e300), "1e+300"),
    (.int(.min), "-9223372036854775808"),
    (.bytes([0xFF]), #"{"base64":"/w=="}"#), (.bytes([0xFF, 0, 1]), #"{"base64":"/wAB"}"#),
    (.bytes([0xFF, 0]), #"{"base64":"/wA="}"#), (.table([:]), "{}"), (.array([]), "[]"),
  ])
  func `a value is strict JSON`(value: Value, json: String) {
    #expect(value.json == json)
  }
}
