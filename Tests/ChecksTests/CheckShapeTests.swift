import PrimitiveKit
import Testing

struct CheckShapeTests {
  @Test func `what editors are told of a check is what is read of it`() throws {
    #expect(Set(CheckShapes.declaration.fieldNames) == Set(CheckDeclaration.fields + ["name"]))
    for kind in CheckShapes.thresholds.fieldNames {
      let bound = kind == "between" ? Value.array([.int(1), .int(2)]) : .int(1)
      #expect(try DataField(.table([kind: bound])).thresholds().count == 1, "\(kind)")
    }
  }
}
