// float4 and float8; the server prints them so that they read back exactly (extra_float_digits, its default of 1).

extension Double: PostgresCodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    try PostgresArgument(PostgresField.print(self), type: PostgresType.float8)
  }
  package init(postgres field: PostgresField) throws(PostgresError) {
    guard field.type == PostgresType.float8 || field.type == PostgresType.float4, let number = Double(field.text) else {
      throw field.mismatch("Double")
    }
    self = number
  }
}

extension Float: PostgresCodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    try PostgresArgument(PostgresField.print(self), type: PostgresType.float4)
  }
  package init(postgres field: PostgresField) throws(PostgresError) {
    guard field.type == PostgresType.float4, let number = Float(field.text) else { throw field.mismatch("Float") }
    self = number
  }
}

extension PostgresField {
  fileprivate static func print<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ number: Number) -> String {
    if number.isNaN { return "NaN" }
    return number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : String(number)
  }
}
