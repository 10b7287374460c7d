/// numeric: the digits as the server prints them, exact, trailing zeros included.
///
/// Also `NaN` and `Infinity`. Whoever computes with it reads the digits itself; nothing passes through a Double.
package struct PostgresNumeric: PostgresCodable, Equatable {
  package let digits: String

  /// `digits` are judged by the server.
  package init(_ digits: String) { self.digits = digits }

  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    try PostgresArgument(digits, type: PostgresType.numeric)
  }

  package init(postgres field: PostgresField) throws(PostgresError) {
    let types = [PostgresType.numeric, PostgresType.int2, PostgresType.int4, PostgresType.int8]
    guard types.contains(field.type) else { throw field.mismatch("numeric") }
    digits = field.text
  }
}
