/// A type that can be an argument of a statement.
///
/// One file a family of types; a new family is a new file.
package protocol PostgresEncodable: Sendable {
  /// What the server is sent; throws `.invalid` for a value that it cannot take.
  func postgresArgument() throws(PostgresError) -> PostgresArgument
}

/// A type that a field of a row can be read as.
package protocol PostgresDecodable: Sendable {
  /// Reads a field that is not null; throws `.invalid` when it is of another type.
  init(postgres field: PostgresField) throws(PostgresError)
}

package typealias PostgresCodable = PostgresDecodable & PostgresEncodable

/// An argument as it is sent: bound, as text, never part of the statement.
package struct PostgresArgument: Sendable, Equatable, PostgresEncodable {
  /// nil is NULL.
  package let text: String?
  /// An OID of `pg_type`; 0 lets the server find out from the statement.
  package let type: UInt32

  /// Throws `.invalid` for a text with a zero byte, which libpq would cut there.
  package init(_ text: String?, type: UInt32 = 0) throws(PostgresError) {
    if let text, text.utf8.contains(0) { throw .invalid("a text with a zero byte") }
    self.text = text
    self.type = type
  }

  package static let null = PostgresArgument(nullOf: 0)

  private init(nullOf type: UInt32) {
    text = nil
    self.type = type
  }

  package func postgresArgument() -> PostgresArgument { self }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    switch self {
    case nil: .null
    case let value?: try value.postgresArgument()
    }
  }
}

/// A field of a row: the server's text and the type it has there.
package struct PostgresField: Sendable {
  /// The OID of `pg_type`; domains report that of their base type, enumerations their own.
  package let type: UInt32
  package let column: String
  let bytes: ArraySlice<UInt8>

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The error of a field that is no `wanted`; it does not quote the value.
  package func mismatch(_ wanted: String) -> PostgresError {
    .invalid("the column \"\(column)\" (type \(type)) cannot be read as \(wanted)")
  }
}

/// OIDs of `pg_type.dat`, which never change.
package enum PostgresType {
  package static let bool: UInt32 = 16
  package static let bytea: UInt32 = 17
  package static let int8: UInt32 = 20
  package static let int2: UInt32 = 21
  package static let int4: UInt32 = 23
  package static let text: UInt32 = 25
  package static let oid: UInt32 = 26
  package static let float4: UInt32 = 700
  package static let float8: UInt32 = 701
  package static let timestamp: UInt32 = 1114
  package static let timestamptz: UInt32 = 1184
  package static let numeric: UInt32 = 1700
}
