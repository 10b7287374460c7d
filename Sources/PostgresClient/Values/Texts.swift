// bool and text. A text carries no type of its own: `uuid = $1` works with it, which it would not as text (42883).

extension Bool: PostgresCodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    try PostgresArgument(self ? "t" : "f", type: PostgresType.bool)
  }
  package init(postgres field: PostgresField) throws(PostgresError) {
    guard field.type == PostgresType.bool else { throw field.mismatch("Bool") }
    self = field.text == "t"
  }
}

extension String: PostgresCodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument { try PostgresArgument(self) }
  /// Any field can be read as the text that the server prints.
  package init(postgres field: PostgresField) throws(PostgresError) { self = field.text }
}
