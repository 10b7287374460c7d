import Foundations
package import PrimitiveKit
import Reference

/// Shows results at the prompt: scalars as Lua writes them, records as aligned tables.
package struct ValuePrinter: Sendable {
  /// Rows that the prompt shows before it says how many are left.
  package static let rowLimit = 200

  let records: RecordLayout
  /// The primitives by the text that stands for one where it is a value.
  private let functions: [String: String]

  /// Takes the catalog: its record types say in which order columns stand.
  package init(_ infos: [PrimitiveInfo]) {
    records = RecordLayout(infos)
    functions = Dictionary(infos.map { ("<function \($0.name)>", $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  /// The results of a call; nil when there is nothing to show.
  ///
  /// With a width in columns, tables fit into it and say what they leave out; without one everything is shown.
  package func text(_ values: [Value], columns: Int?) -> String? {
    guard !values.isEmpty, values != [.null] else { return nil }
    return values.map { value in
      function(value) ?? columns.map { text(value, columns: $0) } ?? whole(value)
    }
    .joined(separator: "\n")
  }

  /// Everything about a value: no row, column or character is left out.
  ///
  /// With a width in columns, lines are broken between words, and records too wide for a table stand one below the other.
  package func whole(_ value: Value, columns: Int? = nil) -> String {
    if let rows = Self.rows(of: value) {
      let lines = table(rows, columns: .max, limit: .max, isTerminal: columns != nil)
      guard let columns, lines.contains(where: { DisplayWidth.of($0) > columns }) else {
        return lines.joined(separator: "\n")
      }
      return rows.map { pages($0, columns: columns) }.joined(separator: "\n\n")
    }
    if case .table(let fields) = value, DisplayWidth.of(value.literal) > columns ?? 80 {
      return columns.map { pages(fields, columns: $0) } ?? sheet(fields, columns: .max).joined(separator: "\n")
    }
    return columns.map { WrappedText.folded(value.literal, within: $0) } ?? value.literal
  }

  /// One record, a line for each field, and more where a field needs them.
  private func pages(_ fields: [String: Value], columns: Int) -> String {
    sheet(fields, columns: .max, isTerminal: true).map { WrappedText.folded($0, within: columns) }
      .joined(separator: "\n")
  }

  /// What is said of a primitive that was named and not called; nil for every other value.
  private func function(_ value: Value) -> String? {
    guard case .string(let text) = value, let name = functions[text] else { return nil }
    return "\(name) is a function: \(name)() calls it, help(\(name)) explains it"
  }

  private func text(_ value: Value, columns: Int) -> String {
    if let rows = Self.rows(of: value) {
      return table(rows, columns: columns, limit: Self.rowLimit).joined(separator: "\n")
    }
    let literal = value.literal
    if DisplayWidth.of(literal) <= columns { return literal }
    switch value {
    case .table(let fields): return sheet(fields, columns: columns).joined(separator: "\n")
    case .array(let values): return (["{"] + values.map { "  \($0.literal)," } + ["}"]).joined(separator: "\n")
    default: return literal
    }
  }

  /// The records of a list; nil when it is no list of records.
  private static func rows(of value: Value) -> [[String: Value]]? {
    guard case .array(let values) = value, !values.isEmpty else { return nil }
    var rows: [[String: Value]] = []
    for value in values {
      guard case .table(let fields) = value, !fields.isEmpty else { return nil }
      rows.append(fields)
    }
    return rows
  }

  /// One record, a line for each field; what is cut ends in `…`.
  private func sheet(_ fields: [String: Value], columns: Int, isTerminal: Bool = false) -> [String] {
    var table = TextTable()
    let layout = records.columns(of: [fields])
    for name in layout.names {
      let value = fields[name] ?? .null
      let isTime = (isTerminal || columns != .max) && layout.times.contains(name)
      let time = isTime ? Self.localTime(value) : nil
      table.add([name, "=", time ?? (columns == .max ? value.literal : summary(value, columns: columns))])
    }
    let whole = table.lines()
    let fitted = whole.map { DisplayWidth.fit($0, into: columns) }
    return fitted == whole ? whole : fitted + ["(print_all(_) shows everything)"]
  }

  /// A field in a sheet: a long list of records by how many there are and what each says.
  private func summary(_ value: Value, columns: Int) -> String {
    let literal = value.literal
    guard DisplayWidth.of(literal) > columns / 2, let rows = Self.rows(of: value) else { return literal }
    let names = records.columns(of: rows).names.joined(separator: ", ")
    return "\(rows.count.counted("record")) of \(names)"
  }

  private func table(
    _ rows: [[String: Value]],
    columns width: Int,
    limit: Int,
    isTerminal: Bool = false
  ) -> [String] {
    let layout = records.columns(of: rows)
    let names = layout.names
    let shownRows = rows.prefix(limit)
    var cells = names.map { name in
      let isTime = (isTerminal || width != .max) && layout.times.contains(name)
      return [name]
        + shownRows.map { row in
          let value = row[name] ?? .null
          return (isTime ? Self.localTime(value) : nil) ?? Self.cell(value, isWhole: width == .max)
        }
    }
    var hidden: [String] = []
    var isCut = false
    while cells.count > 1, !isCut, Self.width(of: cells) > width {
      let last = cells.removeLast()
      let name = names[cells.count]
      let room = width - Self.width(of: cells) - 2
      // The first column that does not fit is still worth its beginning.
      isCut = room >= Self.leastRoom && !rows.allSatisfy { Self.isNumber($0[name]) }
      if isCut { cells.append(last.map { DisplayWidth.fit($0, into: room) }) } else { hidden.insert(name, at: 0) }
    }
    var table = TextTable(
      alignments: names.map { name in rows.allSatisfy { Self.isNumber($0[name]) } ? .right : .left }
    )
    for row in 0...shownRows.count { table.add(cells.map { $0[row] }) }
    var lines = table.lines()
    if !hidden.isEmpty {
      lines.append("+\(hidden.count.counted("column")): \(hidden.joined(separator: ", "))")
    }
    if shownRows.count < rows.count { lines.append("+\((rows.count - shownRows.count).counted("row"))") }
    if lines.count > shownRows.count + 1 {
      lines[lines.count - 1] += " (print_all(_) shows everything)"
    } else if isCut {
      lines.append("(print_all(_) shows everything)")
    }
    guard width != .max else { return lines }
    // The lines of the table fit as they are.
    let foot = lines.dropFirst(shownRows.count + 1).map { WrappedText.folded($0, within: width) }
    return lines.prefix(shownRows.count + 1) + foot
  }

  /// A point in time as people at this machine say it; nil for what is none.
  private static func localTime(_ value: Value) -> String? {
    guard case .string(let text) = value else { return nil }
    return Instant.milliseconds(text).map { Instant.words($0) }
  }

  private static func width(of cells: [[String]]) -> Int {
    cells.map { $0.map(DisplayWidth.of).max() ?? 0 }.reduce(0, +) + 2 * (cells.count - 1)
  }

  private static func isNumber(_ value: Value?) -> Bool {
    switch value {
    case .int, .number, .null, nil: true
    default: false
    }
  }

  /// The narrowest that a column of texts is cut to; with less room it is hidden.
  private static let leastRoom = 20

  /// Longest text of a cell; what is cut ends in `…`.
  private static let cellLimit = 60

  private static func cell(_ value: Value, isWhole: Bool) -> String {
    let text: String =
      switch value {
      case .null: "-"
      case .string(let string): isPlain(string) ? string : value.literal
      case .array(let values): list(values) ?? value.literal
      default: value.literal
      }
    return isWhole ? text : DisplayWidth.fit(text, into: cellLimit)
  }

  /// Plain names in one cell; nil when a name could be taken for two.
  private static func list(_ values: [Value]) -> String? {
    var names: [String] = []
    for value in values {
      guard case .string(let name) = value, isPlain(name), !name.isEmpty, !name.contains(",") else { return nil }
      names.append(name)
    }
    return names.isEmpty ? "{}" : names.joined(separator: ", ")
  }

  // Text that could be taken for something else, or that would break the row, is quoted.
  private static func isPlain(_ text: String) -> Bool {
    text != "-" && text.first != " " && text.last != " "
      && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
