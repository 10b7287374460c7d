import Foundation
import Foundations
import Testing

struct JSONTextTests {
  private static let odd = "a\"\\\n\t\r\u{1}\u{7F}\u{9F}\u{2028}é🙂"

  @Test func `a text keeps order where it is given and sorts where not`() {
    let text = JSONText.fields([
      ("z", .list([.int(-1), .bool(true), .null])), ("a", .object(["y": .number(0.5), "b": .raw("[1]")])),
      ("n", .optional(nil as String?)), ("i", .optional(3)), ("inf", .number(.infinity)),
    ])
    #expect(text.text == #"{"z":[-1,true,null],"a":{"b":[1],"y":0.5},"n":null,"i":3,"inf":null}"#)
  }

  @Test func `kept texts escape only what JSON demands`() {
    #expect(JSONText.string(Self.odd).text == "\"a\\\"\\\\\\n\\t\\u000d\\u0001\u{7F}\u{9F}\u{2028}é🙂\"")
  }

  @Test func `shown texts also escape what disturbs a terminal`() {
    let shown = JSONText.string(Self.odd).text(.unprintable)
    #expect(shown == "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007f\\u009f\\u2028é🙂\"")
  }

  @Test(arguments: [JSONText.Escapes.required, .unprintable])
  func `every text reads back`(escapes: JSONText.Escapes) throws {
    let text = JSONText.list([.string(Self.odd)]).text(escapes)
    #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == [Self.odd])
  }

  @Test func `a stable encoder sorts and leaves slashes plain`() throws {
    #expect(try JSONEncoder.stable().text(of: ["b": "/x", "a": ""]) == #"{"a":"","b":"/x"}"#)
    #expect(try JSONEncoder.stable(.prettyPrinted).text(of: ["a": 1]) == "{\n  \"a\" : 1\n}")
  }
}
