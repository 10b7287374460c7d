// int2, int4, int8 and oid. A number that does not fit the type wanted is an error, never cut.

extension Int16: PostgresCodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    try PostgresArgument(String(self), type: PostgresType.int2)
  }
  package init(postgres field: PostgresField) throws(PostgresError) { self = try field.integer() }
}

extension Int32: PostgresCodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    try PostgresArgument(String(self), type: PostgresType.int4)
  }
  package init(postgres field: PostgresField) throws(PostgresError) { self = try field.integer() }
}

extension Int64: PostgresCodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    try PostgresArgument(String(self), type: PostgresType.int8)
  }
  package init(postgres field: PostgresField) throws(PostgresError) { self = try field.integer() }
}

extension Int: PostgresCodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument { try Int64(self).postgresArgument() }
  package init(postgres field: PostgresField) throws(PostgresError) { self = try field.integer() }
}

extension PostgresField {
  fileprivate func integer<Number: FixedWidthInteger>() throws(PostgresError) -> Number {
    // numeric counts as long as it is whole: sums of bigint are numeric.
    let types = [PostgresType.int2, PostgresType.int4, PostgresType.int8, PostgresType.oid, PostgresType.numeric]
    guard types.contains(type), let number = Number(text) else { throw mismatch("\(Number.self)") }
    return number
  }
}
