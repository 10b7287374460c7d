import LuaSyntax
import PrimitiveKit

extension LuaEngine {
  /// The SHA-256 of each module that a text requires by a literal name, and of those that these modules require, by name.
  ///
  /// A module that is not there is left out: whoever requires it is told.
  package nonisolated func modules(requiredBy source: String) -> [String: String] {
    let files = ModuleFiles(roots: configuration.moduleRoots)
    var found: [String: String] = [:]
    var unread = [source]
    while let text = unread.popLast() {
      for name in RequiredNames.all(in: text) where found[name] == nil {
        guard let module = files.text(of: name) else { continue }
        found[name] = SHA256(hashing: module.utf8).hex
        unread.append(module)
      }
    }
    return found
  }
}

extension ModuleFiles {
  /// The source of a module; nil for one that cannot be read.
  fileprivate func text(of name: String) -> String? {
    do throws(CallFailure) {
      let found = try find(name, isTracing: false)
      guard case .string(let text) = found["source"] else { return nil }
      return text
    } catch {
      return nil
    }
  }
}

/// The names in calls of `require` with a literal.
private struct RequiredNames: LuaVisitor {
  private var names: [String] = []

  static func all(in source: String) -> [String] {
    guard let text = try? CommandForm.rewrite(source, name: "=text"), let block = try? LuaParser.parse(text) else {
      return []
    }
    var visitor = RequiredNames()
    block.walk(&visitor)
    return visitor.names
  }

  mutating func enter(_ expression: LuaExpression) {
    guard case .call(let function, let arguments) = expression.kind, function.path == "require",
      let name = arguments.values.first?.bare.text
    else { return }
    names.append(name)
  }
}
