import Testing

@testable import Fleet

@Test func `the table offers routine, fast and immediate, and routine is the default`() throws {
  let table = try SpeedTable.builtIn()
  #expect(table.speeds.map(\.name) == ["routine", "fast", "immediate"])
  #expect(table.defaultName == "routine")
}
