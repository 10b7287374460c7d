import PrimitiveKit
import Testing

struct ColumnTests {
  private struct Part: Record {
    let name: String
    static var luaType: String { "test.Part" }
    static let columns: [Column<Self>] = [Column(\.name, "name", "Of the part")]
  }

  private struct Thing: Record {
    let host: String
    let age: Int?
    let parts: [Part]
    static var luaType: String { "test.Thing" }
    static let columns: [Column<Self>] = [
      Column(\.host, "host", "Where"),
      Column(\.age, "age", "Seconds"),
      Column("size", "Parts in it") { $0.parts.count },
      Column("names", "By number", type: "table<string, string>") { thing in
        Value.table(Dictionary(uniqueKeysWithValues: zip(["1", "2"], thing.parts.map(\.name.value))))
      },
      Column(records: "parts", "What it is made of") { $0.parts },
      Column(\.host, "hidden", "").unlisted,
    ]
  }

  private struct Box: Record {
    let thing: Thing
    static var luaType: String { "test.Box" }
    static let columns: [Column<Self>] =
      Thing.columns.map { $0.within { $0.thing } } + [Column("lid", "Always") { _ in true }]
  }

  private static let thing = Thing(host: "web1", age: nil, parts: [Part(name: "a"), Part(name: "b")])

  @Test func `a column gives a record its field and its value`() {
    #expect(
      Thing.fields == [
        FieldInfo("host", "string", "Where"), FieldInfo("age", "integer?", "Seconds"),
        FieldInfo("size", "integer", "Parts in it"), FieldInfo("names", "table<string, string>", "By number"),
        FieldInfo("parts", "test.Part[]", "What it is made of", fields: Part.fields),
      ]
    )
    #expect(
      Self.thing.value
        == .table([
          "host": "web1".value, "age": .null, "size": .int(2), "names": .table(["1": "a".value, "2": "b".value]),
          "parts": .array([.table(["name": "a".value]), .table(["name": "b".value])]), "hidden": "web1".value,
        ])
    )
  }

  @Test func `the columns of a record serve one that holds it`() {
    #expect(Box.fields.map(\.name) == ["host", "age", "size", "names", "parts", "lid"])
    #expect(Box(thing: Self.thing).value["size"] == .int(2) && Box(thing: Self.thing).value["lid"] == .bool(true))
  }

  @Test func `a record is only ever a result`() {
    #expect(throws: ConversionError.self) { try Part(.table([:])) }
  }
}
