import LuaSyntax
import PrimitiveKit
import RunbookHeader

extension LintContext {
  /// Whether a lock on hosts that are written out covers the hosts that run and undo write out.
  ///
  /// What parameters, groups and environments stand for is known only to a plan, which says it there.
  func checkLock() {
    guard let header, tree != nil, !header.locks.isEmpty,
      header.locks.allSatisfy({ $0.namesHosts && $0.placeholders.isEmpty })
    else { return }
    let locked = Set(header.locks.filter { $0.mode == .exclusive }.map { String($0.text.dropFirst("host/".count)) })
    for (name, body) in parts where ["run", "undo"].contains(name) {
      for expression in LintReach(body, bindings, tree).expressions {
        guard case .call(let callee, let values) = expression.kind, let info = primitive(callee), info.effect != .reads
        else { continue }
        checkHosts(LintCall(info, values.values), in: name, locked)
      }
    }
  }

  private func checkHosts(_ call: LintCall, in part: String, _ locked: Set<String>) {
    for parameter in call.info.parameters where parameter.type == LintContext.hostsType {
      guard let argument = call.arguments[parameter.name] else { continue }
      for literal in bindings.unfolded(argument) {
        guard let host = literal.text, LockScope("host/\(host)")?.path == ["host", host], LintContext.isName(host),
          !locked.contains(host)
        else { continue }
        add(
          .lockNarrow,
          literal.span,
          "\(part) changes '\(host)', which the lock does not cover",
          hint: "add \"host/\(host)\" to lock"
        )
      }
    }
  }

  /// The type of parameters that select hosts.
  private static let hostsType = "string|set"

  private static func isName(_ text: String) -> Bool {
    text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" } && text != "all"
  }
}
