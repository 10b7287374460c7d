import Journal
import PostgresClient

extension DatabaseValue {
  /// The argument of a statement; the journal knows texts and 64-bit integers only.
  func argument() throws(PostgresError) -> PostgresArgument {
    switch self {
    case .null: .null
    case .int(let int): try int.postgresArgument()
    case .text(let text): try PostgresArgument(text, type: PostgresType.text)
    }
  }

  /// A field as the journal reads it: whole numbers and truth values as integers, the rest as text.
  init(_ field: PostgresField?) {
    guard let field else {
      self = .null
      return
    }
    let text = field.text
    if DatabaseValue.numbers.contains(field.type), let int = Int64(text) {
      self = .int(int)
    } else {
      self = field.type == PostgresType.bool ? .int(text == "t" ? 1 : 0) : .text(text)
    }
  }

  // Sums of bigint are numeric.
  private static let numbers = [
    PostgresType.int8, PostgresType.int2, PostgresType.int4, PostgresType.oid, PostgresType.numeric,
  ]
}
