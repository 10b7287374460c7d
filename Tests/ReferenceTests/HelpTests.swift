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
}
