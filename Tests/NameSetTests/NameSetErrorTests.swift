import PrimitiveKit
import Testing

struct NameSetErrorTests {
  @Test(arguments: [
    ("web[9-1]", "set.bad_range", 5), ("web[a-b]", "set.bad_range", 5), ("web[1-3", "set.syntax", 4),
    ("web[]", "set.bad_range", 5),
    ("web1]", "set.syntax", 5), ("a,,b", "set.syntax", 3), (",a", "set.syntax", 1), ("a,", "set.syntax", 3),
    ("a[1][2]", "set.syntax", 5),
    ("a[1-9/0]", "set.bad_range", 7), ("a[5/2]", "set.bad_range", 3), ("a[01-100]", "set.bad_range", 3),
    ("a[1,]", "set.bad_range", 5),
    ("a[1-2000000]", "set.too_large", 3), ("a[1-2000]b[1-2000]", "set.too_large", 1), ("é,a[x]", "set.bad_range", 5),
    ("a[1-99999999999999999999]", "set.bad_range", 3), ("a[1-2-3]", "set.bad_range", 3),
    ("a[1-9/2]5", "set.bad_range", 9),
    ("role:", "set.syntax", 6), ("role:\"x", "set.syntax", 6), ("role:\"x\"y", "set.syntax", 9),
    ("role:m*", "set.syntax", 7),
    ("a[-05]", "set.bad_range", 3), ("a1[-3]", "set.bad_range", 4), ("a[1-1000000],b", "set.too_large", 1),
  ])
  func `a wrong set names the column`(text: String, code: String, column: Int) {
    let error = #expect(throws: NameSetError.self) { try NameSet(parsing: text, resolver: LabResolver()) }
    #expect(error?.code == code)
    #expect(error?.place.column == column)
  }

  @Test func `the hint points at the column and says what to write`() {
    let error = #expect(throws: NameSetError.self) { try NameSet(parsing: "web[9-1]") }
    #expect(error?.message == "bad range: 9 is greater than 1 at column 5 of set 'web[9-1]'")
    #expect(error?.hint == "  web[9-1]\n      ^\nwrite the smaller number first: [1-9]")
  }

  @Test func `a long set is shown around the column`() throws {
    let names = (1...500).map { "bot\($0)x" }.joined(separator: ",")
    let error = #expect(throws: NameSetError.self) { try NameSet(parsing: "\(names),a[b],\(names)") }
    let lines = try #require(error?.hint).split(separator: "\n")
    #expect(lines[0].count < 80)
    #expect(lines[0].dropFirst(lines[1].count - 1).hasPrefix("b]"))
  }

  @Test func `any bytes are read or refused`() {
    var generator = SplitMix64(seed: 5)
    let alphabet = Array("ab17[]-,!&^@*?:/\"'% é")
    var refused = 0
    for _ in 0..<5000 {
      let text = String(
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in
          alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        }
      )
      do {
        let set = try NameSet(parsing: text, resolver: LabResolver())
        #expect(set.names.count == set.count)
      } catch {
        refused += 1
        #expect(error.place.column >= 1 && !error.message.isEmpty, "\(text)")
      }
    }
    #expect(refused > 100 && refused < 5000)
  }
}
