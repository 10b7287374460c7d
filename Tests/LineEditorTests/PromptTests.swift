import Testing

@testable import LineEditor

struct PromptTests {
  @Test func `a colour never leaks over what is typed`() {
    let prompt = Prompt([("prod", "1;31"), ("> ", "32")])
    #expect(
      prompt.rendered(colours: true)
        == "\u{1}\u{1B}[1;31m\u{1}prod\u{1}\u{1B}[0m\u{1B}[32m\u{1}>\u{1}\u{1B}[0m\u{1} "
    )
    #expect(Prompt([("red", "31")]).rendered(colours: true) == "\u{1}\u{1B}[31m\u{1}red\u{1}\u{1B}[0m\u{1} ")
  }

  @Test func `without colours only the text is left`() {
    #expect(Prompt([("a", "31"), ("b> ", nil)]).rendered(colours: false) == "ab> ")
  }

  @Test(arguments: ["31;\u{7}", "0m\u{1B}]0;x", "", "red"])
  func `a style that is no SGR parameter list is ignored`(style: String) {
    #expect(Prompt([("x> ", style)]).rendered(colours: true) == "x> ")
  }

  @Test func `control characters in a prompt are dropped`() {
    #expect(Prompt("si\u{1B}[2Jte\n\u{1}> ").plain == "si[2Jte> ")
  }
}
