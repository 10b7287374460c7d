import Approvals
import Foundation
import Journal
import LuaRuntime
import LuaSyntax
import PrimitiveKit
import Runbooks
import Site

/// Reads a site file: evaluates it as data, then checks every field.
struct SiteLoader {
  /// Instructions a site file may take; one host in a loop takes about ten.
  private static let budget = 10_000_000

  let engine: LuaEngine
  /// What the domains read of a site.
  let sections: [any SiteSection.Type]

  /// Throws `site.unreadable`, what Lua says of the file, and `site.invalid` with file and line.
  func load(_ path: String) async throws(CallFailure) -> (site: Site, value: Value) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CallFailure(
        .invalid,
        code: "site.unreadable",
        message: "the site file \(path) cannot be read",
        hint: "check the path and its permissions"
      )
    }
    guard let source = String(validating: data, as: UTF8.self) else {
      throw CallFailure(.invalid, code: "site.unreadable", message: "the site file \(path) is not UTF-8 text")
    }
    let value = try await engine.evaluateData(source, name: "@\(path)", instructionBudget: SiteLoader.budget)
    do {
      // Only a mistake has the text read again, for its line.
      let site = try Site(decoding: value, sections: sections) { LuaFieldLocator(file: path, source: source)($0) }
      return (site, value)
    } catch {
      throw CallFailure(error)
    }
  }
}

extension Site {
  /// What the site says of second operators.
  var approvals: ApprovalSettings { sections[ApprovalSettings.self] }
  /// What the site says of its journal and its locks.
  var journal: JournalSettings { sections[JournalSettings.self] }
  /// What the site says of its runbooks.
  var runbooks: RunbookSettings { sections[RunbookSettings.self] }
}
