import PrimitiveKit
import Scripting
import Synchronization
import Testing

struct JSONTests {
  private func read(_ text: String, _ numbers: JSONReader.Numbers = .exact) throws(JSONProblem) -> Value {
    try JSONReader.value(of: Array(text.utf8), numbers: numbers)
  }

  @Test(arguments: [
    ("9223372036854775807", Value.int(.max)), ("-9223372036854775808", .int(.min)),
    ("9007199254740993", .int(9_007_199_254_740_993)),
    ("0", .int(0)), ("-0", .number(-0.0)), ("1.0", .number(1)), ("1e2", .number(100)), ("-1.5E-2", .number(-0.015)),
    ("null", .jsonNull), ("true", .bool(true)), (" \t\r\n false ", .bool(false)), ("\"\"", .string("")),
    ("[]", .array([])), ("{}", .table([:])), ("[[],{}]", .array([.array([]), .table([:])])),
    ("{\"a\":null,\"b\":[null,1]}", .table(["a": .jsonNull, "b": .array([.jsonNull, .int(1)])])),
    (#""\u00e9\ud83d\ude00\n\/\\""#, .string("é😀\n/\\")), ("\u{FEFF}[1]", .array([.int(1)])),
    (#"{"":1,"a.b":2}"#, .table(["": .int(1), "a.b": .int(2)])),
  ])
  func `JSON is read exactly`(text: String, value: Value) throws {
    #expect(try read(text) == value)
  }

  @Test func `numbers can be kept as their text`() throws {
    #expect(
      try read("[0.10, 18446744073709551616, 1e400]", .text)
        == .array([.string("0.10"), .string("18446744073709551616"), .string("1e400")])
    )
  }

  @Test(arguments: [
    ("", 1, 1, "the text is empty"), ("  ", 1, 3, "the text is empty"), ("[1,]", 1, 4, "expected a value, found ']'"),
    ("{\"a\":1,}", 1, 8, "expected a name in double quotes, found '}'"),
    ("{\n  \"a\": 1,\n  \"a\": 2\n}", 3, 3, #"the name "a" is twice in one object"#),
    ("[1 2]", 1, 4, "expected ',' or ']', found '2'"), ("{\"a\" 1}", 1, 6, "expected ':' after a name, found '1'"),
    ("{a:1}", 1, 2, "expected a name in double quotes, found 'a'"), ("[NaN]", 1, 2, "expected a value, found 'NaN'"),
    ("[-]", 1, 3, "expected a digit, found ']'"), ("[01]", 1, 2, "a number with a leading zero"),
    ("[1.]", 1, 4, "expected a digit after the point, found ']'"),
    ("9223372036854775808", 1, 1, "9223372036854775808 does not fit into a 64-bit integer"),
    ("1e400", 1, 1, "1e400 is too large for a number"), ("\"a", 1, 1, "a string that does not end"),
    ("[\"é\", \"a\nb\"]", 1, 7, "a string that does not end on its line"),
    ("\"\\x\"", 1, 2, "an escape that JSON does not have"), ("\"\\", 1, 2, "an escape that JSON does not have"),
    ("\"\\u12\"", 1, 2, #"\u without four hexadecimal digits"#), ("\"\\ud800x\"", 1, 2, "half of a surrogate pair"),
    ("\"\\u+123\"", 1, 2, #"\u without four hexadecimal digits"#),
    ("{} {}", 1, 4, "unexpected '{' after the end of the value"), ("tru", 1, 1, "expected a value, found 'tru'"),
    ("[1,\n\n  nul]", 3, 3, "expected a value, found 'nul'"),
    ("[", 1, 2, "expected a value, found the end of the text"),
    ("<html>", 1, 1, "expected a value, found '<'"),
  ])
  func `a mistake is named with line and column`(text: String, line: Int, column: Int, what: String) throws {
    let problem = try #require(throws: JSONProblem.self) { try read(text) }
    #expect((problem.line, problem.column, problem.what) == (line, column, what))
    #expect(problem.message == "not JSON: line \(line), column \(column): \(what)")
  }

  @Test func `a string that is not UTF-8 is refused`() throws {
    let problem = try #require(throws: JSONProblem.self) { try JSONReader.value(of: [34, 0xFF, 34]) }
    #expect(problem.what == "a string that is not UTF-8")
  }

  @Test func `reading and writing end when the code that asked for them is to stop`() throws {
    let list = Value.array(Array(repeating: .int(1), count: 1000))
    let text = Array(repeating: "1", count: 1000).joined(separator: ",")
    for count in [0, 500] {
      let left = Mutex(count)
      let isAsked: @Sendable () -> Bool = {
        left.withLock { left in
          left -= 1
          return left < 0
        }
      }
      try CallStop.$current.withValue(CallStop(isAsked: isAsked)) {
        let problem = try #require(throws: JSONProblem.self) { try read("[\(text)]") }
        #expect(CallFailure(problem) == .cancelled)
        left.withLock { $0 = count }
        #expect(try #require(throws: CallFailure.self) { try JSONWriter.text(list) } == .cancelled)
      }
    }
  }

  @Test func `a name that is twice in two spellings of Unicode is told as that`() throws {
    let problem = try #require(throws: JSONProblem.self) { try read("{\"\u{E9}\": 1, \"e\u{301}\": 2}") }
    #expect(problem.what.hasSuffix("is twice in one object, in two spellings of Unicode"))
    #expect(problem.column == 10)
    let same = try #require(throws: JSONProblem.self) { try read("{\"a\": 1, \"a\": 2}") }
    #expect(same.what == "the name \"a\" is twice in one object")
  }

  @Test(arguments: ["[", "{\"a\":"])
  func `100 000 levels are refused with one sentence, 64 are read`(open: String) throws {
    let problem = try #require(throws: JSONProblem.self) { try read(String(repeating: open, count: 100_000)) }
    #expect(problem.what == "nested more than 64 levels deep")
    #expect(problem.column == 64 * open.utf8.count + 1)
    let close = open == "[" ? "]" : "}"
    let inner = open == "[" ? "" : "1"
    _ = try read(String(repeating: open, count: 64) + inner + String(repeating: close, count: 64))
  }

  @Test(arguments: [
    (Value.null, "null"), (.jsonNull, "null"), (.int(.max), "9223372036854775807"), (.number(1), "1.0"),
    (.array([]), "[]"), (.table([:]), "{}"), (.table(["b": .int(1), "a": .jsonNull]), #"{"a":null,"b":1}"#),
    (.string("é\n\"\u{1}"), #""é\n\"\u0001""#),
  ])
  func `a value is written as JSON, names in order`(value: Value, text: String) throws {
    #expect(try JSONWriter.text(value) == text)
    if value != .null { #expect(try read(text) == value) }
  }

  @Test func `pretty JSON is the same value over several lines`() throws {
    let value = Value.table(["a": .array([.int(1), .array([])]), "b": .table(["c": .jsonNull]), "d": .table([:])])
    let text = try JSONWriter.text(value, isPretty: true)
    #expect(
      text == "{\n  \"a\": [\n    1,\n    []\n  ],\n  \"b\": {\n    \"c\": null\n  },\n  \"d\": {}\n}"
    )
    #expect(try read(text) == value)
  }

  @Test(arguments: [
    (Value.number(.nan), "json.encode: value is nan, and JSON has no such number"),
    (
      .table(["a": .array([.int(1), .number(.infinity)])]),
      "json.encode: value.a[2] is inf, and JSON has no such number"
    ),
    (.array([.bytes([0xFF])]), "json.encode: value[1] is not UTF-8 text"),
  ])
  func `what JSON lacks is refused with the field it is in`(value: Value, message: String) throws {
    #expect(try #require(throws: CallFailure.self) { try JSONWriter.text(value) }.message == message)
  }
}
