/// An operator before its operand.
package enum LuaUnaryOperator: String, Sendable {
  case minus = "-"
  case not
  case length = "#"
  case bitNot = "~"

  // lparser.c: UNARY_PRIORITY.
  static let priority = 12
}

/// An operator between two operands.
package enum LuaBinaryOperator: String, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "^"
  case concatenate = ".."
  case bitAnd = "&"
  case bitOr = "|"
  case bitXor = "~"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case equal = "=="
  case notEqual = "~="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case and
  case or

  /// Left and right priority; a right one that is lower makes the operator associate to the right (lparser.c).
  var priority: (left: Int, right: Int) {
    switch self {
    case .or: (1, 1)
    case .and: (2, 2)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: (3, 3)
    case .bitOr: (4, 4)
    case .bitXor: (5, 5)
    case .bitAnd: (6, 6)
    case .shiftLeft, .shiftRight: (7, 7)
    case .concatenate: (9, 8)
    case .add, .subtract: (10, 10)
    case .multiply, .divide, .floorDivide, .modulo: (11, 11)
    case .power: (14, 13)
    }
  }
}
