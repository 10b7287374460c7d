import Foundation

/// What a terminal would show: enough of ECMA-48 and xterm for line editors and progress lines.
package struct Screen: Sendable {
  /// The height in rows.
  private(set) package var rows: Int
  /// The width in columns.
  private(set) package var columns: Int
  /// Where the next character goes, from zero.
  private(set) package var cursor: (row: Int, column: Int) = (0, 0)
  /// Printed characters, tabs and line feeds in the order they came, without any cursor movement.
  private(set) package var transcript = ""
  /// True between `ESC[?2004h` and `ESC[?2004l`.
  private(set) package var isPasteBracketed = false

  /// True once a control sequence (`ESC[`) came.
  private(set) package var hasSeenEscapes = false

  private var cells: [[String]]
  private var pendingWrap = false
  private var inserting = false
  private var parser = EscapeParser()

  /// Makes an empty screen.
  package init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  /// The rows without trailing blanks, joined by newlines, without trailing empty rows.
  package var text: String {
    var lines = cells.map { $0.joined().trimmingSuffix(" ") }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Takes what a program wrote.
  package mutating func feed(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if let token = parser.consume(byte) { apply(token) }
    }
  }

  /// Changes the size and keeps what still fits; wrapped rows are not joined again.
  package mutating func resize(rows: Int, columns: Int) {
    cells = cells.map { Array($0.prefix(columns)) + Array(repeating: " ", count: max(0, columns - $0.count)) }
    while cells.count > rows { cells.removeFirst() }
    while cells.count < rows { cells.append(Array(repeating: " ", count: columns)) }
    (self.rows, self.columns) = (rows, columns)
    cursor = (min(cursor.row, rows - 1), min(cursor.column, columns - 1))
    pendingWrap = false
  }

  private mutating func apply(_ token: EscapeParser.Token) {
    switch token {
    case .character(let character): put(character)
    case .control(let byte): control(byte)
    case .sequence(let parameters, let isPrivate, let final):
      hasSeenEscapes = true
      sequence(parameters, isPrivate, final)
    }
  }

  private mutating func control(_ byte: UInt8) {
    switch byte {
    case 8: cursor.column = max(0, cursor.column - 1)
    case 9:
      transcript.append("\t")
      cursor.column = min(columns - 1, (cursor.column / 8 + 1) * 8)
    case 10:
      transcript.append("\n")
      lineFeed()
    case 13: cursor.column = 0
    default: return
    }
    pendingWrap = false
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    transcript.unicodeScalars.append(scalar)
    let width = Self.width(scalar)
    if width == 0 {
      cells[cursor.row][max(0, cursor.column - 1)].unicodeScalars.append(scalar)
      return
    }
    if pendingWrap || cursor.column + width > columns {
      cursor.column = 0
      lineFeed()
      pendingWrap = false
    }
    if inserting {
      cells[cursor.row].insert(contentsOf: Array(repeating: " ", count: width), at: cursor.column)
      cells[cursor.row].removeLast(width)
    }
    cells[cursor.row][cursor.column] = String(scalar)
    if width == 2 { cells[cursor.row][cursor.column + 1] = "" }
    cursor.column += width
    if cursor.column >= columns {
      cursor.column = columns - 1
      pendingWrap = true
    }
  }

  private mutating func lineFeed() {
    if cursor.row < rows - 1 {
      cursor.row += 1
    } else {
      cells.removeFirst()
      cells.append(Array(repeating: " ", count: columns))
    }
  }

  private mutating func sequence(_ parameters: [Int], _ isPrivate: Bool, _ final: Character) {
    let first = parameters.first ?? 0
    let count = max(1, first)
    switch final {
    case "A": cursor.row = max(0, cursor.row - count)
    case "B": cursor.row = min(rows - 1, cursor.row + count)
    case "C": cursor.column = min(columns - 1, cursor.column + count)
    case "D": cursor.column = max(0, cursor.column - count)
    case "G": cursor.column = min(columns, count) - 1
    case "H": cursor = (min(rows, count) - 1, min(columns, max(1, parameters.dropFirst().first ?? 1)) - 1)
    case "J": erase(first == 2 ? 0 : cursor.row, whole: first == 2)
    case "K":
      blank(row: cursor.row, first == 0 ? cursor.column..<columns : first == 1 ? 0..<cursor.column + 1 : 0..<columns)
    case "P":
      let count = min(count, columns - cursor.column)
      cells[cursor.row].removeSubrange(cursor.column..<cursor.column + count)
      cells[cursor.row] += Array(repeating: " ", count: count)
    case "@":
      cells[cursor.row].insert(contentsOf: Array(repeating: " ", count: count), at: cursor.column)
      cells[cursor.row].removeLast(count)
    case "h", "l":
      if isPrivate && first == 2004 { isPasteBracketed = final == "h" }
      if !isPrivate && first == 4 { inserting = final == "h" }
      return
    default: return
    }
    pendingWrap = false
  }

  private mutating func erase(_ row: Int, whole: Bool) {
    if !whole { blank(row: row, cursor.column..<columns) }
    for below in (whole ? row : row + 1)..<max(rows, row + 1) where below < rows { blank(row: below, 0..<columns) }
  }

  private mutating func blank(row: Int, _ range: Range<Int>) {
    for column in range { cells[row][column] = " " }
  }

  /// Columns of a character; wide ones are those of East Asia and emoji (UAX #11), roughly.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60: 2
    case 0x1F300...0x1FAFF, 0x20000...0x3FFFD: 2
    default: 1
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    var text = self[...]
    while text.last == character { text.removeLast() }
    return String(text)
  }
}
