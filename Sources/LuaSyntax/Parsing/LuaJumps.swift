/// Checks that every `goto` has a label it may reach (manual 3.3.4, lparser.c).
struct LuaJumps: LuaVisitor {
  private struct Pending {
    let name: LuaName
    var locals: Int
  }

  private var failure: LuaSyntaxError?

  /// Throws the first jump that has no label, enters a local's scope, or label that exists already.
  static func check(_ block: LuaBlock) throws(LuaSyntaxError) {
    var jumps = LuaJumps()
    try jumps.function(block)
    // The functions inside are chunks of their own.
    block.walk(&jumps)
    if let failure = jumps.failure { throw failure }
  }

  mutating func enter(_ function: LuaFunctionBody) {
    guard failure == nil else { return }
    do throws(LuaSyntaxError) { try self.function(function.body) } catch { failure = error }
  }

  private mutating func function(_ block: LuaBlock) throws(LuaSyntaxError) {
    guard let open = try jumps(of: block, labels: []).first else { return }
    throw LuaSyntaxError(
      message: "no visible label '\(open.name.text)' for goto at line \(open.name.span.line)",
      line: open.name.span.line,
      offset: open.name.span.bytes.lowerBound
    )
  }

  // The jumps that leave the block; `labels` are those of the blocks around it that stand before it.
  private func jumps(of block: LuaBlock, labels outer: [LuaName], isLoopUntil: Bool = false) throws(LuaSyntaxError)
    -> [Pending]
  {
    var labels = outer
    var pending: [Pending] = []
    var locals: [LuaName] = []
    for (index, statement) in block.statements.enumerated() {
      switch statement.kind {
      case .label(let label):
        if let other = labels.first(where: { $0.text == label.text }) {
          throw LuaSyntaxError(
            message: "label '\(label.text)' already defined on line \(other.span.line)",
            line: label.span.line,
            offset: label.span.bytes.lowerBound
          )
        }
        let isLast = !isLoopUntil && block.statements[index...].allSatisfy(\.isLabel)
        for jump in pending where jump.name.text == label.text && !isLast && jump.locals < locals.count {
          throw LuaJumps.enters(jump.name, locals[jump.locals])
        }
        pending.removeAll { $0.name.text == label.text }
        labels.append(label)
      case .jump(let name) where !labels.contains(where: { $0.text == name.text }):
        pending.append(Pending(name: name, locals: locals.count))
      case .local(let names, _): locals += names.map(\.name)
      case .localFunction(let name, _): locals.append(name)
      default:
        for inner in statement.blocks {
          let isUntil = if case .repeatLoop = statement.kind { true } else { false }
          for jump in try jumps(of: inner, labels: labels, isLoopUntil: isUntil) {
            pending.append(Pending(name: jump.name, locals: locals.count))
          }
        }
      }
    }
    return pending
  }

  private static func enters(_ jump: LuaName, _ local: LuaName) -> LuaSyntaxError {
    LuaSyntaxError(
      message: "<goto \(jump.text)> at line \(jump.span.line) jumps into the scope of local '\(local.text)'",
      line: jump.span.line,
      offset: jump.span.bytes.lowerBound
    )
  }
}

extension LuaStatement {
  fileprivate var isLabel: Bool {
    if case .label = kind { return true }
    return false
  }
}
