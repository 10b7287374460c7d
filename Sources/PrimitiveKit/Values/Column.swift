import Foundations

/// A field of a record, declared once: its name, what help says of it, and where its value comes from.
///
/// Lua fields, help, reference, JSON and the columns of tables all come from it, in the order of declaration.
package struct Column<Owner: Sendable>: Sendable {
  package let field: FieldInfo
  package let read: @Sendable (Owner) -> Value
  /// Whether help and tables name it; one that they do not is in the table all the same.
  fileprivate var isListed = true

  /// A field that is a property; its type is that of the property.
  package init<Content: ValueConvertible>(
    _ path: any KeyPath<Owner, Content> & Sendable,
    _ name: String,
    _ help: String
  ) {
    self.init(name, help) { $0[keyPath: path] }
  }

  /// A field that is computed; `type` is said where the Swift type does not tell it.
  package init<Content: ValueConvertible>(
    _ name: String,
    _ help: String,
    type: String? = nil,
    _ content: @escaping @Sendable (Owner) -> Content
  ) {
    field = FieldInfo(name, type ?? Content.luaType, help)
    read = { content($0).value }
  }

  /// A point in time, in milliseconds since 1970; `none` is shown for nil.
  ///
  /// Scripts and JSON get it as ISO 8601 with the offset of this machine, a terminal shows it in local time.
  package init(
    time name: String,
    _ help: String,
    none: String = "",
    _ milliseconds: @escaping @Sendable (Owner) -> Int64?
  ) {
    field = FieldInfo(name, String.luaType, help, isTime: true)
    read = { milliseconds($0).map { .string(Instant.local($0)) } ?? .string(none) }
  }

  /// A field that is a list of records, whose own fields help shows below it.
  package init<Entry: Record>(
    records name: String,
    _ help: String,
    _ entries: @escaping @Sendable (Owner) -> [Entry]
  ) {
    field = FieldInfo(name, [Entry].luaType, help, fields: Entry.fields)
    read = { entries($0).value }
  }

  private init(_ field: FieldInfo, _ read: @escaping @Sendable (Owner) -> Value) {
    self.field = field
    self.read = read
  }

  /// The same field, which help and tables do not name.
  package var unlisted: Column {
    var column = self
    column.isListed = false
    return column
  }

  /// The same field of a record that holds this one.
  package func within<Whole: Sendable>(_ part: @escaping @Sendable (Whole) -> Owner) -> Column<Whole> {
    var column = Column<Whole>(field) { read(part($0)) }
    column.isListed = isListed
    return column
  }
}

/// A value that only travels from Swift to Lua.
package protocol Answered: ValueConvertible {}

extension Answered {
  package init(_ value: Value) throws(ConversionError) {
    throw ConversionError(expected: "nothing: \(Self.luaType) can only be a result", found: value)
  }
}

/// A table with named fields, which only travels from Swift to Lua.
package protocol Record: Answered {
  /// Its fields in printing order.
  static var columns: [Column<Self>] { get }
}

extension Record {
  package static var fields: [FieldInfo] { columns.filter(\.isListed).map(\.field) }

  package var value: Value {
    var table: [String: Value] = [:]
    for column in Self.columns { table[column.field.name] = column.read(self) }
    return .table(table)
  }
}
