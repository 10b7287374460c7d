import PrimitiveKit
import Reference
import Testing

struct HelpTests {
  private let book = HelpBook(ExampleCatalog.infos)

  @Test(arguments: [
    ("overview", nil), ("deploy", "fleet.deploy"), ("hosts", "fleet.hosts"), ("module", "fleet"),
    ("search", "which hosts"), ("topic", "upgrade"),
  ])
  func `help reads as recorded`(name: String, subject: String?) throws {
    try expectSnapshot("help-\(name).txt", try book.text(about: subject))
  }

  @Test func `the catalog is one line of JSON`() throws {
    let json = CatalogDocument.json(ExampleCatalog.infos, version: "1.2.3")
    #expect(!json.contains("\n"))
    try expectSnapshot("catalog.json", json)
  }

  @Test(arguments: [
    ("fleet.deplyo", "did you mean 'fleet.deploy'?"), ("zzzzzz", "`help()` lists everything"),
    ("upgraed", "did you mean 'upgrade'?"),
  ])
  func `an unknown word is answered with the nearest one`(word: String, hint: String) {
    let error = #expect(throws: CallFailure.self) { try book.text(about: word) }
    #expect(error?.code == "help.unknown")
    #expect(error?.hint == hint)
  }

  @Test func `a declaration is broken between its arguments`() {
    let many = (1...12).map { number in
      ParameterInfo(
        name: "argument_\(number)",
        type: "string",
        help: "One",
        isRequired: number % 2 == 0,
        defaultValue: nil,
        completion: .none
      )
    }
    let info = PrimitiveInfo(name: "fleet.many", summary: "Does much.", parameters: many)
    let lines = (try? HelpBook([info]).text(about: "fleet.many"))?.split(separator: "\n") ?? []
    #expect(lines.count > 12 && lines.allSatisfy { $0.count <= 80 }, "\(lines)")
    #expect(lines[0].hasSuffix(",") && lines[1].hasPrefix("  "), "\(lines)")
  }
}
