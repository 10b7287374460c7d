import Testing

@testable import LineEditor

struct EntryTests {
  @Test(arguments: [
    ("for i = 1, 3 do", "\n  "),
    ("x = 1", "\n"),
    ("if a then\n  b()\nelse", "\n  "),
    ("f(function()", "\n  "),
    ("f(function()\n  go() end)", "\n"),
    ("    aside()", "\n    "),
    ("t = {", "\n  "),
    ("print(\"do\") -- then", "\n"),
    ("repeat\n  x()", "\n  "),
    ("if a then\n  b()\nelseif c then", "\n  "),
    ("end end end", "\n"),
  ])
  func `a new line is indented by the blocks that are open`(text: String, added: String) {
    #expect(Indentation.breakLine(Entry(text)).text == text + added)
  }

  @Test(arguments: [
    ("do\n  x()\n  end", "do\n  x()\nend\n"),
    ("if a then\n  b()\n  else", "if a then\n  b()\nelse\n  "),
    ("f({\n  x\n  })", "f({\n  x\n})\n"),
  ])
  func `a closing word moves outward when its line ends`(text: String, result: String) {
    #expect(Indentation.breakLine(Entry(text)).text == result)
  }

  @Test(arguments: [
    "x = [[ do\n  end", "--[==[ ]] do\n    end", "x = 'a do\\\n  end",
  ])
  func `inside a string or a long comment no space is added or taken`(text: String) {
    #expect(Indentation.breakLine(Entry(text)).text == text + "\n")
    #expect(Indentation.closeLine(Entry(text)).text == text)
  }

  @Test(arguments: ["[[a]] \"b\" 'c", "--[[", "x = [=[ ]] ", "\"a\\\""])
  func `an open string is seen`(text: String) { #expect(OpenString.isOpen(atEndOf: text)) }

  @Test(arguments: ["a[b[1]]", "[[x]]", "-- 'it", "'a\\'b'", "--[[ x ]] y", "\"unfinished\nnext"])
  func `a closed string is seen`(text: String) { #expect(!OpenString.isOpen(atEndOf: text)) }

  @Test func `a break inside a line carries its rest down`() {
    #expect(Indentation.breakLine(Entry("do go()", cursor: 2)) == Entry("do\n   go()", cursor: 5))
  }

  @Test func `the cursor keeps its column on the lines that have it`() {
    let entry = Entry("abcdef\nxy\nlonger", cursor: 5)
    #expect(entry.down() == 9)
    #expect(Entry(entry.text, cursor: 14).up() == 9)
    #expect(Entry(entry.text, cursor: 8).up() == 1)
    #expect(entry.up() == nil)
    #expect(Entry(entry.text).down() == nil)
  }

  @Test(arguments: [(0, 0), (2, 1), (3, 2), (6, 3), (99, 4)])
  func `offsets into UTF-8 become positions`(offset: Int, position: Int) {
    #expect(Entry("éa中!").position(ofUTF8: offset) == position)
  }
}
