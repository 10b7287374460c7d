package import PrimitiveKit

/// Finds the line of a field in the Lua text of a table, for error messages.
///
/// Follows the table constructors of the returned table, as written; of a text that returns none, its first one. A field
/// that code computes has no line of its own; it gets the line of the nearest field around it, at last line 1. So does
/// every field of a text that is not Lua.
package struct LuaFieldLocator: Sendable {
  package let file: String
  private let places: [String: SourcePlace]

  package init(file: String, source: String) {
    self.file = file
    guard let text = try? CommandForm.rewrite(source, name: "=text"), let block = try? LuaParser.parse(text) else {
      places = [:]
      return
    }
    var fields = LuaFieldPlaces(file: file, text: text)
    if let table = block.returnedTable { fields.note(table, path: "") }
    places = fields.places
  }

  /// Where a field stands, given its path as it would be written in Lua: `hosts[3].address`.
  package func callAsFunction(_ path: String) -> SourcePlace {
    var path = Substring(path)
    while !path.isEmpty {
      if let place = places[String(path)] { return place }
      path = path[..<(path.lastIndex { $0 == "." || $0 == "[" } ?? path.startIndex)]
    }
    return SourcePlace(file: file, line: 1)
  }
}

extension LuaBlock {
  /// The table that the text returns: written there, or in the `local` of that name; else the first of the text.
  fileprivate var returnedTable: [LuaTableField]? {
    if case .returning(let values)? = statements.last?.kind, let value = values.first?.bare {
      switch value.kind {
      case .table(let fields): return fields
      case .name(let name): if let fields = table(named: name.text) { return fields }
      default: break
      }
    }
    var first = FirstTable()
    walk(&first)
    return first.fields
  }

  // The last one of that name, as Lua sees it at the end of the text.
  private func table(named name: String) -> [LuaTableField]? {
    for statement in statements.reversed() {
      switch statement.kind {
      case .local(let locals, let values):
        for (local, value) in zip(locals, values) where local.name.text == name {
          if case .table(let fields) = value.bare.kind { return fields }
        }
      case .assignment(let targets, let values):
        for (target, value) in zip(targets, values) where target.path == name {
          if case .table(let fields) = value.bare.kind { return fields }
        }
      default: break
      }
    }
    return nil
  }
}

private struct FirstTable: LuaVisitor {
  var fields: [LuaTableField]?

  mutating func enter(_ expression: LuaExpression) {
    if fields == nil, case .table(let table) = expression.kind { fields = table }
  }
}

/// Notes the place of each field of a table.
private struct LuaFieldPlaces {
  let file: String
  private(set) var places: [String: SourcePlace] = [:]
  private let text: [UInt8]

  init(file: String, text: String) {
    self.file = file
    self.text = Array(text.utf8)
  }

  // Of two fields with one name the last counts, as in Lua.
  mutating func note(_ table: [LuaTableField], path: String) {
    var position = 0
    for field in table {
      switch field {
      case .named(let name, let value):
        note(value, at: name.span, path: path.isEmpty ? name.text : "\(path).\(name.text)")
      case .keyed(let key, let value):
        switch key.bare.kind {
        case .string:
          if let name = key.bare.text { note(value, at: key.span, path: LuaFieldPath.child(of: path, name)) }
        case .integer(let index): note(value, at: key.span, path: "\(path)[\(index)]")
        default: break
        }
      case .positional(let value):
        position += 1
        note(value, at: value.span, path: "\(path)[\(position)]")
      }
    }
  }

  private mutating func note(_ value: LuaExpression, at span: LuaSpan, path: String) {
    let start = text[..<span.bytes.lowerBound].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    places[path] = SourcePlace(file: file, line: span.line, column: span.bytes.lowerBound - start + 1)
    if case .table(let fields) = value.bare.kind { note(fields, path: path) }
  }
}
